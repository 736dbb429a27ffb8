"""The demo's settings, with what a test adds to ``CHANX``."""

import json
import os
from typing import Any

from config.settings import *  # noqa: F403 - all of them
from config.settings import CHANX as DEMO_CHANX
from config.settings import REST_FRAMEWORK as DEMO_REST_FRAMEWORK

CHANX: dict[str, Any] = {**DEMO_CHANX, **json.loads(os.environ.get("CONTRACT_CHANX", "{}"))}
REST_FRAMEWORK: dict[str, Any] = {
    **DEMO_REST_FRAMEWORK,
    "DEFAULT_THROTTLE_RATES": {**DEMO_REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "wire": "1/day"},
}
