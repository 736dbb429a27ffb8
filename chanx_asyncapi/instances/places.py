"""What makes a value, and what it is told about where."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

Schema = Mapping[str, Any]


class NoInstanceError(Exception):
    """No value was found for a schema. There may be one all the same: a pattern may be too difficult."""


class TooLargeError(NoInstanceError):
    """The value gets too large; there is no use in looking for alternatives."""


class Place(NamedTuple):
    """Where in a value something is made. A tuple, because one is made for each part."""

    #: The key that leads here.
    name: str
    #: The references that were followed on the way.
    path: frozenset[str] = frozenset()
    depth: int = 0
    #: What a default further out says.
    hint: Any = None
    #: Which of several values for one schema, from 0.
    number: int = 0


class Maker(Protocol):
    """Makes the parts of a value."""

    @property
    def read_only(self) -> bool:
        """Whether properties that are ``readOnly`` are made."""
        ...

    def value(self, schema: Schema | bool, at: Place) -> Any:
        """A value for ``schema``. Raises NoInstanceError."""
        ...

    def has_room(self, at: Place) -> bool:
        """Whether what is not required is made as well."""
        ...

    def is_telling(self, schema: Schema | bool, at: Place) -> bool:
        """Whether an optional property tells a reader anything."""
        ...
