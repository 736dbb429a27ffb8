"""Takes users the right to be connected, in every process.

::

    import chanx

    chanx.disconnect(user)                  # from synchronous code: views, tasks, a shell
    await chanx.adisconnect(user, code=4403)

A revocation travels through the channel layers to the mailbox of each process that has connections of users. In the
process that revokes it takes effect at once, and without any layer.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from contextvars import Context
from typing import Any, Final
from weakref import WeakKeyDictionary

from asgiref.sync import async_to_sync
from channels.layers import BaseChannelLayer, InMemoryChannelLayer, channel_layers, get_channel_layer

from chanx.arrivals import report_outage
from chanx.close_codes import CloseCode, refuse_close_code
from chanx.connections import Connections, Revocation, user_key
from chanx.mailbox import Mailbox

#: The group of the mailboxes of all processes, and the ``type`` of what is sent to it.
GROUP: Final = "chanx.control"
KIND: Final = "chanx.control.revoke"

#: Seconds that a channel layer may take to carry a revocation.
PATIENCE: Final = 5.0
#: Seconds until a layer that could not be joined is tried again.
RETRY: Final = 5.0


def disconnect(user: Any, code: int = CloseCode.NOT_AUTHENTICATED) -> None:
    """Closes all WebSockets of a user, in every process.

    It does not keep the user from coming back: take the right away first, then disconnect. ``code`` is 1000, 3000 to
    4999, or one of :class:`~chanx.close_codes.CloseCode`.

    Raises ValueError for another code and for a user without primary key, and whatever a channel layer raises that
    does not carry it; connections of this process are closed even then.
    """
    async_to_sync(adisconnect)(user, code)


async def adisconnect(user: Any, code: int = CloseCode.NOT_AUTHENTICATED) -> None:
    """:func:`disconnect` for asynchronous code."""
    refuse_close_code(code)
    await publish(Revocation(user=_required_key(user), code=int(code)))


def recheck(user: Any) -> None:
    """Has each WebSocket of a user checked again at once, in every process; those that fail are closed.

    After a permission was taken away, for instance: only what depends on it is closed. Raises like :func:`disconnect`.
    """
    async_to_sync(arecheck)(user)


async def arecheck(user: Any) -> None:
    """:func:`recheck` for asynchronous code."""
    await publish(Revocation(user=_required_key(user)))


async def publish(revocation: Revocation) -> None:
    """Makes a revocation known to every process. Raises whatever a channel layer raises, after all were tried."""
    revoke_here(revocation)
    message = {"type": KIND, "user": revocation.user}
    for name in ("code", "session", "password"):
        if (value := getattr(revocation, name)) is not None:
            message[name] = value
    failures: list[Exception] = []
    for alias in channel_layers.configs:
        layer = get_channel_layer(alias)
        if layer is None or not reaches_others(layer):
            continue
        try:
            async with asyncio.timeout(PATIENCE):
                await layer.group_send(GROUP, dict(message))
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise failures[0]


def reaches_others(layer: BaseChannelLayer) -> bool:
    """Whether a layer leads to other processes; what lives in the memory of this one needs no layer."""
    return not isinstance(layer, InMemoryChannelLayer)


def revoke_here(revocation: Revocation) -> None:
    """Lets a revocation take effect in all event loops of this process. May be called in any thread."""
    for loop in Connections.loops():
        # One that has ended has no connections any more.
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(Connections.of(loop).revoke, revocation)


class Hearing:
    """Keeps the mailbox of this process a member of the control group while connections of users need it.

    In one event loop, for one layer. Nobody waits for the layer: when it is away, joining is tried again and again,
    and whatever may have been missed in the meantime is found out by rechecks.
    """

    def __init__(self, layer: BaseChannelLayer) -> None:
        self._layer = layer
        self._count = 0
        #: Of which the mailbox is a member.
        self._mailbox: Mailbox | None = None
        self._task: asyncio.Task[None] | None = None

    @classmethod
    def of(cls, layer: BaseChannelLayer) -> "Hearing":
        """The one of the running event loop for a layer."""
        hearings = _hearings.setdefault(asyncio.get_running_loop(), {})
        found = hearings.get(id(layer))
        if found is None:
            found = hearings[id(layer)] = cls(layer)
        return found

    def begin(self) -> None:
        """Hears of revocations from now on, or as soon as the layer allows it; for one connection more."""
        self._count += 1
        self._settle()

    def end(self) -> None:
        """Takes one :meth:`begin` back."""
        self._count -= 1
        self._settle()

    @property
    def _is_settled(self) -> bool:
        return (self._mailbox is not None) == (self._count > 0)

    def _settle(self) -> None:
        if self._task is None and not self._is_settled:
            self._task = asyncio.get_running_loop().create_task(self._run(), context=Context())

    async def _run(self) -> None:
        try:
            while not self._is_settled:
                if self._mailbox is None:
                    await self._join()
                else:
                    left, self._mailbox = self._mailbox, None
                    await left.leave(GROUP)
        finally:
            self._task = None
            hearings = _hearings.get(asyncio.get_running_loop(), {})
            if self._mailbox is None and hearings.get(id(self._layer)) is self:
                del hearings[id(self._layer)]

    async def _join(self) -> None:
        # Asked for each time: one that nobody is a member of is closed, and another takes its place.
        mailbox = Mailbox.of(self._layer)
        mailbox.on(KIND, _receive)
        try:
            await mailbox.join(GROUP)
        except Exception:
            report_outage(self._layer)
            await asyncio.sleep(RETRY)
        else:
            self._mailbox = mailbox
            Connections.of(asyncio.get_running_loop()).recheck_all()


def _receive(message: Mapping[str, Any]) -> None:
    revocation = Revocation(
        user=message["user"],
        code=message.get("code"),
        session=message.get("session"),
        password=message.get("password"),
    )
    Connections.of(asyncio.get_running_loop()).revoke(revocation)


def _required_key(user: Any) -> str:
    key = user_key(user)
    if key is None:
        raise ValueError(f"{user!r} has no primary key, so that nobody can know its connections.")
    return key


#: By event loop and the id of the layer; each is taken out when it has nothing to do.
_hearings: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, Hearing]]] = WeakKeyDictionary()
