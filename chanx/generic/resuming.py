"""Groups with a history: clients learn where they are in it, and get what they have missed."""

import asyncio
import secrets
from functools import cached_property
from typing import ClassVar, Final, Generic, cast

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from chanx.blocking import may_block
from chanx.close_codes import CloseCode
from chanx.connection_log import GROUPS
from chanx.connections import Connection
from chanx.exceptions import GroupMessageError
from chanx.generic.grouping import GroupingConsumer
from chanx.generic.membership import require_layer
from chanx.generic.typevars import Event
from chanx.groups import group_id, layer_content, member_event
from chanx.handshake import offers_to_resume
from chanx.history.base import Gap, Position
from chanx.history.declaration import GroupHistory
from chanx.history.engines import borrowed_engine
from chanx.history.publishing import publish
from chanx.history.room import HistoryHub, HistoryRoom
from chanx.hub import Hub, Member
from chanx.messages.base import BaseGroupMessage
from chanx.messages.resuming import (
    GroupPosition,
    Positions,
    PositionsMessage,
    Resumed,
    ResumedGroup,
    ResumedMessage,
    ResumeMessage,
)
from chanx.turns import outside_of_turns
from chanx.types import GroupMemberEvent

#: Seconds that group messages wait for a client which has said that it will resume.
PATIENCE: Final = 10.0


