"""The hub: what is sent to a group reaches each process once, and becomes a text once for all who see the same.

A group has one channel for all its members in a process, and a task that listens to it. What arrives is handed to the
members without waiting for any of them. A group message goes to their outboxes as text. Whatever needs the consumer
itself, a channel event, a message of the application's own type, or a class that overrides how group messages are
relayed, waits in the ear of each member, in order.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from copy import deepcopy
from typing import Any, Final, Protocol

from channels.layers import BaseChannelLayer

from chanx.arrivals import LayerMessage, listen
from chanx.blocking import may_block
from chanx.connection_log import SENT
from chanx.mailbox import Mailbox
from chanx.outbox import Outbox, TooSlowError

#: ``type`` of the group messages that the hub itself can relay.
GROUP_MESSAGE: Final = "send_group_member"

#: Messages of the layer that may wait for one consumer, which handles them one after the other.
LONGEST_EAR: Final = 1000
#: Members that get a message before other tasks get a turn.
_FAIR_SHARE: Final = 500


class Listener(Protocol):
    """Who is behind a member: a consumer."""

    def user_pk(self) -> str | None:
        """Primary key of the user as text, None for an anonymous one."""

    async def hear(self, message: LayerMessage) -> None:
        """Handles a message of the layer. Must not raise."""

    def log_relayed(self, action: str) -> None:
        """Called for each relayed text, where sent messages are logged at all."""

    def log_failure(self) -> None:
        """Called while an exception is handled: a group message could not be made a text."""

    def on_trouble(self, problem: Exception) -> None:
        """Called with TooSlowError when more waits than may."""


class Audience:
    """Consumers to which the same group message looks the same: those of one class and wire format.

    :param render: makes the text of a group message: from its event, ``is_mine`` and ``is_current``.
    :param takes_text: nothing of the class needs to see group messages on their way.
    :param shares_messages: nothing of the class could change a message that others get as well.
    """

    __slots__ = ("render", "shares_messages", "takes_text")

    def __init__(
        self,
        render: Callable[[Mapping[str, Any], bool, bool], str],
        *,
        takes_text: bool,
        shares_messages: bool,
    ) -> None:
        self.render = render
        self.takes_text = takes_text
        self.shares_messages = shares_messages


class Member:
    """A connection as the hub knows it.

    :param name: by which it signs the group messages that it sends.
    :param after: the text that follows each relayed group message, None where none does.
    """

    __slots__ = ("_is_open", "_task", "_waiting", "after", "audience", "is_direct", "listener", "name", "outbox")

    def __init__(self, listener: Listener, audience: Audience, outbox: Outbox, *, name: str, after: str | None) -> None:
        self.listener = listener
        self.audience = audience
        self.outbox = outbox
        self.name = name
        self.after = after
        #: Texts may go to the outbox at once: nothing that came before them waits.
        self.is_direct = False
        self._is_open = False
        #: The ear: what has to be handled by the consumer, or came before it listens.
        self._waiting: deque[LayerMessage | Relay] | None = None
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Hands out from now on; what has come before comes first."""
        self._is_open = True
        self._attend()

    def close(self) -> None:
        """Hands out no more."""
        self._is_open = self.is_direct = False
        self._waiting = None
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    def wait_for(self, heard: "LayerMessage | Relay") -> None:
        """Puts a message behind those that wait."""
        if self._waiting is None:
            self._waiting = deque()
        if len(self._waiting) >= LONGEST_EAR:
            self.listener.on_trouble(TooSlowError(f"{LONGEST_EAR} messages of its groups wait to be handled"))
            return
        self._waiting.append(heard)
        self._attend()

    def _attend(self) -> None:
        if not self._is_open or self._task is not None:
            return
        if self._waiting:
            self.is_direct = False
            # Not in the context of whoever happens to send.
            self._task = asyncio.get_running_loop().create_task(self._work_off(), context=Context())
        else:
            self.is_direct = self.audience.takes_text

    async def _work_off(self) -> None:
        try:
            while self._waiting:
                heard = self._waiting.popleft()
                if isinstance(heard, Relay):
                    await heard.hand_to(self)
                else:
                    await self.listener.hear(heard)
        finally:
            self._task = None
        self._waiting = None
        self._attend()


#: To whom a group message looks the same: the audience, ``is_mine`` and ``is_current``.
_View = tuple[Audience, bool, bool]


