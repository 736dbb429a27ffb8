"""Group messages and channel events: what reaches a connection through the channel layer."""

from collections.abc import Mapping
from functools import cache, partial
from typing import Any, Final, Generic, cast

from asgiref.sync import async_to_sync
from channels.exceptions import StopConsumer
from channels.layers import get_channel_layer
from pydantic import ValidationError

from chanx.blocking import may_block
from chanx.codec import Codec
from chanx.connection_log import GROUPS, HANDLERS
from chanx.exceptions import GroupMessageError, UndeclaredMessageError
from chanx.generic.membership import MembershipConsumer, require_layer, root_of, user_pk
from chanx.generic.metaclass import default_method
from chanx.generic.sending import current_place, encode_data, is_overridden
from chanx.generic.typevars import Event
from chanx.groups import LayerUnion, event_payload, layer_content, member_event, place_of, with_place
from chanx.hub import Audience
from chanx.mailbox import Mailbox
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.outgoing import CompleteMessage, GroupCompleteMessage
from chanx.registry import ConsumerSpec
from chanx.turns import current_turn
from chanx.types import EventPayload, GroupMemberEvent, GroupMessageKind


@cache
def _group_messages(spec: ConsumerSpec) -> LayerUnion[BaseGroupMessage]:
    return LayerUnion(spec.group_messages, "action")


@cache
def _channel_events(spec: ConsumerSpec) -> LayerUnion[BaseChannelEvent]:
    return LayerUnion(spec.events, "handler")


