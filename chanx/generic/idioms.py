"""What the code of a consumer class says about how it uses the channel layer."""

import inspect
from collections.abc import Iterator
from types import CodeType
from typing import Any, Final

_NAME: Final = "channel_name"


def tells_channel_name(cls: type[Any], root: type[Any]) -> bool:
    """Whether anything in the class, or in its bases up to ``root``, names ``channel_name``.

    Whoever can learn the name of a connection may put it into groups and take it out of them, from any process, so
    that the layer alone knows where it is a member. An annotation ``channel_name: str`` says so without any code.
    """
    return any(
        _NAME in vars(base).get("__annotations__", {}) or any(_names(member) for member in vars(base).values())
        for base in _own_classes(cls, root)
    )


def _own_classes(cls: type[Any], root: type[Any]) -> Iterator[type[Any]]:
    known = set(root.__mro__)
    return (base for base in cls.__mro__ if base not in known)


def _names(member: object) -> bool:
    """Whether the code of a function names it; functions that decorators have wrapped are looked at as well."""
    seen: set[int] = set()
    waiting: list[Any] = [member]
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        if isinstance(found, staticmethod | classmethod):
            waiting.append(found.__func__)
        elif isinstance(found, property):
            waiting.extend(each for each in (found.fget, found.fset, found.fdel) if each is not None)
        elif isinstance(found, CodeType):
            if _NAME in found.co_names or _NAME in found.co_consts:
                return True
            waiting.extend(each for each in found.co_consts if isinstance(each, CodeType))
        elif inspect.isfunction(found):
            waiting.append(found.__code__)
            waiting.extend(_closed_over(found))
        elif hasattr(found, "__wrapped__"):
            waiting.append(found.__wrapped__)
        elif callable(inner := getattr(found, "func", None)):
            # functools.partial and cached_property, and asgiref's adapters.
            waiting.append(inner)
    return False


def _closed_over(function: Any) -> Iterator[Any]:
    """Functions that a function has in its closure: what a decorator has wrapped."""
    for cell in function.__closure__ or ():
        try:
            content = cell.cell_contents
        except ValueError:  # not filled yet: the class that is being made
            continue
        if inspect.isfunction(content):
            yield content
