"""The names that chanx uses itself in consumers: a class of the application's that has one of them breaks something.

Python lets it, and says nothing. A handler called ``look`` would be called every 50 ms by the watchdog.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

#: Those without an underscore, by which other parts of chanx reach a connection.
SHARED_NAMES: Final = frozenset(
    {
        "chanx_presence",
        "end_connection",
        "heard",
        "is_idle",
        "leave_off",
        "look",
        "on_disconnect",
        "on_loss",
        "on_trouble",
        "recheck_connection",
    }
)


@cache
def own_names(root: Any) -> frozenset[str]:
    """The names that nobody who derives from ``root`` may define: private ones of its classes, and shared ones."""
    package = __name__.partition(".")[0]
    classes = [base for base in root.__mro__ if base.__module__.partition(".")[0] == package]
    names = {name for base in classes for name in (*vars(base), *vars(base).get("__annotations__", ()))}
    return SHARED_NAMES | {name for name in names if name.startswith("_") and not _is_pythons(name)}


def clash(cls: type[Any], root: Any, defined: Iterable[str]) -> tuple[type[Any], str] | None:
    """The first of ``root``'s own names in a class, which ``defined`` these, or in a mixin, and where; None without."""
    # Not in other consumers, which have been looked at themselves: they have got attributes of chanx's since.
    mixins = [base for base in cls.__mro__ if base not in root.__mro__ and not isinstance(base, type(root))]
    for base, names in ((cls, defined), *((mixin, vars(mixin)) for mixin in mixins)):
        if taken := own_names(root).intersection(names):
            return base, min(taken)
    return None


def _is_pythons(name: str) -> bool:
    return name.startswith("__") or name in ("_abc_impl", "_is_protocol")
