"""Group messages and channel events: what reaches a connection through the channel layer."""

import asyncio
from collections.abc import Mapping
from contextvars import copy_context
from functools import cache, cached_property
from typing import Any, Generic, cast

from asgiref.sync import async_to_sync
from channels.exceptions import InvalidChannelLayerError, StopConsumer
from channels.layers import BaseChannelLayer, get_channel_layer
from pydantic import ValidationError

from chanx.blocking import may_block
from chanx.connection_log import GROUPS, HANDLERS
from chanx.exceptions import GroupMessageError, UndeclaredMessageError
from chanx.generic.authenticator import User
from chanx.generic.metaclass import default_method
from chanx.generic.sending import SendingConsumer
from chanx.generic.typevars import Event
from chanx.groups import LayerUnion, event_payload, layer_content, member_event
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.outgoing import CompleteMessage, GroupCompleteMessage
from chanx.registry import ConsumerSpec
from chanx.settings import chanx_settings, chosen
from chanx.turns import current_turn
from chanx.types import EventPayload, GroupMemberEvent, GroupMessageKind


@cache
def _group_messages(spec: ConsumerSpec) -> LayerUnion[BaseGroupMessage]:
    return LayerUnion(spec.group_messages, "action")


@cache
def _channel_events(spec: ConsumerSpec) -> LayerUnion[BaseChannelEvent]:
    return LayerUnion(spec.events, "handler")


class GroupingConsumer(SendingConsumer, Generic[Event]):
    """The part of a consumer that is a member of groups."""

    #: Overrides the setting of the same name, None follows it.
    send_completion: bool | None = None

    #: Who is connected.
    user: User

    #: The task of the connection.
    _task: "asyncio.Task[object]"
    #: Its name in the channel layer; without a layer it has none.
    _channel_name: str = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A list of this connection alone: Channels' attribute belongs to the class.
        self.groups = list(type(self).groups or ())
        self._joined: list[str] = []
        self._failure: BaseException | None = None
        self._listener: asyncio.Task[None] | None = None
        #: Somebody may send to this connection; and it may be told.
        self._is_addressed = False
        self._is_open = False
        self._send_completion = chosen(self.send_completion, chanx_settings.SEND_COMPLETION)

    # -- membership ------------------------------------------------------------------------------------------

    async def build_groups(self) -> list[str]:
        """The names of the groups to join; override to choose them by ``self.user`` or ``self.obj``."""
        return []

    async def add_groups(self) -> None:
        """Joins the groups of :meth:`build_groups` besides those that the class names.

        Raises Channels' InvalidChannelLayerError when there are groups, but no channel layer.
        """
        built = await self.build_groups()
        self.groups = list(dict.fromkeys([*self.groups, *built]))
        for group in self.groups:
            await self._layer().group_add(group, self._channel_name)
            self._joined.append(group)
        if self._joined:
            self._listen()

    async def _leave_groups(self) -> None:
        joined, self._joined = self._joined, []
        for group in joined:
            await self._layer().group_discard(group, self._channel_name)

    def _layer(self) -> BaseChannelLayer:
        return _require_layer(self.channel_layer, self.spec.path)

    # -- listening -------------------------------------------------------------------------------------------

    @cached_property
    def channel_name(self) -> str:  # type: ignore[override]  # an attribute in Channels, and written like one here too
        """The name of this connection in the channel layer. Whoever asks for it may send to it: from then on the
        connection listens. Raises AttributeError without a channel layer, as in Channels."""
        if not self._channel_name:
            raise AttributeError(f"{self.spec.path} has no channel_name: CHANNEL_LAYERS is not set.")
        # Synchronous code asks for it in another thread.
        self._task.get_loop().call_soon_threadsafe(self._listen)
        return self._channel_name

    def _listen(self) -> None:
        """Begins to listen, as soon as the client is let in."""
        self._is_addressed = True
        if self._listener is None and self._is_open and not self._closed:
            # Not in the context of the message whose handler happens to be the first to ask.
            context = copy_context()
            context.run(current_turn.set, None)
            self._listener = self._task.get_loop().create_task(self._hear(), context=context)

    async def _listen_no_more(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait([self._listener])

    async def _hear(self) -> None:
        layer = self._layer()
        try:
            while True:
                await self.dispatch(await layer.receive(self._channel_name))
        except Exception as failure:
            self._fail(failure)

    def _fail(self, failure: BaseException) -> None:
        """Ends the connection with an exception from another of its tasks."""
        if self._failure is None:
            self._failure = failure
            self._task.cancel()

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
            from_channel=self._channel_name,
            from_user_pk=_pk(self.user),
        )
        for group in self.groups if groups is None else groups:
            await self._layer().group_send(group, dict(event))

    def _group_message(self, content: Mapping[str, Any]) -> BaseGroupMessage:
        if not self.spec.group_messages:
            raise GroupMessageError(
                f"{self.spec.path} declares no group message that it could relay. "
                "Name one as its OG parameter, or send with kind='json'."
            )
        try:
            return _group_messages(self.spec).validate(content)
        except ValidationError as error:
            raise GroupMessageError(
                f"{self.spec.path}: a group message is none of those in its OG parameter.\n{error}"
            ) from error

    async def send_group_member(self, event: GroupMemberEvent) -> None:
        """Relays a group message to this client, with ``is_mine`` and ``is_current`` from its point of view."""
        is_current = event["from_channel"] == self._channel_name
        if is_current and event["exclude_current"]:
            return
        sender = event["from_user_pk"]
        # An anonymous user has no key to be known by: only the connection itself is "mine".
        is_mine = is_current or (sender is not None and str(sender) == _pk(self.user))
        token = current_turn.set(None)
        try:
            if event["kind"] == "message":
                seen = {**event["content"], "is_mine": is_mine, "is_current": is_current}
                await self.send_message(self._group_message(seen))
            else:
                key = self._codec.wire.key
                await self.send_json({**event["content"], key("is_mine"): is_mine, key("is_current"): is_current})
            if self._send_completion:
                await self.send_message(GroupCompleteMessage())
        except GroupMessageError:
            self._log.failure(GROUPS, "cannot relay a group message")
        finally:
            current_turn.reset(token)

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
        layer = _require_layer(get_channel_layer(cls.channel_layer_alias), cls.spec.path)
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
        if self._send_completion:
            await self.send_message(CompleteMessage())

    @default_method
    async def receive_event(self, event: Event) -> None:
        """Handles a channel event; to be written by classes with an Event parameter and no event handlers."""


def _pk(user: User | None) -> str | None:
    """The primary key of a user as text; None for an anonymous one, and for none at all (UNAUTHENTICATED_USER)."""
    pk = getattr(user, "pk", None)
    return None if pk is None else str(pk)


def _require_layer(layer: BaseChannelLayer | None, owner: str) -> BaseChannelLayer:
    if layer is None:
        raise InvalidChannelLayerError(
            f"{owner} uses groups, which need a channel layer: set CHANNEL_LAYERS in Django's settings."
        )
    return layer
