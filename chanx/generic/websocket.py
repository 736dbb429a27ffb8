"""The consumer that users derive from: the life of one connection, and the methods to send with."""

import asyncio
import logging
import uuid
from collections.abc import Iterable, Mapping
from contextlib import aclosing
from contextvars import ContextVar
from functools import cache
from typing import Any, ClassVar, Final, Generic, Literal, cast

from asgiref.sync import async_to_sync
from asgiref.typing import WebSocketConnectEvent, WebSocketDisconnectEvent
from channels.db import aclose_old_connections
from channels.exceptions import InvalidChannelLayerError, StopConsumer
from channels.generic.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from channels.layers import BaseChannelLayer, get_channel_layer
from django.conf import settings as django_settings
from django.db.models import Model, QuerySet
from pydantic import ValidationError
from pydantic_core import to_json
from rest_framework.request import Request
from typing_extensions import TypeVar

from chanx.close_codes import CloseCode, close_code_for
from chanx.codec import Codec, FrameId, Invoke, Reject, WireFormat
from chanx.exceptions import GroupMessageError, UndeclaredMessageError
from chanx.generic.authenticator import (
    AuthenticationClasses,
    AuthenticationResult,
    AuthMethod,
    ChanxWebsocketAuthenticator,
    ObjectQuerySet,
    PermissionClasses,
    ThrottleClasses,
    User,
)
from chanx.generic.metaclass import SYSTEM_MESSAGES, ConsumerMeta
from chanx.groups import LayerUnion, event_payload, member_event
from chanx.handshake import selected_subprotocol
from chanx.inbox import Inbox
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.outgoing import (
    AuthenticationMessage,
    AuthenticationPayload,
    CompleteMessage,
    ErrorMessage,
    Failure,
    FrameError,
    GroupCompleteMessage,
    PongMessage,
)
from chanx.registry import ConsumerSpec, HandlerSpec
from chanx.settings import chanx_settings
from chanx.types import EventPayload, GroupMemberEvent, GroupMessageKind

__all__ = ["AsyncJsonWebsocketConsumer", "EventPayload"]

logger = logging.getLogger(__name__)

IC = TypeVar("IC", bound=BaseMessage)
Event = TypeVar("Event", bound=BaseChannelEvent | None, default=None)
OG = TypeVar("OG", bound=BaseGroupMessage | None, default=None)
M = TypeVar("M", bound=Model | None, default=None)

#: The ``id`` of the frame whose handler runs; each frame that the handler sends carries it as ``reply_to``.
_reply_to: ContextVar[FrameId | None] = ContextVar("chanx_reply_to", default=None)

#: The key of a scope that says: this is a test, raise what production only logs.
TESTING_SCOPE_KEY: Final = "chanx.testing"

#: A text frame that waits for its turn, or one that is refused already, with the arguments of its receiver.
_Received = tuple[str | Reject, Mapping[str, Any]]


@cache
def _codec(spec: ConsumerSpec, wire: WireFormat) -> Codec:
    return Codec(spec.messages, wire)


@cache
def _group_messages(spec: ConsumerSpec) -> LayerUnion[BaseGroupMessage]:
    return LayerUnion(spec.group_messages, "action")


@cache
def _channel_events(spec: ConsumerSpec) -> LayerUnion[BaseChannelEvent]:
    return LayerUnion(spec.events, "handler")


def _default(method: Any) -> Any:
    """Marks what stands in for a method that the user may write."""
    method._chanx_default = True
    return method


