"""The mailbox of a process: one channel in the channel layer, and the groups that this channel is a member of.

Channels gives each connection a channel, and a task that waits for it. A mailbox is shared: the layer carries one
message to a process however many of its connections are concerned, and one task hands them out, by their ``type``::

    mailbox = Mailbox.of(layer)                    # of the running event loop
    mailbox.on("chanx.control.example", receiver)  # receiver(message): called for each message of that type
    await mailbox.join("chanx.control")            # what is sent to this group arrives from now on
    ...
    await layer.group_send("chanx.control", {"type": "chanx.control.example", "key": "value"})   # from any process
    ...
    await mailbox.leave("chanx.control")           # as often as it was joined

Whoever needs messages in every process, such as a revocation that concerns all connections of a user, registers a
receiver in this way when a connection opens, and leaves the group when it ends. Memberships are counted: only the
first join and the last leave reach the layer. Without any the mailbox closes, and its receivers are forgotten, so
:meth:`Mailbox.on` is called before each :meth:`Mailbox.join`. A type that nobody has registered is ignored.

A layer drops a membership when it is old (``group_expiry``), when a channel is not emptied in time, or when it has
lost its memory. The mailbox renews what gets old, and sends a message to itself now and then: when that does not
arrive, it takes a new channel and joins its groups again. So no process stays deaf. It does the same for channels
that others of this process listen to, and have joined ``via`` it: those of groups, and of connections with a name.
"""

import asyncio
import logging
import math
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

from channels.layers import BaseChannelLayer

from chanx.arrivals import LayerMessage, Receiver, listen, report_outage, report_return

logger = logging.getLogger("chanx.groups")

T = TypeVar("T")

#: Seconds between two looks whether the layer still delivers: as long as a process may be deaf after the layer has
#: lost its memory. One message of this process to itself is all that it costs.
CHECK_INTERVAL: Final = 10.0
#: Seconds that such a message may take; a process that is only busy is not deaf.
PATIENCE: Final = 5.0
#: Calls of the layer that are on their way at once. When thousands of clients come back at the same moment, they join
#: their groups at the same moment; redis-py has 100 connections, and refuses whoever wants another one.
CALLS_AT_ONCE: Final = 50
#: Seconds in which one of them must come back, so that nobody queues for ever in front of a layer that hangs. When
#: thousands queue, it takes longer until the last has its turn.
LONGEST_CALL: Final = 10.0
#: The ``type`` of what a mailbox sends to itself.
_ECHO: Final = "chanx.mailbox.echo"
#: Channels' own default: the seconds after which a layer forgets a membership.
_GROUP_EXPIRY: Final = 86400


class _Membership:
    """A channel in a group: for how many it is there, and whether the layer knows.

    ``via`` is the channel; None stands for the mailbox's own, which may change.
    """

    __slots__ = ("count", "group", "is_known", "lock", "via")

    def __init__(self, group: str, via: str | None) -> None:
        self.group = group
        self.via = via
        self.count = 0
        self.is_known = False
        #: Held while the layer is told, so that a leave and the next join reach it in this order.
        self.lock = asyncio.Lock()


