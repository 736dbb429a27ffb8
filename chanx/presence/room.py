"""Who is in the groups of one event loop, and the connections there that are told."""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from contextvars import Context
from functools import partial
from typing import Final

from channels.layers import BaseChannelLayer

from chanx.arrivals import LayerMessage, report_outage
from chanx.connection_log import SENT
from chanx.groups import group_id
from chanx.history.engines import engine_beside
from chanx.hub import Member
from chanx.mailbox import Mailbox
from chanx.messages.base import BaseMessage
from chanx.presence.base import Attendance, Changes
from chanx.presence.declaration import GroupPresence
from chanx.presence.frames import PresenceView, Scene
from chanx.presence.keeper import FIRST_PAUSE, LONGEST_PAUSE, Keeper

logger = logging.getLogger("chanx.presence")

#: The ``type`` of the message that wakes the processes with members of a group, when its members have changed.
WAKE_UP: Final = "chanx.presence.changed"
#: The ``type`` of what a connection handles itself, because it looks at each message that it sends.
PRESENCE: Final = "chanx.presence"

#: So many times rarer are messages about a group of which only the number of members is told.
_PATIENCE_WITH_NUMBERS: Final = 5
#: Members that get a message before other tasks get a turn.
_FAIR_SHARE: Final = 500


class _Seat:
    """A connection that is told who is in a group."""

    __slots__ = ("is_new", "key", "view")

    def __init__(self, view: PresenceView, key: str | None) -> None:
        self.view = view
        #: By which it is a member itself; None when it only looks on.
        self.key = key
        #: It was not told yet who is there.
        self.is_new = True