class Relay:
    """A group message on its way to the members of a process, and the texts that were made of it."""

    __slots__ = ("_action", "_is_logged", "_sender", "_texts", "event", "excluded", "sent_by")

    def __init__(self, event: LayerMessage) -> None:
        self.event = event
        self.sent_by: str = event["from_channel"]
        self.excluded: str | None = self.sent_by if event["exclude_current"] else None
        self._sender = None if event["from_user_pk"] is None else str(event["from_user_pk"])
        self._is_logged = SENT.isEnabledFor(logging.INFO)
        self._action = str(event["content"].get("action"))
        self._texts: dict[_View, str | None] = {}

    def pass_to(self, member: Member) -> Awaitable[None] | None:
        """Hands it to a member, behind what waits there. To be awaited where it returns something: a text is made."""
        if not member.is_direct:
            if member.audience.takes_text:
                member.wait_for(self)
            else:
                member.wait_for(self.event if member.audience.shares_messages else deepcopy(self.event))
            return None
        view = self._view_of(member)
        if view is None:
            return None
        if view not in self._texts:
            return self.hand_to(member)
        self._push(member, self._texts[view])
        return None

    async def hand_to(self, member: Member) -> None:
        """Pushes the text that this member sees. Waits only where making a text needs the database."""
        self._push(member, await self.text_for(member))

    def _push(self, member: Member, text: str | None) -> None:
        if text is not None:
            member.outbox.push(text)
            if member.after is not None:
                member.outbox.push(member.after)
            if self._is_logged:
                member.listener.log_relayed(self._action)

    async def text_for(self, member: Member) -> str | None:
        """The text that this member sees; None when it sees none."""
        view = self._view_of(member)
        if view is None:
            return None
        if view not in self._texts:
            self._texts[view] = await self._render(member, *view[1:])
        return self._texts[view]

    def _view_of(self, member: Member) -> _View | None:
        """What tells the texts of members apart; None for one who sees nothing of it."""
        is_current = member.name == self.sent_by
        if is_current and self.excluded is not None:
            return None
        # An anonymous user has no key to be known by: only the connection itself is "mine".
        is_mine = is_current or (self._sender is not None and self._sender == member.listener.user_pk())
        return member.audience, is_mine, is_current

    async def _render(self, member: Member, is_mine: bool, is_current: bool) -> str | None:
        try:
            return await may_block(member.audience.render, self.event, is_mine, is_current)
        except Exception:
            # Told once for all that it concerns.
            member.listener.log_failure()
            return None


class _Seat:
    """A member in a group, from the moment that it asks for it."""

    __slots__ = ("is_taken",)

    def __init__(self) -> None:
        self.is_taken = False


class Room:
    """A group, as far as it is in this process."""

    __slots__ = ("_mailbox", "_task", "channel", "group", "lock", "seats")

    def __init__(self, mailbox: Mailbox, group: str) -> None:
        self._mailbox = mailbox
        self.group = group
        self._task: asyncio.Task[None] | None = None
        self.channel = ""
        self.seats: dict[Member, _Seat] = {}
        #: Held while it opens or closes.
        self.lock = asyncio.Lock()

    async def open(self) -> None:
        """Begins to listen. What is sent after this has returned arrives."""
        channel = await self._mailbox.layer.new_channel()
        await self._mailbox.join(self.group, via=channel)
        self.channel = channel
        # Not in the context of the connection that happens to be the first.
        self._task = asyncio.get_running_loop().create_task(
            listen(self._mailbox.layer, channel, self.take), name="chanx group", context=Context()
        )

    async def close(self) -> None:
        channel, self.channel = self.channel, ""
        try:
            await self._mailbox.leave(self.group, via=channel)
        finally:
            if self._task is not None:
                self._task.cancel()
                self._task = None

    async def take(self, message: LayerMessage) -> None:
        """Hands a message of the layer to the members."""
        if message.get("type") == GROUP_MESSAGE:
            await self._relay(message)
            return
        for member in tuple(self.seats):
            member.wait_for(message if member.audience.shares_messages else deepcopy(message))

    async def _relay(self, message: LayerMessage) -> None:
        relay = Relay(message)
        for number, member in enumerate(tuple(self.seats), 1):
            if number % _FAIR_SHARE == 0:
                await asyncio.sleep(0)
            # Others run while a text is made with the database, or in between: somebody may have left.
            if member in self.seats and (making := relay.pass_to(member)) is not None:
                await making


class Hub:
    """The groups of one event loop in one layer."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._rooms: dict[str, Room] = {}

    @classmethod
    def of(cls, layer: BaseChannelLayer) -> "Hub":
        """The one of the running event loop in a layer."""
        return Mailbox.of(layer).keep(cls)

    def _make_room(self, group: str) -> Room:
        return Room(self._mailbox, group)

    async def join(self, group: str, member: Member) -> None:
        """Makes a connection a member of a group; a second time is nothing.

        What is sent after this has returned arrives. Raises what the layer raises; then it is no member.
        """
        room = self._rooms.get(group)
        if room is None:
            room = self._rooms[group] = self._make_room(group)
        seat = room.seats.get(member)
        if seat is None or not seat.is_taken:
            seat = room.seats[member] = _Seat()
        try:
            # Others may leave meanwhile, and be the last: whoever asks for the hub afterwards has to find this one.
            async with self._mailbox.held(), room.lock:
                if not room.channel and room.seats:
                    await room.open()
            seat.is_taken = True
        except BaseException:
            if room.seats.get(member) is seat and not seat.is_taken:
                del room.seats[member]
            raise
        finally:
            # Those for whom it was opened, or who were to close it, may have been cancelled.
            if not room.seats:
                await self._close(group, room)

    async def leave(self, group: str, member: Member) -> None:
        """Takes a connection out of a group: nothing is handed to it any more. Does nothing where it is no member."""
        room = self._rooms.get(group)
        if room is None or room.seats.pop(member, None) is None:
            return
        if not room.seats:
            await self._close(group, room)

    async def _close(self, group: str, room: Room) -> None:
        async with room.lock:
            if not room.seats and room.channel:
                await room.close()
        if not room.seats and self._rooms.get(group) is room:
            del self._rooms[group]