class Mailbox:
    """The channel of one event loop in one layer. It listens while it is a member of a group."""

    def __init__(self, layer: BaseChannelLayer) -> None:
        self.layer = layer
        self._channel = ""
        #: What is sent to it comes back. It is joined before any other: a layer that has forgotten a membership of this
        #: process has forgotten that one, too.
        self._own_group = f"chanx.mailbox.{uuid.uuid4().hex}"
        self._receivers: dict[str, Receiver] = {_ECHO: self._hear_echo}
        self._memberships: dict[tuple[str, str | None], _Membership] = {}
        self._kept: dict[object, object] = {}
        self._holders = 0
        self._turns = asyncio.Semaphore(CALLS_AT_ONCE)
        #: Calls that have come back, with whatever result.
        self._returned = 0
        self._opening = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._echo: asyncio.Future[None] | None = None

    @classmethod
    def of(cls, layer: BaseChannelLayer) -> "Mailbox":
        """The one of the running event loop in a layer."""
        mailboxes = _mailboxes.setdefault(asyncio.get_running_loop(), {})
        found = mailboxes.get(id(layer))
        if found is None:
            found = mailboxes[id(layer)] = cls(layer)
        return found

    # -- what others use -------------------------------------------------------------------------------------

    def on(self, kind: str, receiver: Receiver) -> None:
        """Hands messages whose ``type`` is ``kind`` to ``receiver`` from now on; what it raises is logged."""
        self._receivers[kind] = receiver

    def keep(self, factory: Callable[["Mailbox"], T]) -> T:
        """What ``factory`` makes for this mailbox: made on first use, and kept as long as the mailbox is."""
        found = self._kept.get(factory)
        if found is None:
            found = self._kept[factory] = factory(self)
        return cast("T", found)

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None]:
        """Stays the one of its event loop and layer meanwhile, also without any membership."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            await self._close_unless_needed()

    async def ask(self, call: Callable[..., Awaitable[object]], *arguments: Any) -> None:
        """Calls a method of the layer when it is its turn: a layer is not asked more at once than it can bear.

        Raises what the method raises, and TimeoutError when none of those before it comes back.
        """
        self._holders += 1
        try:
            if self._turns.locked():
                await self._queue()
            else:
                await self._turns.acquire()
            try:
                await call(*arguments)
            finally:
                self._returned += 1
                self._turns.release()
        finally:
            self._holders -= 1
            await self._close_unless_needed()

    async def _queue(self) -> None:
        """Waits for a turn, without losing the place, as long as those before get on."""
        turn = asyncio.ensure_future(self._turns.acquire())
        try:
            while not turn.done():
                returned = self._returned
                await asyncio.wait([turn], timeout=LONGEST_CALL)
                if self._returned == returned and not turn.done():
                    raise TimeoutError(f"{type(self.layer).__name__} has answered nothing for {LONGEST_CALL:g} seconds")
        except BaseException:
            if not turn.cancel():
                self._turns.release()
            raise

    async def join(self, group: str, *, via: str | None = None) -> None:
        """Makes the mailbox a member of a group, once more. What is sent after this has returned arrives.

        With ``via`` another channel of this process becomes the member, and is kept one; whoever has made it listens
        to it. Raises whatever the layer raises; then nothing was joined.
        """
        membership = self._memberships.get((group, via))
        if membership is None:
            membership = self._memberships[group, via] = _Membership(group, via)
        membership.count += 1
        try:
            async with membership.lock:
                if not membership.is_known:
                    await self._open()
                    await self.ask(self.layer.group_add, group, via or self._channel)
                    membership.is_known = True
        except BaseException:
            membership.count -= 1
            await self._forget(membership)
            raise

    async def leave(self, group: str, *, via: str | None = None) -> None:
        """Takes one join back. Never raises for a layer that is away: the layer is told as soon as it is back."""
        membership = self._memberships[group, via]
        membership.count -= 1
        if membership.count == 0:
            try:
                await self._discard(membership)
            except Exception:
                report_outage(self.layer)

    async def _discard(self, membership: _Membership) -> None:
        """Leaves the group in the layer, unless somebody has joined in the meantime."""
        async with membership.lock:
            if membership.count == 0 and membership.is_known:
                await self.ask(self.layer.group_discard, membership.group, membership.via or self._channel)
                membership.is_known = False
        await self._forget(membership)

    async def _forget(self, membership: _Membership) -> None:
        key = membership.group, membership.via
        is_in_use = membership.count or membership.is_known or membership.lock.locked()
        if not is_in_use and self._memberships.get(key) is membership:
            del self._memberships[key]
            await self._close_unless_needed()

    # -- listening -------------------------------------------------------------------------------------------

    async def _open(self) -> None:
        async with self._opening:
            if self._channel:
                return
            channel: str = await self.layer.new_channel()
            await self.layer.group_add(self._own_group, channel)
            self._channel = channel
            # Not in the context of the connection that happens to be the first.
            create = asyncio.get_running_loop().create_task
            self._tasks = [create(self._listen(), context=Context()), create(self._keep(), context=Context())]

    async def _close_unless_needed(self) -> None:
        if self._memberships or self._holders:
            return
        tasks, self._tasks = self._tasks, []
        channel, self._channel = self._channel, ""
        mailboxes = _mailboxes.get(asyncio.get_running_loop(), {})
        if mailboxes.get(id(self.layer)) is self:
            del mailboxes[id(self.layer)]
        if channel:
            with suppress(Exception):  # it expires
                await self.layer.group_discard(self._own_group, channel)
        # At last: one of them may be the current one.
        for task in tasks:
            task.cancel()

    async def _listen(self) -> None:
        await listen(self.layer, self._channel, self._hand_out)

    def _hand_out(self, message: LayerMessage) -> Awaitable[None] | None:
        kind: Any = message.get("type")
        receiver = self._receivers.get(kind) if isinstance(kind, str) else None
        return None if receiver is None else receiver(message)

    # -- staying a member ------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        """Looks now and then whether messages arrive, and does what it takes that they do."""
        loop = asyncio.get_running_loop()
        lifetime: float = getattr(self.layer, "group_expiry", _GROUP_EXPIRY)
        renewed, is_away = loop.time(), False
        former: set[str] = set()
        while True:
            await asyncio.sleep(CHECK_INTERVAL)
            try:
                if not await self._is_heard():
                    logger.warning("The channel layer no longer delivers to this process; its groups are joined again")
                    # Until all are joined again, however often the layer fails midway.
                    renewed = -math.inf
                    former.add(self._channel)
                    await self._change_channel()
                if loop.time() - renewed > lifetime / 2:
                    await self.layer.group_add(self._own_group, self._channel)
                    await self._join_again(former - {self._channel})
                    former.clear()
                    renewed = loop.time()
                for membership in tuple(self._memberships.values()):
                    if membership.count == 0:
                        await self._discard(membership)
                if is_away:
                    is_away = False
                    report_return(self.layer)
            except Exception:
                is_away = True
                report_outage(self.layer)

    async def _is_heard(self) -> bool:
        """Whether what is sent to the own group arrives here. Raises what a layer raises that is away."""
        self._echo = asyncio.get_running_loop().create_future()
        try:
            await self.layer.group_send(self._own_group, {"type": _ECHO})
            async with asyncio.timeout(PATIENCE):
                await self._echo
        except TimeoutError:
            return False
        finally:
            self._echo = None
        return True

    def _hear_echo(self, message: LayerMessage) -> None:
        if self._echo is not None and not self._echo.done():
            self._echo.set_result(None)

    async def _change_channel(self) -> None:
        """Listens on a new channel: whatever the layer has made of the old one, this one it knows."""
        listener = self._tasks[0]
        channel: str = await self.layer.new_channel()
        await self.layer.group_add(self._own_group, channel)
        self._channel = channel
        listener.cancel()
        self._tasks[0] = asyncio.create_task(self._listen())

    async def _join_again(self, former: Iterable[str]) -> None:
        """Tells the layer of all memberships, and that channels which the mailbox has had before are in none."""
        for membership in tuple(self._memberships.values()):
            async with membership.lock:
                if membership.is_known:
                    await self.layer.group_add(membership.group, membership.via or self._channel)
                    if membership.via is None:
                        for channel in former:
                            await self.layer.group_discard(membership.group, channel)


#: By event loop and the id of the layer. A mailbox keeps its layer, so that the id stays its own; it is taken out
#: when it closes, so that a loop is not kept alive by what is stored under it.
_mailboxes: Final[WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, Mailbox]]] = WeakKeyDictionary()
