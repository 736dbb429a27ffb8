"""The attributes of connections, whose names Python keeps once for all connections of a class, if it can.

It can as long as there are no more than thirty (PEP 412). But CPython gives up room for one name with each instance
that is made before the others are known. Of clients who connect at the same moment, and wait for the channel layer or
the database midway, each would get a table of names of its own, of more than a kilobyte, and so would all who come
later. So a class is told the names before it has connections.
"""

from collections.abc import Iterator
from contextlib import suppress
from dis import opmap
from types import FunctionType
from typing import Any, Final

#: What a connection gets as time goes on, beside what is in slots and what the application gives it.
_OWN_NAMES: Final = (
    "groups",
    "scope",
    "base_send",
    "channel_layer",
    "_is_busy",
    "_busy_rounds",
    "_is_watched",
    "authenticator",
    "user",
    "obj",
    "request",
    "_authenticated",
    "_is_open",
    "_joins_begun",
    "_signature",
    "_hub_member",
)

_STORE_ATTR: Final = opmap.get("STORE_ATTR")


def share_names(cls: type[Any], root: type[Any]) -> None:
    """Makes known which attributes the connections of a class will have; ``root`` and its bases are chanx's own."""
    with suppress(TypeError):  # an abstract class has no instances
        first = vars(object.__new__(cls))
        for name in dict.fromkeys((*_OWN_NAMES, *_stored_names(cls, root))):
            first[name] = None


def _stored_names(cls: type[Any], root: type[Any]) -> Iterator[str]:
    """Attributes that the methods of the application assign, as far as their code can be read."""
    for base in cls.__mro__:
        if base in root.__mro__:
            continue
        for member in vars(base).values():
            if isinstance(member, FunctionType):
                code = member.__code__
                for operation, index in zip(code.co_code[::2], code.co_code[1::2], strict=False):
                    if operation == _STORE_ATTR:
                        yield from code.co_names[index : index + 1]
