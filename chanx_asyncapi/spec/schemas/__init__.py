"""The official JSON Schemas of AsyncAPI documents, as data. Their origin and licence stand beside them."""

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, TypeAlias, get_args

#: The versions of AsyncAPI that can be written and validated.
Version: TypeAlias = Literal["3.0.0", "3.1.0"]
VERSIONS: Final[tuple[Version, ...]] = get_args(Version)
DEFAULT_VERSION: Final[Version] = "3.1.0"


@cache
def official_schema(version: Version) -> dict[str, Any]:
    """Return the JSON Schema (draft-07) of AsyncAPI ``version``. It is shared: never change it."""
    text = files(__name__).joinpath(f"asyncapi-{version}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
