"""The live connections of an event loop: what a shutdown ends, and what a revocation looks for.

A connection is known from its first event to its last, and by its user once it is authenticated. Nothing here keeps
a connection, or an event loop, alive.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from contextvars import Context
from dataclasses import dataclass
from typing import Any, Final, Protocol
from weakref import WeakKeyDictionary, ref

from django.conf import settings

from chanx.rechecks import Rechecks

#: Seconds that a revocation is remembered, for handshakes that had read the user before it came.
MEMORY: Final = 120.0


class Connection(Protocol):
    """A client that is connected; a consumer is one."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being handled."""
        ...

    def leave_off(self) -> None:
        """Handles no more messages after those that are being handled."""

    async def end_connection(self, code: int) -> None:
        """Closes with ``code``, cancels what is being handled and drops what waits. May be called at any time."""

    async def recheck_connection(self) -> float | None:
        """Closes unless the client would still be let in (see Rechecked)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What an authenticated connection relies on, as :func:`user_key` and :func:`digest` write it."""

    user: str
    #: The session that has authenticated the client; None when something else has.
    session: str | None = None
    #: Django's session hash of the user, which changes with the password; None for a user without one.
    password: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """Takes the right to be connected from connections of one user."""

    user: str
    #: With which code they are closed; None rechecks them instead.
    code: int | None = None
    #: Concerns this session only.
    session: str | None = None
    #: Concerns only what was opened while the user had another password than this.
    password: str | None = None

    def concerns(self, admission: Admission) -> bool:
        """Whether it takes the right from a connection with this admission."""
        if admission.user != self.user or self.session not in (None, admission.session):
            return False
        # A client that was not authenticated by a user of the database has no password to be changed.
        return self.password is None or admission.password not in (None, self.password)


class Connections:
    """The connections of one event loop. Used in that loop only."""

    def __init__(self) -> None:
        self._all: dict[ref[Connection], Admission | None] = {}
        self._by_user: dict[str, set[ref[Connection]]] = {}
        self._revoked: deque[tuple[float, Revocation]] = deque()
        #: Closing takes a while; nobody else holds these tasks.
        self._ending: set[asyncio.Task[None]] = set()

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop) -> "Connections":
        """Those of an event loop; of a process, when it runs only one."""
        found = _connections.get(loop)
        if found is None:
            found = _connections[loop] = cls()
        return found

    @staticmethod
    def loops() -> Iterable[asyncio.AbstractEventLoop]:
        """The event loops of this process that have, or have had, connections. May be called in any thread."""
        # keyrefs() is one call in C: another thread may add a loop meanwhile.
        return [loop for reference in _connections.keyrefs() if (loop := reference()) is not None]

    def enter(self, connection: Connection) -> None:
        """Remembers a client that begins to connect."""
        self._all[ref(connection)] = None

    def admit(self, connection: Connection, admission: Admission) -> None:
        """Remembers what the connection relies on."""
        reference = ref(connection)
        self._all[reference] = admission
        self._by_user.setdefault(admission.user, set()).add(reference)

    def leave(self, connection: Connection) -> None:
        """Forgets a connection; a second time is nothing."""
        reference = ref(connection)
        admission = self._all.pop(reference, None)
        if admission is not None and (owned := self._by_user.get(admission.user)) is not None:
            owned.discard(reference)
            if not owned:
                del self._by_user[admission.user]

    def count_of_user(self, user: str) -> int:
        """How many connections were admitted for a user."""
        return len(self._by_user.get(user, ()))

    def revoke(self, revocation: Revocation) -> None:
        """Ends or rechecks the connections that a revocation concerns, and those that are just being opened."""
        loop = asyncio.get_running_loop()
        self._forget_before(loop.time() - MEMORY)
        self._revoked.append((loop.time(), revocation))
        for reference in tuple(self._by_user.get(revocation.user, ())):
            connection, admission = reference(), self._all.get(reference)
            if connection is None or admission is None or not revocation.concerns(admission):
                continue
            if revocation.code is None:
                Rechecks.of(loop).hurry(connection)
            else:
                self.end(connection, revocation.code)

    def end(self, connection: Connection, code: int) -> None:
        """Ends a connection, without waiting for it."""
        task = asyncio.get_running_loop().create_task(connection.end_connection(code), context=Context())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def recheck_all(self) -> None:
        """Has every connection of a user rechecked: revocations may have been missed."""
        rechecks = Rechecks.of(asyncio.get_running_loop())
        for references in tuple(self._by_user.values()):
            for reference in references:
                if (connection := reference()) is not None:
                    rechecks.hurry(connection)

    def revoked_since(self, began: float, admission: Admission) -> Revocation | None:
        """The revocation, if any, that has come since a moment of the loop's time and concerns a connection."""
        for moment, revocation in reversed(self._revoked):
            if moment < began:
                return None
            if revocation.concerns(admission):
                return revocation
        return None

    def _forget_before(self, moment: float) -> None:
        while self._revoked and self._revoked[0][0] < moment:
            self._revoked.popleft()

    def __iter__(self) -> Iterator[Connection]:
        """All of them, also those that are not authenticated yet; a snapshot."""
        # A loop that is abandoned with its connections leaves references to nothing.
        return iter([connection for reference in tuple(self._all) if (connection := reference()) is not None])

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


def digest(secret: str | None) -> str | None:
    """What may stand for a secret in the channel layer; None for none."""
    return None if secret is None else hashlib.sha256(secret.encode()).hexdigest()


_connections: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, Connections]] = WeakKeyDictionary()
