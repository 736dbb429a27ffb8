"""The names of attributes that Python keeps once for all connections of a class."""

import sys
from abc import ABC, abstractmethod
from typing import Any

import pytest

from chanx.generic.attributes import share_names


class Root:
    """Stands for chanx's own classes."""

    def __init__(self) -> None:
        self.of_root = 1


class Application(Root):
    async def connect(self) -> None:
        self.room = self.seat = 1

    def leave(self) -> None:
        self.room = 2


def names_are_shared(cls: type[Any]) -> bool:
    """Whether instances that get their attributes late, and in another order, have no tables of names of their own."""
    early = [cls() for _ in range(100)]
    for each in early:
        each.seat, each._is_open, each.room = 1, True, 2
    # The table of one that has its own names is larger (PEP 412).
    own = dict.fromkeys(vars(early[0]))
    return all(sys.getsizeof(vars(each)) < sys.getsizeof(own) for each in early)


def test_what_methods_assign_is_known_before_the_first_connection() -> None:
    share_names(Application, Root)
    assert names_are_shared(Application)


def test_what_belongs_to_chanx_or_to_nobody_is_left_alone() -> None:
    class Abstract(Root, ABC):
        @abstractmethod
        def handle(self) -> None: ...

    for cls in (Root, Abstract):
        share_names(cls, Root)
    assert vars(Root()) == {"of_root": 1}
    with pytest.raises(TypeError, match="abstract"):
        Abstract()  # type: ignore[abstract]  # what it is about