class AsyncJsonWebsocketConsumer(ChannelsConsumer, Generic[IC, Event, OG, M], metaclass=ConsumerMeta, abstract=True):
    """A WebSocket service: typed messages in, typed messages out, guarded by DRF's classes.

    Generic parameters, of which only the first must be given:

    - ``IC``: the messages it receives, a subclass of BaseMessage or a union of them;
    - ``Event``: the channel events it handles, of BaseChannelEvent, or None;
    - ``OG``: the group messages it relays, of BaseGroupMessage, or None;
    - ``M``: the model of the object that the connection is about, or None.

    Received messages are handled by methods marked with :func:`~chanx.generic.handlers.handler`, or all together in
    :meth:`receive_message`. They are handled in order, one at a time; ``INBOX_SIZE`` of them may wait, then reading
    from the socket pauses.

    Raises :class:`~chanx.exceptions.ConsumerDefinitionError` when a subclass cannot work.
    """

    #: What the metaclass has read of this class.
    spec: ClassVar[ConsumerSpec]

    #: DRF's classes for the handshake; None means DRF's defaults.
    authentication_classes: AuthenticationClasses = None
    permission_classes: PermissionClasses = None
    throttle_classes: ThrottleClasses = None
    #: Where the object of the connection is looked up; True when it has none. ``get_queryset`` and ``get_object``
    #: may be overridden as in DRF; they run in a thread.
    queryset: ObjectQuerySet = True
    #: The model field of the lookup, and the URL keyword that holds its value (None: the same name).
    lookup_field: str = "pk"
    lookup_url_kwarg: str | None = None
    #: The HTTP verb that DRF's classes see.
    auth_method: AuthMethod = "get"
    authenticator_class: type[Any] = ChanxWebsocketAuthenticator

    #: Messages that are sent without being the return value of a handler or a group message: classes, or a union.
    outgoing_messages: ClassVar[Any] = None

    #: Each overrides the setting of the same name, None follows it.
    send_completion: bool | None = None
    send_message_immediately: bool | None = None
    send_authentication_message: bool | None = None
    log_received_message: bool | None = None
    log_sent_message: bool | None = None
    log_ignored_actions: Iterable[str] | None = None

    #: Who is connected, the object of the connection, and the request as DRF saw it.
    user: User
    obj: M
    request: Request
    authenticator: Any

    _receives_json: ClassVar[bool] = False
    _sends_json: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        root = AsyncJsonWebsocketConsumer
        # A class that overrides one of these hooks gets every frame as Python data; the others never pay for it.
        cls._receives_json = cls.receive_json is not root.receive_json or _differs(cls, "decode_json")
        cls._sends_json = cls.send_json is not root.send_json or _differs(cls, "encode_json")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A list of this connection alone: Channels' attribute belongs to the class.
        self.groups = list(type(self).groups or ())
        self._joined: list[str] = []
        self._authenticated = False
        self._closed = False
        self._failure: BaseException | None = None
        self._inbox: Inbox[_Received] = Inbox(self._handle, size=chanx_settings.INBOX_SIZE, on_failure=self._stop)
        wire = WireFormat.from_settings()
        self._codec = _codec(self.spec, wire)
        self._send_completion = _chosen(self.send_completion, chanx_settings.SEND_COMPLETION)
        self._yield_after_send = _chosen(self.send_message_immediately, chanx_settings.SEND_MESSAGE_IMMEDIATELY)
        self._log_received = _chosen(self.log_received_message, chanx_settings.LOG_RECEIVED_MESSAGE)
        self._log_sent = _chosen(self.log_sent_message, chanx_settings.LOG_SENT_MESSAGE)
        self._unlogged = frozenset(_chosen(self.log_ignored_actions, chanx_settings.LOG_IGNORED_ACTIONS))

    # -- life of a connection --------------------------------------------------------------------------------

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        task = self._task = asyncio.current_task()
        try:
            await super().__call__(scope, receive, send)
        except asyncio.CancelledError:
            if self._failure is None or task is None:
                raise
            task.uncancel()
            if not isinstance(self._failure, StopConsumer):
                raise self._failure from None
        finally:
            await self._inbox.close()
            await self._leave_groups()

    def _stop(self, failure: BaseException) -> None:
        """Ends the connection with an exception that a handler may raise through: StopConsumer, or a test's."""
        self._failure = failure
        if self._task is not None:
            self._task.cancel()

    async def websocket_connect(self, message: WebSocketConnectEvent) -> None:
        """Accepts the connection and authenticates it, joins its groups, or closes with the code that says why."""
        self._check_sent = self._undeclared_policy()
        before_accept = chanx_settings.AUTHENTICATE_BEFORE_ACCEPT
        if not before_accept:
            await self.accept(selected_subprotocol(self.scope))
        result = await self._authenticate()
        if not result.is_authenticated:
            await self._refuse(result, accepted=not before_accept)
            return
        if before_accept:
            await self.accept(selected_subprotocol(self.scope))
        try:
            await self.add_groups()
            await self._send_authentication(result)
            self._authenticated = True
            await self.post_authentication()
        except Exception:
            logger.exception("%s failed after authentication", self.spec.path)
            await self._close(CloseCode.HANDSHAKE_FAILURE)

    async def websocket_disconnect(self, message: WebSocketDisconnectEvent) -> None:
        """Cancels what is being handled, leaves the groups and calls ``disconnect``; raises StopConsumer."""
        self._closed = True
        await self._inbox.close()
        await self._leave_groups()
        await self.disconnect(message["code"])
        await aclose_old_connections()
        raise StopConsumer

    async def post_authentication(self) -> None:
        """Called once the client is authenticated and in its groups; override to act on it."""

    async def build_groups(self) -> list[str]:
        """The names of the groups to join; override to choose them by ``self.user`` or ``self.obj``."""
        return []

    async def add_groups(self) -> None:
        """Joins the groups of :meth:`build_groups` besides those that the class names.

        Raises Channels' InvalidChannelLayerError when there are groups, but no channel layer.
        """
        self.groups = list(dict.fromkeys([*self.groups, *await self.build_groups()]))
        for group in self.groups:
            await self._layer().group_add(group, self.channel_name)
            self._joined.append(group)

    def get_queryset(self) -> QuerySet[Any]:
        """The queryset in which the object is looked up: ``queryset``, unless overridden. Runs in a thread."""
        queryset: QuerySet[Any] = self.authenticator.view.own_queryset()
        return queryset

    def get_object(self) -> M:
        """The object that the URL names in the queryset, unless overridden. Runs in a thread.

        Its object permissions are checked afterwards in any case.
        """
        return cast("M", self.authenticator.view.own_object())

    async def _authenticate(self) -> AuthenticationResult:
        root = AsyncJsonWebsocketConsumer
        cls = type(self)
        authenticator = self.authenticator = self.authenticator_class()
        for name in ("authentication_classes", "permission_classes", "throttle_classes"):
            if (classes := getattr(self, name)) is not None:
                setattr(authenticator, name, classes)
        for name in ("queryset", "lookup_field", "lookup_url_kwarg", "auth_method"):
            setattr(authenticator, name, getattr(self, name))
        authenticator.source = self
        authenticator.wants_object = (
            self.queryset is not True
            or cls.get_queryset is not root.get_queryset
            or cls.get_object is not root.get_object
        )
        result: AuthenticationResult = await authenticator.authenticate(self.scope)
        if result.is_authenticated:
            self.user = cast("User", result.user)
            self.obj = cast("M", result.obj)
            # Channels' own name for the same user, for code that knows only the scope.
            self.scope["user"] = cast("Any", result.user)
        return result

    async def _refuse(self, result: AuthenticationResult, *, accepted: bool) -> None:
        if accepted:
            await self._send_authentication(result)
            await self._close(result.close_code or CloseCode.PROTOCOL_VIOLATION)
        elif "websocket.http.response" in (self.scope.get("extensions") or {}):
            self._closed = True
            await self.base_send(
                cast(
                    "Any",
                    {
                        "type": "websocket.http.response.start",
                        "status": result.status_code,
                        "headers": [(b"content-type", b"application/json")],
                    },
                )
            )
            await self.base_send(cast("Any", {"type": "websocket.http.response.body", "body": to_json(result.data)}))
        else:
            await self.close()

    async def _send_authentication(self, result: AuthenticationResult) -> None:
        if not _chosen(self.send_authentication_message, chanx_settings.SEND_AUTHENTICATION_MESSAGE):
            return
        payload = AuthenticationPayload(
            status_code=result.status_code, status_text=result.status_text, data=result.data
        )
        await self.send_message(AuthenticationMessage(payload=payload))

    async def _close(self, code: CloseCode) -> None:
        await self.close(close_code_for(self.scope, code))

    async def _leave_groups(self) -> None:
        joined, self._joined = self._joined, []
        for group in joined:
            await self._layer().group_discard(group, self.channel_name)

    def _layer(self) -> BaseChannelLayer:
        return _require_layer(self.channel_layer, self.spec.path)

    # -- receiving -------------------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Takes a frame from the socket; waits while the inbox is full."""
        if self._closed or not self._authenticated:
            return
        if text_data is None:
            error = FrameError(type="binary_frame", loc=[], msg="Frames must be text")
            await self._inbox.put((Reject([error]), kwargs))
        elif not self._receives_json:
            await self._inbox.put((text_data, kwargs))
        else:
            try:
                content = await self.decode_json(text_data)
            except ValueError:
                content = None
            if isinstance(content, dict):
                await self.receive_json(content, **kwargs)
            else:
                # Not an object, or no JSON at all: the codec knows how to say so.
                await self._inbox.put((text_data, kwargs))

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        """Takes a frame as Python data. Returns when it is queued; a task of the connection handles it in order.

        ``kwargs`` reach :meth:`receive_message`. Overriding it makes this class parse each frame twice.
        """
        await self._inbox.put((await self.encode_json(content), kwargs))

    @_default
    async def receive_message(self, message: IC, **kwargs: Any) -> None:
        """Handles a received message; to be written by classes that have no handlers."""
        raise NotImplementedError

    receive_message.__isabstractmethod__ = True

    async def _handle(self, received: _Received) -> None:
        """Handles one frame. Lets StopConsumer and UndeclaredMessageError through, which end the connection."""
        if self._closed:
            return
        source, kwargs = received
        decision = source if isinstance(source, Reject) else self._codec.decode(source)
        token = _reply_to.set(decision.reply_to)
        try:
            if isinstance(decision, Invoke):
                await self._invoke(decision.message, kwargs)
            else:
                logger.info("%s refused a frame: %s", self.spec.path, [error.type for error in decision.errors])
                await self.send_message(ErrorMessage(payload=decision.errors))
            if self._send_completion:
                await self.send_message(CompleteMessage())
        finally:
            _reply_to.reset(token)

    async def _invoke(self, message: BaseMessage, kwargs: Mapping[str, Any]) -> None:
        if self._log_received and message.action not in self._unlogged and logger.isEnabledFor(logging.INFO):
            logger.info("%s received %s", self.spec.path, message.action, extra={"action": message.action})
        try:
            await self.receive_message(cast("IC", message), **kwargs)
        except (StopConsumer, UndeclaredMessageError):
            raise
        except Exception:
            error_id = uuid.uuid4().hex
            logger.exception(
                "%s failed to process %s (error_id %s)",
                self.spec.path,
                message.action,
                error_id,
                extra={"action": message.action, "error_id": error_id},
            )
            failure = Failure(detail="Failed to process message", code="handler_failed", error_id=error_id)
            await self.send_message(ErrorMessage(payload=failure))

    @_default
    async def _receive_by_handler(self, message: BaseMessage, **kwargs: Any) -> None:
        await self._run(self.spec.message_handlers[type(message)], message)

    @_default
    async def _receive_event_by_handler(self, event: BaseChannelEvent) -> None:
        await self._run(self.spec.event_handlers[type(event)], event)

    async def _run(self, handler: HandlerSpec, received: BaseMessage | BaseChannelEvent) -> None:
        method = getattr(self, handler.name)
        if handler.streams:
            async with aclosing(method(received)) as replies:
                async for reply in replies:
                    await self.send_message(reply)
        elif (reply := await method(received)) is not None:
            await self.send_message(reply)

    async def _pong(self, message: BaseMessage) -> PongMessage:
        return PongMessage()

    # -- sending to this client ------------------------------------------------------------------------------

    async def send_message(self, message: BaseMessage) -> None:
        """Sends a message to this client.

        In tests, raises :class:`~chanx.exceptions.UndeclaredMessageError` for one that the class does not declare.
        """
        if self._check_sent != "ignore":
            self._report_undeclared(type(message))
        if self._sends_json:
            await self.send_json(self._codec.encode_python(message))
        else:
            await self._send_text(self._codec.encode(message, _reply_to.get()), message.action)

    async def send_json(self, content: dict[str, Any], close: bool | int = False) -> None:
        """Sends a dictionary as it is, to this client; ``close`` closes afterwards, with a code or without.

        Overriding it makes this class build a dictionary of each message before it is encoded.
        """
        reply_to = _reply_to.get()
        key = self._codec.wire.key("reply_to")
        if reply_to is not None and key not in content:
            content = {**content, key: reply_to}
        text = await self.encode_json(content)
        await self._send_text(text, str(content.get(self._codec.wire.action_key)), close)

    @classmethod
    async def encode_json(cls, content: Any) -> str:
        return to_json(content).decode()

    async def _send_text(self, text: str, action: str, close: bool | int = False) -> None:
        if self._log_sent and action not in self._unlogged and logger.isEnabledFor(logging.INFO):
            logger.info("%s sends %s", self.spec.path, action, extra={"action": action})
        await self.send(text_data=text, close=cast("bool", close))
        if self._yield_after_send:
            await asyncio.sleep(0)

    async def send(  # type: ignore[override]  # as in Channels: a frame, not an ASGI message
        self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool = False
    ) -> None:
        """Sends a frame. Does nothing once the connection is closed: whoever still sends cannot know in time."""
        if self._closed:
            return
        try:
            await super().send(text_data=text_data, bytes_data=bytes_data, close=close)
        except OSError:
            # The client is gone; its disconnect event is on the way (ASGI: send() after a disconnect).
            self._closed = True

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        """Closes the connection; frames that still wait to be handled are dropped. A second call does nothing."""
        if self._closed:
            return
        self._closed = True
        await super().close(code, reason)

    def _undeclared_policy(self) -> Literal["raise", "log", "ignore"]:
        if chanx_settings.UNDECLARED_MESSAGES is not None:
            return chanx_settings.UNDECLARED_MESSAGES
        if TESTING_SCOPE_KEY in self.scope:
            # A class that declares nothing it sends was written for a check that it does not know.
            return "raise" if self.spec.declares_sent else "log"
        return "log" if django_settings.DEBUG else "ignore"

    def _report_undeclared(self, message_class: type[BaseMessage]) -> None:
        if message_class in self.spec.sent_messages or message_class in SYSTEM_MESSAGES.values():
            return
        error = UndeclaredMessageError(self.spec.path, f"{message_class.__module__}.{message_class.__qualname__}")
        if self._check_sent == "raise":
            raise error
        logger.warning("%s", error)

    # -- groups ----------------------------------------------------------------------------------------------

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
        content = (
            message.model_dump(mode="json", by_alias=True) if kind == "message" else self._codec.encode_python(message)
        )
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
            content = self._group_message(content).model_dump(
                mode="json", by_alias=True, exclude={"is_mine", "is_current"}
            )
        event = member_event(
            content,
            kind=kind,
            exclude_current=exclude_current,
            from_channel=self.channel_name,
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
        is_current = event["from_channel"] == self.channel_name
        if is_current and event["exclude_current"]:
            return
        sender = event["from_user_pk"]
        # An anonymous user has no key to be known by: only the connection itself is "mine".
        is_mine = is_current or (sender is not None and str(sender) == _pk(self.user))
        token = _reply_to.set(None)
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
            logger.exception("%s cannot relay a group message", self.spec.path)
        finally:
            _reply_to.reset(token)

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
        await layer.group_send(group_name, dict(event_payload(event)))

    @classmethod
    def send_channel_event(cls, group_name: str, event: Event) -> None:
        """:meth:`asend_channel_event` for synchronous code."""
        async_to_sync(cls.asend_channel_event)(group_name, event)

    async def handle_channel_event(self, event_payload: EventPayload) -> None:
        """Takes a channel event from the layer, validates it and hands it to :meth:`receive_event`."""
        try:
            event = _channel_events(self.spec).validate(event_payload["event_data"])
        except (ValidationError, KeyError, TypeError):
            logger.exception("%s was sent a channel event that it does not declare", self.spec.path)
            return
        try:
            await self.receive_event(cast("Event", event))
        except (StopConsumer, UndeclaredMessageError):
            raise
        except Exception:
            logger.exception("%s failed to process the channel event %s", self.spec.path, event.handler)
        if self._send_completion:
            await self.send_message(CompleteMessage())

    @_default
    async def receive_event(self, event: Event) -> None:
        """Handles a channel event; to be written by classes with an Event parameter and no event handlers."""


def _differs(cls: type[Any], name: str) -> bool:
    """Whether a class method is another than chanx's own."""
    return getattr(cls, name).__func__ is not getattr(AsyncJsonWebsocketConsumer, name).__func__


def _chosen(override: Any, setting: Any) -> Any:
    return setting if override is None else override


def _pk(user: User) -> str | None:
    """The primary key of a user as text; None for an anonymous one."""
    return None if user.pk is None else str(user.pk)


def _require_layer(layer: BaseChannelLayer | None, owner: str) -> BaseChannelLayer:
    if layer is None:
        raise InvalidChannelLayerError(
            f"{owner} uses groups, which need a channel layer: set CHANNEL_LAYERS in Django's settings."
        )
    return layer