class PresenceRoom:
    """One group, for the connections whose classes declare the same presence.

    A task that exists as long as there is something to do asks the engine who is there, and tells the connections what
    is different from what they were told before. It never does so twice in an interval, whatever happens.
    """

    def __init__(self, hall: "PresenceHall", group: str, declared: GroupPresence) -> None:
        self.group = group
        self.seats: dict[Member, _Seat] = {}
        self._hall = hall
        self._keeper = hall.keeper(declared.ttl)
        self._declared = declared
        #: What was told; None before anything was.
        self._state: Attendance | None = None
        self._told_at = float("-inf")
        self._is_stale = False
        #: A version that this process has made, and others do not know yet.
        self._news: int | None = None
        self._hears_others = False
        self._task: asyncio.Task[None] | None = None

    def subscribe(self, member: Member, view: PresenceView, key: str | None) -> None:
        """Has a connection told who is there: soon, and then what changes."""
        self.seats[member] = _Seat(view, key)
        self.refresh()

    def refresh(self, news: int | None = None) -> None:
        """Something may have changed. ``news``: the version that a change of this process has made."""
        self._is_stale = True
        if news is not None:
            self._news = news
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._refresh(), context=Context())

    def learn(self, version: int) -> None:
        """The group has a version; nothing happens when it is the one that is known."""
        if self._state is None or self._state.version != version:
            self.refresh()

    async def close(self) -> None:
        """Nobody is told any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self._news is not None:
            await self._hall.announce(self.group, self._news)
        if self._hears_others:
            await self._hall.mailbox.leave(_wake_up_group(self.group))

    async def _refresh(self) -> None:
        pause = FIRST_PAUSE
        try:
            while self._is_stale:
                if (wait := self._until_allowed()) > 0:
                    await asyncio.sleep(wait)
                    continue
                try:
                    await self._look()
                except Exception:
                    self._is_stale = True
                    if pause == FIRST_PAUSE:
                        logger.warning("Nobody can tell who is in a group; it is asked again", exc_info=True)
                    # Spread, so that all processes do not come back at the same moment.
                    await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
                    pause = min(2 * pause, LONGEST_PAUSE)
                else:
                    pause = FIRST_PAUSE
        finally:
            self._task = None

    def _until_allowed(self) -> float:
        """Seconds."""
        interval = self._declared.interval
        if self._state is not None and self._state.count > self._declared.max_listed:
            interval *= _PATIENCE_WITH_NUMBERS
        allowed = max(self._told_at + interval, self._keeper.unsettled_until)
        return allowed - asyncio.get_running_loop().time()

    async def _look(self) -> None:
        if not self._hears_others:
            # Before looking, so that no change is missed in between.
            await self._hall.mailbox.join(_wake_up_group(self.group))
            self._hears_others = True
        # Whoever has just come is to be among those who are there.
        await self._keeper.flush()
        self._is_stale = False
        if self._news is not None:
            news, self._news = self._news, None
            await self._hall.announce(self.group, news)
        state = await self._hall.engine.attendance(self.group, limit=self._declared.max_listed)
        if self._lacks_somebody(state) and not await self._keeper.is_settled():
            # The engine has forgotten who was there. Nobody has left.
            self._is_stale = True
            return
        before, self._state = self._state, state
        self._told_at = asyncio.get_running_loop().time()
        await self._tell(before, state)

    def _lacks_somebody(self, state: Attendance) -> bool:
        """Whether somebody is connected here, and not there."""
        if state.count > len(state.members):
            return False  # nobody knows
        there = {member.key for member in state.members}
        return any(seat.key is not None and seat.key not in there for seat in self.seats.values())

    async def _tell(self, before: Attendance | None, state: Attendance) -> None:
        scenes: dict[PresenceView, Scene] = {}
        for number, (member, seat) in enumerate(tuple(self.seats.items()), 1):
            if number % _FAIR_SHARE == 0:
                await asyncio.sleep(0)
            if self.seats.get(member) is not seat:
                continue  # it has left meanwhile
            scene = scenes.get(seat.view)
            if scene is None:
                scene = scenes[seat.view] = Scene(seat.view, self.group, before, state)
            if seat.is_new or scene.needs_snapshot:
                seat.is_new = False
                message = scene.snapshot(seat.key)
                _hand(member, message, partial(seat.view.codec.encode, message))
            elif scene.change is not None:
                _hand(member, scene.change, scene.change_text)


class PresenceHall:
    """Presence in one event loop, in one layer."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        self.engine = engine_beside(mailbox.layer).presence()
        self._rooms: dict[str, dict[GroupPresence, PresenceRoom]] = {}
        self._keepers: dict[float, Keeper] = {}
        #: Messages on their way to other processes; nobody else holds these tasks.
        self._announcing: set[asyncio.Task[None]] = set()

    @classmethod
    def of(cls, layer: BaseChannelLayer) -> "PresenceHall":
        """The one of the running event loop in a layer."""
        return Mailbox.of(layer).keep(cls)

    @property
    def groups(self) -> Sequence[str]:
        """Those with connections that are told who is there."""
        return tuple(self._rooms)

    def keeper(self, ttl: float) -> Keeper:
        """The one of those whose lease is so many seconds."""
        keeper = self._keepers.get(ttl)
        if keeper is None:
            keeper = self._keepers[ttl] = Keeper(
                self.engine,
                ttl,
                groups=lambda: [group for group, rooms in self._rooms.items() if any(d.ttl == ttl for d in rooms)],
                on_changes=self._changed,
                on_versions=self._learn,
            )
        return keeper

    def enter(
        self, group: str, member: Member, view: PresenceView, declared: GroupPresence, key: str | None, info: str
    ) -> None:
        """Lets a connection see who is in a group, and be seen there under a key, if it has one. Returns at once."""
        keeper = self.keeper(declared.ttl)
        if key is not None:
            keeper.enter((group, key), info, capacity=declared.max_members)
        rooms = self._rooms.setdefault(group, {})
        room = rooms.get(declared)
        if room is None:
            room = rooms[declared] = PresenceRoom(self, group, declared)
            self.mailbox.on(WAKE_UP, self._hear)
        room.subscribe(member, view, key)
        keeper.stir()

    async def leave(
        self, group: str, member: Member, declared: GroupPresence, key: str | None, *, grace: float
    ) -> None:
        """Takes :meth:`enter` back. Nothing is handed to the connection any more, also before this returns.

        The engine learns it soon, and certainly when :meth:`Keeper.flush` has returned.
        """
        rooms = self._rooms[group]
        room = rooms[declared]
        room.seats.pop(member, None)
        if key is not None:
            self.keeper(declared.ttl).leave((group, key), grace=grace)
        if not room.seats:
            del rooms[declared]
            if not rooms:
                del self._rooms[group]
            await room.close()

    async def announce(self, group: str, version: int) -> None:
        """Wakes the processes with members of a group."""
        try:
            await announce(self.mailbox.layer, group, version)
        except Exception:
            # They ask for the version now and then.
            report_outage(self.mailbox.layer)

    def _changed(self, changes: Changes) -> None:
        """What this process has changed."""
        for group, version in changes.items():
            if group in self._rooms:
                for room in self._rooms[group].values():
                    room.refresh(version)
            else:
                task = asyncio.get_running_loop().create_task(self.announce(group, version), context=Context())
                self._announcing.add(task)
                task.add_done_callback(self._announcing.discard)

    def _learn(self, versions: Changes) -> None:
        for group, version in versions.items():
            for room in self._rooms.get(group, {}).values():
                room.learn(version)

    def _hear(self, message: LayerMessage) -> None:
        group, version = message.get("group"), message.get("version")
        if isinstance(group, str) and isinstance(version, int):
            self._learn({group: version})


async def announce(layer: BaseChannelLayer, group: str, version: int) -> None:
    """Tells the processes with members of a group that these have changed."""
    await layer.group_send(_wake_up_group(group), {"type": WAKE_UP, "group": group, "version": version})


def _wake_up_group(group: str) -> str:
    # A name may be as long as a name may be; the id is shorter.
    return f"chanx.presence.{group_id(group)}"


def _hand(member: Member, message: BaseMessage, text: Callable[[], str]) -> None:
    """Gives a message to a connection, behind what waits there."""
    if not member.is_direct:
        member.wait_for({"type": PRESENCE, "message": message})
        return
    member.outbox.push(text())
    if SENT.isEnabledFor(logging.INFO):
        member.listener.log_relayed(message.action)
