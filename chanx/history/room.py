"""Groups with a history, as far as they are in one process: who is where, and who still catches up."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, Protocol

from channels.layers import BaseChannelLayer

from chanx.arrivals import LayerMessage
from chanx.groups import group_id
from chanx.history.base import Gap, HistoryEngine, Position
from chanx.history.engines import engine_beside
from chanx.history.feed import PAGE, Feed, decoded
from chanx.hub import GROUP_MESSAGE, Hub, Member, Relay, Room
from chanx.mailbox import Mailbox

#: Members that get a message before other tasks get a turn.
_FAIR_SHARE: Final = 500


class Subscriber(Protocol):
    """Who is told when messages of a group were lost: a consumer."""

    def on_loss(self, group: str, position: Position, gap: Gap) -> None:
        """What comes next of the group comes after ``position``; what was before it is not known."""


class Subscription:
    """A member of a group with a history: what it has been sent."""

    __slots__ = ("catching_up", "is_live", "position", "subscriber")

    def __init__(self, subscriber: Subscriber, position: Position, *, is_live: bool) -> None:
        self.subscriber = subscriber
        #: Whatever comes after it is still to be sent.
        self.position = position
        #: It gets each message as it comes. Otherwise it reads the history itself.
        self.is_live = is_live
        #: Held while it reads the history.
        self.catching_up = asyncio.Lock()


class HistoryRoom(Room):
    """One group. Numbered messages go to those who are live and have not got them yet."""

    __slots__ = ("engine", "feed", "id", "subscriptions")

    def __init__(self, mailbox: Mailbox, group: str) -> None:
        super().__init__(mailbox, group)
        self.id = group_id(group)
        self.engine: HistoryEngine = engine_beside(mailbox.layer)
        self.feed: Feed | None = None
        self.subscriptions: dict[Member, Subscription] = {}

    async def open(self) -> None:
        await super().open()
        try:
            # Behind the membership: what is published in between is in the history, or comes through the layer.
            self.feed = await Feed.open(self.group, self.engine, self)
        except BaseException:
            await super().close()
            raise

    async def close(self) -> None:
        if self.feed is not None:
            self.feed.close()
            self.feed = None
        await super().close()

    async def take(self, message: LayerMessage) -> None:
        if message.get("type") != GROUP_MESSAGE or "seq" not in message:
            # From a consumer without a history, or of a version that had none.
            await super().take(message)
        elif self.feed is not None:
            await self.feed.arrived(Position(message["epoch"], message["seq"]), message)

    async def hear(self, seq: int, message: Mapping[str, Any]) -> None:
        relay = Relay(self.numbered(seq, message))
        for number, (member, subscription) in enumerate(tuple(self.subscriptions.items()), 1):
            if number % _FAIR_SHARE == 0:
                await asyncio.sleep(0)
            if subscription.is_live and subscription.position.seq < seq and member in self.subscriptions:
                subscription.position = Position(subscription.position.epoch, seq)
                if (making := relay.pass_to(member)) is not None:
                    await making

    async def lose(self, position: Position, gap: Gap) -> None:
        for subscription in tuple(self.subscriptions.values()):
            if subscription.is_live:
                subscription.position = position
                subscription.subscriber.on_loss(self.group, position, gap)

    def numbered(self, seq: int, message: Mapping[str, Any]) -> dict[str, Any]:
        """A group message with what tells clients where it is in the history."""
        return {**message, "group": self.id, "seq": seq}

    def subscribe(self, member: Member, subscriber: Subscriber, *, is_live: bool) -> Position:
        """Lets a member have what comes from now on, or when it has caught up. Returns where the history is."""
        assert self.feed is not None, "a room is open while it has members"
        subscription = Subscription(subscriber, self.feed.position, is_live=is_live)
        self.subscriptions[member] = subscription
        return subscription.position

    async def missed(self, member: Member, position: Position) -> AsyncIterator[Relay | Gap]:
        """Everything after ``position``, up to the moment from which on the member gets messages as they come.

        A gap says that what lies before it is not known, and what comes next follows the end of the history.
        """
        subscription = self.subscriptions[member]
        subscription.is_live = False
        while self.subscriptions.get(member) is subscription and self.feed is not None:
            found = await self.engine.since(self.group, position, limit=PAGE)
            if found.gap is not None:
                yield found.gap
                position = found.position
            for entry in found.entries:
                if self.subscriptions.get(member) is not subscription:
                    return
                yield Relay(self.numbered(entry.seq, decoded(entry)))
                position = Position(position.epoch, entry.seq)
            if position == found.position and await self._is_reached(position):
                # Nothing was awaited since the comparison: nobody can have been told anything in between.
                subscription.position = position
                subscription.is_live = True
                return

    async def _is_reached(self, position: Position) -> bool:
        """Whether those who are live have not been told more than lies before a position."""
        feed = self.feed
        if feed is not None and feed.position.epoch != position.epoch:
            await feed.read()
        return feed is not None and feed.position.epoch == position.epoch and feed.position.seq <= position.seq


class HistoryHub(Hub):
    """The groups with a history of one event loop, in one layer."""

    @classmethod
    def of(cls, layer: BaseChannelLayer) -> "HistoryHub":
        """The one of the running event loop in a layer."""
        return Mailbox.of(layer).keep(cls)

    def _make_room(self, group: str) -> Room:
        return HistoryRoom(self._mailbox, group)

    def room(self, group: str) -> HistoryRoom | None:
        """The room of a group that somebody in this process is a member of."""
        room = self._rooms.get(group)
        return room if isinstance(room, HistoryRoom) and room.feed is not None else None

    async def leave(self, group: str, member: Member) -> None:
        if (room := self.room(group)) is not None:
            room.subscriptions.pop(member, None)
        await super().leave(group, member)
