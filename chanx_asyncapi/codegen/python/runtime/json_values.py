"""Values of JSON that nobody has validated."""

import json
import math
from typing import Any, cast


def parsed(data: str | bytes) -> Any:
    """The value of a text; None when it is no JSON."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def as_object(value: object) -> dict[str, Any]:
    """``value`` where it is an object; an empty one where it is anything else."""
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """``value`` where it is an array; one that holds it where it is anything else."""
    return [*value] if isinstance(value, list) else [value]


def as_seconds(data: dict[str, Any]) -> float | None:
    """What an object says in ``retry_after``."""
    value = data.get("retry_after", data.get("retryAfter"))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None
