"""The demo's settings, with what a test adds to ``CHANX``."""

import json
import os
from typing import Any

from config import settings as demo
from tests.docs.pages import blocks

globals().update({name: getattr(demo, name) for name in dir(demo) if name.isupper()})

CHANX: dict[str, Any] = {**demo.CHANX, **json.loads(os.environ.get("CONTRACT_CHANX", "{}"))}

_RATES: Any = demo.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
REST_FRAMEWORK: dict[str, Any] = {**demo.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {**_RATES, "wire": "1/day"}}

if page := os.environ.get("CONTRACT_LOGGING"):
    # As a page of the documentation says.
    _values: dict[str, Any] = {}
    for block in blocks(page, language="python"):
        exec(block.text, _values)
    LOGGING: dict[str, Any] = _values["LOGGING"]