class ResumingConsumer(GroupingConsumer[Event], Generic[Event]):
    """The part of a consumer whose groups have a history."""

    #: Switches it on: ``history = GroupHistory(size=1000, ttl=3600)``.
    history: ClassVar[GroupHistory | None] = None

    #: The client has said that it will resume: until then its group messages wait in the history.
    _is_awaited: bool = False
    _impatience: asyncio.TimerHandle | None = None
    #: It did not: what it has missed would come behind what is newer, where a client takes it for duplicates.
    _is_late: bool = False

    # -- membership ------------------------------------------------------------------------------------------

    def _hub(self) -> Hub:
        return super()._hub() if self.spec.history is None else HistoryHub.of(self._layer())

    def _is_member_by_name(self) -> bool:
        return self.spec.history is None and super()._is_member_by_name()

    @cached_property
    def _signature(self) -> str:
        # Comes back with the client, and so is no name in the layer.
        return super()._signature if self.spec.history is None else secrets.token_urlsafe(12)

    async def join_group(self, group: str) -> None:
        """Joins a group; see the base class. With a history, the client is told where that is."""
        await super().join_group(group)
        if self.spec.history is None or (room := self._room(group)) is None:
            return
        member = self._membership()
        if member not in room.subscriptions:
            position = room.subscribe(member, self, is_live=not self._is_awaited)
            if self._is_open:
                with outside_of_turns():
                    await self.send_message(self._positions({room.id: _position(position)}))

    async def leave_group(self, group: str) -> None:
        """Leaves a group; see the base class. With a history, the client is told: it will not ask for it again."""
        was_member = group in self._joined
        await super().leave_group(group)
        if self.spec.history is not None and was_member and self._is_open and not self._closed:
            await self.send_message(self._positions({group_id(group): None}))

    def _room(self, group: str) -> HistoryRoom | None:
        room = cast("HistoryHub", self._hub()).room(group)
        return room if room is not None and self._membership() in room.seats else None

    def _rooms(self) -> dict[str, HistoryRoom]:
        """The groups of this connection, by the id that clients know."""
        return {room.id: room for group in self._joined if (room := self._room(group)) is not None}

    async def _leave_groups(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
        await super()._leave_groups()

    # -- publishing ------------------------------------------------------------------------------------------

    @classmethod
    async def apublish(cls, group_name: str, message: BaseGroupMessage, *, key: str | None = None) -> None:
        """Sends a group message to a group from anywhere: a view, a task, a signal, a shell.

        :param key: an idempotency key, for classes with a history: of several messages with one key that come within
            its ``ttl``, the members get the first.

        Raises :class:`~chanx.exceptions.GroupMessageError` for a message that OG does not declare, ValueError for a
        key where there is no history, and whatever the channel layer, or the history, raises when it is away.
        """
        if type(message) not in cls.spec.group_messages.values():
            declared = ", ".join(sorted({known.__name__ for known in cls.spec.group_messages.values()})) or "none"
            raise GroupMessageError(
                f"{cls.spec.path} relays no {type(message).__name__}; its OG parameter declares: {declared}."
            )
        layer = require_layer(get_channel_layer(cls.channel_layer_alias), cls.spec.path)
        event = member_event(
            await may_block(layer_content, message, exclude={"is_mine", "is_current"}),
            kind="message",
            exclude_current=False,
            from_channel="",
            from_user_pk=None,
        )
        if cls.spec.history is not None:
            await publish(layer, group_name, event, cls.spec.history.bounds, key=key)
        elif key is None:
            await layer.group_send(group_name, dict(event))
        else:
            raise ValueError(f"{cls.spec.path} has no history that could remember a key.")

    @classmethod
    def publish(cls, group_name: str, message: BaseGroupMessage, *, key: str | None = None) -> None:
        """:meth:`apublish` for synchronous code. Inside of a transaction, call it by ``transaction.on_commit``."""
        async_to_sync(cls._publish_once)(group_name, message, key)

    @classmethod
    async def _publish_once(cls, group_name: str, message: BaseGroupMessage, key: str | None) -> None:
        layer = get_channel_layer(cls.channel_layer_alias)
        if layer is None or cls.spec.history is None:
            await cls.apublish(group_name, message, key=key)
            return
        async with borrowed_engine(layer):
            await cls.apublish(group_name, message, key=key)

    async def _publish(self, group: str, event: GroupMemberEvent) -> None:
        if self.spec.history is None:
            await super()._publish(group, event)
        else:
            await publish(self._layer(), group, event, self.spec.history.bounds)

    # -- resuming --------------------------------------------------------------------------------------------

    def _await_resume(self) -> None:
        """Called before the groups are joined: whether their messages wait until the client has resumed."""
        if self.spec.history is not None and offers_to_resume(self.scope):
            self._is_awaited = True

    async def _send_positions(self) -> None:
        if self.spec.history is None:
            return
        member = self._membership()
        known: dict[str, GroupPosition | None] = {
            id_: _position(room.subscriptions[member].position) for id_, room in self._rooms().items()
        }
        await self.send_message(self._positions(known))
        if self._is_awaited:
            # It cannot be late before it was let in, however long the groups have taken.
            self._impatience = asyncio.get_running_loop().call_later(PATIENCE, self._resume_without_client)

    def _positions(self, groups: dict[str, GroupPosition | None]) -> PositionsMessage:
        return PositionsMessage(payload=Positions(client=self._signature, groups=groups))

    async def _resume(self, message: ResumeMessage) -> ResumedMessage:
        """Sends what the client has missed of each group, and the rest from then on as it comes."""
        self._is_awaited = False
        rooms, member = self._rooms(), self._membership()
        if message.payload.client is not None:
            self._signature = member.name = message.payload.client
        answers: dict[str, ResumedGroup] = {}
        for id_, known in message.payload.groups.items():
            room = rooms.pop(id_, None)
            if room is None:
                answers[id_] = _denied()
            elif self._is_late:
                answers[id_] = _late(room, member)
            else:
                answers[id_] = await self._catch_up(room, Position(known.epoch, known.seq))
        if not self._is_late:
            for room in rooms.values():
                await self._follow(room)
        return ResumedMessage(payload=Resumed(groups=answers))

    async def _follow(self, room: HistoryRoom) -> None:
        """Sends what a group that the client did not know yet was sent since it has connected."""
        subscription = room.subscriptions.get(self._membership())
        if subscription is not None and not subscription.is_live:
            await self._catch_up(room, subscription.position)

    async def _catch_up(self, room: HistoryRoom, position: Position) -> ResumedGroup:
        member = self._membership()
        subscription = room.subscriptions.get(member)
        if subscription is None:
            return _denied()
        gap: Gap | None = None
        try:
            async with subscription.catching_up:
                async for found in room.missed(member, position):
                    if isinstance(found, Gap):
                        gap = gap or found
                    elif not member.audience.takes_text:
                        await self._hear(found.event)
                    elif (text := await found.text_for(member)) is not None:
                        await self._send_event({"type": "websocket.send", "text": text})
                        if member.after is not None:
                            await self._send_event({"type": "websocket.send", "text": member.after})
        except Exception:
            # The history is away. A client that stays would hear nothing of the group any more; one that comes back
            # resumes from where it is. It is told nothing else: that all was lost would not be true.
            await self._close(CloseCode.TRY_AGAIN_LATER)
            raise
        except BaseException:
            # It takes too long.
            self._connections.end(cast("Connection", self), CloseCode.TRY_AGAIN_LATER)
            raise
        # It may have left the group, or been taken out of it, while it was told what it has missed.
        is_member = room.subscriptions.get(member) is subscription
        return _resumed(subscription.position, gap) if is_member else _denied()

    def _resume_without_client(self) -> None:
        """The client did not resume in time: it is told, and its group messages follow from where it has connected."""
        if self._is_awaited and not self._closed:
            self._is_awaited, self._is_late = False, True
            self._catching_up = asyncio.create_task(self._go_live())

    async def _go_live(self) -> None:
        rooms, member = self._rooms(), self._membership()
        try:
            if rooms:
                # Before anything newer: a client that loses this connection at once resumes behind that.
                groups = {id_: _late(room, member) for id_, room in rooms.items()}
                await self.send_message(ResumedMessage(payload=Resumed(groups=groups)))
            for room in rooms.values():
                await self._follow(room)
        except Exception:
            # It is being closed already.
            self._log.failure(GROUPS, "cannot catch up with a group")

    def on_loss(self, group: str, position: Position, gap: Gap) -> None:
        """Tells the client that messages of a group were lost on the way to it."""
        payload = Resumed(groups={group_id(group): _resumed(position, gap)})
        self._outbox.push(self._codec.encode(ResumedMessage(payload=payload)))


def _position(position: Position) -> GroupPosition:
    return GroupPosition(epoch=position.epoch, seq=position.seq)


def _denied() -> ResumedGroup:
    return ResumedGroup(recovered=False, reason="denied")


def _late(room: HistoryRoom, member: Member) -> ResumedGroup:
    subscription = room.subscriptions.get(member)
    if subscription is None:
        return _denied()
    return ResumedGroup(recovered=False, position=_position(subscription.position), reason="late")


def _resumed(position: Position, gap: Gap | None) -> ResumedGroup:
    return ResumedGroup(recovered=gap is None, position=_position(position), reason=None if gap is None else gap.value)
