"""The live connections of an event loop: what a shutdown ends, and what a revocation looks for.

A connection is known from its first event to its last, and by its user once it is authenticated. Nothing here keeps
a connection, or an event loop, alive.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary, ref

from django.conf import settings

from chanx.close_codes import CloseCode


class Connection(Protocol):
    """A client that is connected; a consumer is one."""

    async def end_connection(self, code: CloseCode) -> None:
        """Closes with ``code``, cancels what is being handled and drops what waits. May be called at any time."""


class Connections:
    """The connections of one event loop. Used in that loop only."""

    def __init__(self) -> None:
        self._all: set[ref[Connection]] = set()
        self._by_user: dict[str, set[ref[Connection]]] = {}

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "Connections":
        """Those of an event loop; of a process, when it runs only one."""
        found = _connections.get(loop)
        if found is None:
            found = _connections[loop] = cls()
        return found

    def enter(self, connection: Connection) -> None:
        """Remembers a client that begins to connect."""
        self._all.add(ref(connection))

    def admit(self, connection: Connection, user: str) -> None:
        """Remembers whose connection it is: a :func:`user_key`."""
        self._by_user.setdefault(user, set()).add(ref(connection))

    def leave(self, connection: Connection, user: str | None) -> None:
        """Forgets a connection; a second time is nothing. ``user`` is the one it was admitted with, if it was."""
        reference = ref(connection)
        self._all.discard(reference)
        if user is not None and (owned := self._by_user.get(user)) is not None:
            owned.discard(reference)
            if not owned:
                del self._by_user[user]

    def of_user(self, user: str) -> tuple[Connection, ...]:
        """The connections that were admitted for a user."""
        return _alive(self._by_user.get(user, ()))

    def count_of_user(self, user: str) -> int:
        """How many there are; cheaper than counting :meth:`of_user`."""
        return len(self._by_user.get(user, ()))

    def __iter__(self) -> Iterator[Connection]:
        """All of them, also those that are not authenticated yet; a snapshot."""
        return iter(_alive(self._all))

    def __len__(self) -> int:
        return len(self._all)


def user_key(user: Any) -> str | None:
    """What a user is known by in every process: model and primary key. None for one without a key, an anonymous one.

    An object that is no model, such as the TokenUser of a JWT, stands for the user of AUTH_USER_MODEL with its key.
    """
    pk = getattr(user, "pk", None)
    if pk is None:
        return None
    meta = getattr(user, "_meta", None)
    # A proxy of a model is the same user.
    model = settings.AUTH_USER_MODEL.lower() if meta is None else meta.concrete_model._meta.label_lower
    return f"{model}:{pk}"


def _alive(references: "set[ref[Connection]] | tuple[()]") -> tuple[Connection, ...]:
    # A loop that is abandoned with its connections leaves references to nothing.
    return tuple(connection for reference in references if (connection := reference()) is not None)


_connections: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Connections]] = WeakKeyDictionary()
