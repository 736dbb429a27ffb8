"""What keeps a long frame that is wrong from costing more than one that is right.

pydantic collects every error. Whoever sends 64 KiB of ``{}`` into a list of a union makes it collect a hundred
thousand, which takes a tenth of a second, and nobody reads them. So a long frame is validated by a validator that stops
at the first error of each collection.

And each error holds what it is about as Python data, made anew for each: of one frame, a million objects. Python's
garbage collector looks at all of them, and at whatever else the process has loaded, again and again, although nothing
of it is garbage; that takes several times as long as the rest. So it waits until the frame is decided.
"""

import gc
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final

#: Characters of a frame up to which all of its errors are collected.
COMPLETE_UP_TO: Final = 8 * 1024

#: Keys of a core schema whose values are data of the user's, not schemas.
NOT_SCHEMAS: Final = frozenset({"metadata", "default", "expected", "members", "config", "cls", "ref"})

#: Keys whose values are schemas by a name that the user has chosen, which may be any of these keys.
_BY_NAME: Final = frozenset({"fields", "choices"})

_COLLECTIONS: Final = frozenset({"list", "tuple", "set", "frozenset", "deque", "dict"})


def with_parts(schema: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """A core schema with what ``change`` makes of its parts: the very same object where each stays the same."""
    changed: dict[str, Any] = {}
    for key, value in schema.items():
        if key in NOT_SCHEMAS:
            continue
        if key in _BY_NAME and isinstance(value, dict):
            parts = {name: change(part) for name, part in value.items()}
            new: Any = value if all(parts[name] is part for name, part in value.items()) else parts
        else:
            new = change(value)
        if new is not value:
            changed[key] = new
    return {**schema, **changed} if changed else schema


def failing_fast(schema: Any) -> Any:
    """A copy of a core schema in which each collection stops at the first of its items that is wrong.

    It accepts what ``schema`` accepts. Where pydantic-core does not know how to stop, all errors are collected.
    """
    if isinstance(schema, list | tuple):
        return type(schema)(failing_fast(item) for item in schema)
    if not isinstance(schema, dict):
        return schema
    copy = with_parts(schema, failing_fast)
    return {**copy, "fail_fast": True} if copy.get("type") in _COLLECTIONS else copy


@contextmanager
def collector_paused() -> Generator[None]:
    """Has the garbage collector wait, for what takes milliseconds and leaves no garbage in cycles."""
    if not gc.isenabled():
        # Another thread has it wait, or the application never wants it.
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