class GroupingConsumer(MembershipConsumer, Generic[Event]):
    """The part of a consumer that sends to groups, and handles what they bring."""

    # -- group messages --------------------------------------------------------------------------------------

    async def send_group_message(
        self,
        message: BaseMessage,
        groups: list[str] | None = None,
        *,
        kind: GroupMessageKind = "message",
        exclude_current: bool = True,
    ) -> None:
        """Sends a message to the members of groups, by default all of this connection's but itself.

        ``kind="message"`` sends what OG declares, ``"json"`` any message without a check. Raises
        :class:`~chanx.exceptions.GroupMessageError` for a message that OG does not declare.
        """
        if kind == "message":
            content = await may_block(layer_content, message)
        else:
            content = await may_block(self._codec.encode_python, message)
        await self.send_to_groups(content, groups, kind=kind, exclude_current=exclude_current)

    async def send_to_groups(
        self,
        content: dict[str, Any],
        groups: list[str] | None = None,
        *,
        exclude_current: bool = True,
        kind: GroupMessageKind = "json",
    ) -> None:
        """Sends a dictionary to the members of groups; :meth:`send_group_message` is the typed way.

        ``kind="json"`` sends it as it is, ``"message"`` as one of the messages that OG declares. Raises
        :class:`~chanx.exceptions.GroupMessageError` when it is none of them.
        """
        if kind == "message":
            content = layer_content(self._group_message(content), exclude={"is_mine", "is_current"})
        event = member_event(
            content,
            kind=kind,
            exclude_current=exclude_current,
            from_channel=self._signature,
            from_user_pk=user_pk(self.user),
        )
        for group in self.groups if groups is None else groups:
            await self._publish(group, event)

    async def _publish(self, group: str, event: GroupMemberEvent) -> None:
        layer = self._layer()
        await Mailbox.of(layer).ask(layer.group_send, group, dict(event))

    @classmethod
    def _group_message(cls, content: Mapping[str, Any]) -> BaseGroupMessage:
        if not cls.spec.group_messages:
            raise GroupMessageError(
                f"{cls.spec.path} declares no group message that it could relay. "
                "Name one as its OG parameter, or send with kind='json'."
            )
        try:
            return _group_messages(cls.spec).validate(content)
        except ValidationError as error:
            raise GroupMessageError(
                f"{cls.spec.path}: a group message is none of those in its OG parameter.\n{error}"
            ) from error

    async def send_group_member(self, event: GroupMemberEvent) -> None:
        """Relays a group message to this client, with ``is_mine`` and ``is_current`` from its point of view.

        The hub does the same for all members of a process at once, unless the class overrides it.
        """
        try:
            is_current = event["from_channel"] == self._signature
            if is_current and event["exclude_current"]:
                return
            sender = event["from_user_pk"]
            # An anonymous user has no key to be known by: only the connection itself is "mine".
            is_mine = is_current or (sender is not None and str(sender) == user_pk(self.user))
            seen = _seen(event, self._codec, is_mine=is_mine, is_current=is_current)
            is_declared = event["kind"] == "message"
        except (KeyError, TypeError):
            # Whoever can write into the layer must not end the connections of its members.
            self._log.failure(GROUPS, "was sent a group message that is none")
            return
        token = current_turn.set(None)
        place = current_place.set(place_of(event, self._codec.wire))
        try:
            if is_declared:
                await self.send_message(self._group_message(seen))
            else:
                await self.send_json(seen)
            if self._options.sends_completion:
                await self.send_message(GroupCompleteMessage())
        except GroupMessageError:
            self._log.failure(GROUPS, "cannot relay a group message")
        finally:
            current_place.reset(place)
            current_turn.reset(token)

    @classmethod
    def _audience(cls, codec: Codec) -> Audience:
        return _audience_of(cls.spec, codec)

    @classmethod
    def _group_text(cls, codec: Codec, event: Mapping[str, Any], is_mine: bool, is_current: bool) -> str:
        """The text frame of a group message, as :meth:`send_group_member` sends it."""
        seen = _seen(event, codec, is_mine=is_mine, is_current=is_current)
        is_message = event["kind"] == "message"
        text = codec.encode(cls._group_message(seen)) if is_message else encode_data(seen)
        return with_place(text, place_of(event, codec.wire))

    # -- channel events --------------------------------------------------------------------------------------

    @classmethod
    async def asend_channel_event(cls, group_name: str, event: Event) -> None:
        """Sends a channel event to the consumers of this class in a group, from anywhere: a view, a task, a shell.

        Raises TypeError for an event that the Event parameter does not declare.
        """
        if event is None or type(event) not in cls.spec.events.values():
            declared = ", ".join(sorted({known.__name__ for known in cls.spec.events.values()})) or "none"
            raise TypeError(
                f"{cls.spec.path} handles no {type(event).__name__}; its Event parameter declares: {declared}."
            )
        layer = require_layer(get_channel_layer(cls.channel_layer_alias), cls.spec.path)
        await layer.group_send(group_name, dict(await may_block(event_payload, event)))

    @classmethod
    def send_channel_event(cls, group_name: str, event: Event) -> None:
        """:meth:`asend_channel_event` for synchronous code."""
        async_to_sync(cls.asend_channel_event)(group_name, event)

    async def handle_channel_event(self, event_payload: EventPayload) -> None:
        """Takes a channel event from the layer, validates it and hands it to :meth:`receive_event`."""
        try:
            event = _channel_events(self.spec).validate(event_payload["event_data"])
        except (ValidationError, KeyError, TypeError):
            self._log.failure(GROUPS, "was sent a channel event that it does not declare")
            return
        try:
            await self.receive_event(cast("Event", event))
        except (StopConsumer, UndeclaredMessageError):
            raise
        except Exception:
            self._log.failure(HANDLERS, "failed to process the channel event %s", event.handler, event=event.handler)
        if self._options.sends_completion:
            await self.send_message(CompleteMessage())

    @default_method
    async def receive_event(self, event: Event) -> None:
        """Handles a channel event; to be written by classes with an Event parameter and no event handlers."""


#: What a class may override that sees group messages on their way to the client.
_RELAYING: Final = ("send_group_member", "dispatch", "send_message", "send_json", "encode_json", "send")


@cache
def _audience_of(spec: ConsumerSpec, codec: Codec) -> Audience:
    """What connections of a class have in common for the hub; ``codec`` is the one of their wire format."""
    cls: Any = spec.consumer
    root = root_of(cls)
    overridden = {name for name in (*_RELAYING, "handle_channel_event") if is_overridden(cls, name, root)}
    private = overridden & {"dispatch", "send_group_member", "handle_channel_event"}
    return Audience(
        partial(cls._group_text, codec),
        takes_text=not (overridden.intersection(_RELAYING) or cls.recheck_group_events),
        shares_messages=not private,
    )


def _seen(event: Mapping[str, Any], codec: Codec, *, is_mine: bool, is_current: bool) -> dict[str, Any]:
    """The content of a group message with the point of view of one who receives it."""
    if event["kind"] == "message":
        return {**event["content"], "is_mine": is_mine, "is_current": is_current}
    key = codec.wire.key
    return {**event["content"], key("is_mine"): is_mine, key("is_current"): is_current}
