"""JSON data of documents that nobody has validated: what is there, what is the same, and how to show it."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

#: Characters of a value that are shown.
_LONGEST: Final = 80


def as_object(value: object) -> Mapping[str, Any]:
    """``value`` where it is an object; an empty one where it is anything else."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> Sequence[Any]:
    """``value`` where it is an array; an empty one where it is anything else."""
    return value if isinstance(value, list) else ()


def as_text(value: object) -> str | None:
    """``value`` where it is a text."""
    return value if isinstance(value, str) else None


def is_number(value: object) -> bool:
    """Whether ``value`` is a number; to Python ``true`` is one too."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def same(first: Any, second: Any) -> bool:
    """Whether two values are equal in JSON: to Python ``true`` is 1 as well (RFC 8259, 3)."""
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(value, second[key]) for key, value in first.items())
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(same, first, second))
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)


def identity(value: Any) -> str:
    """A text that is the same for equal values, and for no others."""
    return json.dumps(_plain_numbers(value), sort_keys=True)


def shown(value: Any) -> str:
    """``value`` as JSON, shortened: for people."""
    if isinstance(value, str):
        value = value[: _LONGEST + 1]  # the rest would be encoded for nothing
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _plain_numbers(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain_numbers(item) for key, item in value.items()}
        case list():
            return [_plain_numbers(item) for item in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
