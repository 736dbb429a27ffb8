"""The consumer that users derive from: the life of one connection, and how its frames reach the handlers."""

import asyncio
import json
import logging
import uuid
from collections.abc import Mapping
from contextlib import aclosing
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, cast

from asgiref.typing import WebSocketConnectEvent, WebSocketDisconnectEvent
from channels.db import aclose_old_connections
from channels.exceptions import StopConsumer
from django.db.models import QuerySet
from pydantic import BaseModel
from pydantic_core import to_json
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from chanx.blocking import may_block
from chanx.close_codes import CloseCode, close_code_for
from chanx.codec import NO_OBJECT, Decision, Invoke, Reject
from chanx.exceptions import UndeclaredMessageError
from chanx.frame_limits import is_deeper_than, is_larger_than
from chanx.generic.authenticator import (
    AuthenticationResult,
    ChanxWebsocketAuthenticator,
    HandshakeOptions,
    User,
    close_code_of,
    failed,
    refused,
)
from chanx.generic.grouping import GroupingConsumer
from chanx.generic.metaclass import ConsumerMeta, abstract_at_run_time, default_method
from chanx.generic.query_params import read_query_params
from chanx.generic.sending import reply_to
from chanx.generic.typevars import IC, OG, Event, M
from chanx.handshake import selected_subprotocol
from chanx.inbox import Inbox
from chanx.messages.base import BaseChannelEvent, BaseMessage
from chanx.messages.outgoing import (
    AuthenticationMessage,
    AuthenticationPayload,
    CompleteMessage,
    ErrorMessage,
    Failure,
    FrameError,
    PongMessage,
)
from chanx.messages.serialized import serializer_context
from chanx.registry import HandlerSpec
from chanx.settings import chanx_settings, chosen
from chanx.types import EventPayload

__all__ = ["AsyncJsonWebsocketConsumer", "EventPayload"]

logger = logging.getLogger(__name__)

#: A text frame that waits for its turn, or one that is refused already, or that a hook of the class has failed with;
#: and the arguments of its receiver.
_Received = tuple[str | Reject | Exception, Mapping[str, Any]]


class AsyncJsonWebsocketConsumer(
    GroupingConsumer[Event],
    HandshakeOptions,
    Generic[IC, Event, OG, M],
    metaclass=ConsumerMeta,
    abstract=True,
):
    """A WebSocket service: typed messages in, typed messages out, guarded by DRF's classes.

    Generic parameters, of which only the first must be given:

    - ``IC``: the messages it receives, a subclass of BaseMessage or a union of them;
    - ``Event``: the channel events it handles, of BaseChannelEvent, or None;
    - ``OG``: the group messages it relays, of BaseGroupMessage, or None;
    - ``M``: the model of the object that the connection is about, or None.

    Received messages are handled by methods marked with :func:`~chanx.generic.handlers.handler`, or all together in
    :meth:`receive_message`. They are handled in order, one at a time; ``INBOX_SIZE`` of them may wait, then reading
    from the socket pauses.

    Who may connect is decided by DRF's classes, named by the attributes of
    :class:`~chanx.generic.authenticator.HandshakeOptions`; ``get_queryset`` and ``get_object`` may be overridden as in
    DRF. ``self.user``, ``self.obj`` and ``self.request`` are there once the client is authenticated, and so is
    ``self.query_params`` where a subclass annotates it with a pydantic model.

    Raises :class:`~chanx.exceptions.ConsumerDefinitionError` when a subclass cannot work.
    """

    authenticator_class: type[Any] = ChanxWebsocketAuthenticator

    #: Each overrides the setting of the same name, None follows it.
    send_authentication_message: bool | None = None
    log_received_message: bool | None = None

    #: The object of the connection, and the request as DRF saw it.
    obj: M
    request: Request
    authenticator: Any

    if TYPE_CHECKING:
        # A subclass narrows it to its model; Any, because an attribute of another type could not be narrowed.
        query_params: Any
    else:

        @cached_property
        def query_params(self) -> BaseModel:
            """The query parameters of the handshake: an instance of the model that a subclass annotates it with.

            A handshake whose query string is not as the model says is refused with 400, after authentication. Raises
            AttributeError where no model is declared.
            """
            if self.spec.query_params_class is None:
                raise AttributeError(f"{self.spec.path} declares no query_params: annotate it with a pydantic model.")
            return read_query_params(self.spec.query_params_class, self.scope.get("query_string", b""))

    #: The class overrides how frames are received as Python data, or even how it is read from their text.
    _receives_json: ClassVar[bool] = False
    _reads_text: ClassVar[bool] = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        root = AsyncJsonWebsocketConsumer
        # A class that overrides one of these hooks gets every frame as Python data; the others never pay for it.
        cls._reads_text = _differs(cls, "decode_json")
        cls._receives_json = cls.receive_json is not root.receive_json or cls._reads_text
        cls._sends_json = cls.send_json is not root.send_json or _differs(cls, "encode_json")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._authenticated = False
        self._failure: BaseException | None = None
        self._inbox: Inbox[_Received] = Inbox(self._handle, size=chanx_settings.INBOX_SIZE, on_failure=self._stop)
        self._max_size = chanx_settings.MAX_MESSAGE_SIZE
        self._max_depth = chanx_settings.MAX_DEPTH
        self._log_received = chosen(self.log_received_message, chanx_settings.LOG_RECEIVED_MESSAGE)

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
        except (StopConsumer, UndeclaredMessageError):
            raise
        except Exception:
            logger.exception("%s failed after authentication", self.spec.path)
            await self._close(CloseCode.HANDSHAKE_FAILURE)

    async def websocket_disconnect(self, message: WebSocketDisconnectEvent) -> None:
        """Cancels what is being handled, leaves the groups and calls ``disconnect``; raises StopConsumer.

        ``disconnect`` is called for clients that were let in, and only for those: it may rely on ``self.user``, and
        nobody else can make it run.
        """
        self._closed = True
        await self._inbox.close()
        await self._leave_groups()
        if self._authenticated:
            await self.disconnect(message["code"])
        await aclose_old_connections()
        raise StopConsumer

    async def post_authentication(self) -> None:
        """Called once the client is authenticated and in its groups; override to act on it."""

    def get_queryset(self) -> QuerySet[Any]:
        """The queryset in which the object is looked up: ``queryset``, unless overridden. Runs in a thread."""
        queryset: QuerySet[Any] = self.authenticator.view.own_queryset()
        return queryset

    def get_object(self) -> M:
        """The object that the URL names in the queryset, unless overridden. Runs in a thread.

        Its object permissions are checked afterwards in any case.
        """
        return cast("M", self.authenticator.view.own_object())

    def get_serializer_context(self) -> Mapping[str, Any]:
        """The ``context`` of the serializers that validate received messages, as in DRF's generic views."""
        return {"request": self.request, "format": None, "view": getattr(self.authenticator, "view", None)}

    async def _authenticate(self) -> AuthenticationResult:
        authenticator = self.authenticator = self.authenticator_class()
        authenticator.follow(self)
        if self.spec.looks_up_object:
            authenticator.source, authenticator.wants_object = self, True
        result: AuthenticationResult = await authenticator.authenticate(self.scope)
        if result.is_authenticated and self.spec.query_params_class is not None:
            # Not before: whoever is not let in learns nothing about the parameters.
            result = await self._with_query_params(result)
        if result.is_authenticated:
            self.user = cast("User", result.user)
            self.obj = cast("M", result.obj)
            self.request = cast("Request", result.request)
            # Channels' own name for the same user, for code that knows only the scope.
            self.scope["user"] = cast("Any", result.user)
        return result

    async def _with_query_params(self, result: AuthenticationResult) -> AuthenticationResult:
        """``result``, or the refusal of a query string that is not as declared."""
        try:
            await may_block(getattr, self, "query_params")
        except APIException as refusal:
            return refused(refusal)
        except Exception:
            # A validator of the application's has raised something else than ValueError.
            logger.exception("%s failed to read the query string of a handshake", self.spec.path)
            return failed()
        return result

    async def _refuse(self, result: AuthenticationResult, *, accepted: bool) -> None:
        if accepted:
            await self._send_authentication(result)
            await self._close(result.close_code or close_code_of(None, result.status_code))
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
        if not chosen(self.send_authentication_message, chanx_settings.SEND_AUTHENTICATION_MESSAGE):
            return
        payload = AuthenticationPayload(
            status_code=result.status_code, status_text=result.status_text, data=result.data
        )
        await self.send_message(AuthenticationMessage(payload=payload))

    async def _close(self, code: CloseCode) -> None:
        await self.close(close_code_for(self.scope, code))

    # -- receiving -------------------------------------------------------------------------------------------

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None, **kwargs: Any) -> None:
        """Takes a frame from the socket; waits while the inbox is full."""
        if self._closed or not self._authenticated:
            return
        if text_data is None:
            await self._inbox.put((_refused("binary_frame", "Frames must be text"), kwargs))
        elif self._max_size is not None and is_larger_than(text_data, self._max_size):
            await self._close(CloseCode.MESSAGE_TOO_BIG)
        elif (refusal := self._too_deep(text_data)) is not None:
            await self._inbox.put((refusal, kwargs))
        elif not self._receives_json:
            await self._inbox.put((text_data, kwargs))
        else:
            await self._receive_by_hooks(text_data, kwargs)

    async def _receive_by_hooks(self, text: str, kwargs: Mapping[str, Any]) -> None:
        """The way of a class that wants Python data: its hooks see no frame that would be refused without them."""
        try:
            content = await self._content(text)
            if isinstance(content, Reject):
                await self._inbox.put((content, kwargs))
            else:
                await self.receive_json(content, **kwargs)
        except (StopConsumer, UndeclaredMessageError):
            raise
        except Exception as error:
            # A hook of the application's: no frame of one client may end the connection.
            await self._inbox.put((error, kwargs))

    async def _content(self, text: str) -> dict[str, Any] | Reject:
        # What a class reads itself may be another format, which says little until it is read. If it is JSON, that does
        # not say everything.
        refusal = self._codec.repetition(text) if self._reads_text else self._codec.refusal(text)
        if refusal is not None:
            return refusal
        try:
            content = await self.decode_json(text)
        except (ValueError, RecursionError):
            # Never left to the codec: what this class cannot read, it must not handle.
            return self._codec.refusal(text) or _refused("invalid_json", "The frame cannot be read")
        return content if isinstance(content, dict) else _refused("invalid_envelope", NO_OBJECT)

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        """Takes a frame as Python data. Returns when it is queued; a task of the connection handles it in order.

        ``kwargs`` reach :meth:`receive_message`. Overriding it makes this class parse each frame twice.
        """
        try:
            text = to_json(content).decode()
        except ValueError:
            # A lone surrogate has no form in UTF-8; as an escape it has one, which the codec refuses.
            text = json.dumps(content, separators=(",", ":"))
        await self._inbox.put((self._too_deep(text) or text, kwargs))

    def _too_deep(self, text: str) -> Reject | None:
        if not is_deeper_than(text, self._max_depth):
            return None
        return _refused("too_deep", f"More than {self._max_depth} levels of nesting")

    @abstract_at_run_time
    @default_method
    async def receive_message(self, message: IC, **kwargs: Any) -> None:
        """Handles a received message; to be written by classes that have no handlers."""

    async def _handle(self, received: _Received) -> None:
        """Handles one frame. Lets StopConsumer and UndeclaredMessageError through, which end the connection."""
        if self._closed:
            return
        source, kwargs = received
        try:
            if isinstance(source, Exception):
                raise source
            decision = source if isinstance(source, Reject) else await may_block(self._decode, source)
        except Exception:
            # A hook of the application's, or a validator that has raised something else than ValueError.
            await self._report_failure("a frame")
            decision = None
        token = reply_to.set(decision.reply_to if decision else None)
        try:
            if isinstance(decision, Invoke):
                await self._invoke(decision.message, kwargs)
            elif decision:
                logger.info("%s refused a frame: %s", self.spec.path, [error.type for error in decision.errors])
                await self.send_message(ErrorMessage(payload=decision.errors))
            if self._send_completion:
                await self.send_message(CompleteMessage())
        finally:
            reply_to.reset(token)

    def _decode(self, text: str) -> Decision:
        token = serializer_context.set(self.get_serializer_context)
        try:
            return self._codec.decode(text)
        finally:
            serializer_context.reset(token)

    async def _invoke(self, message: BaseMessage, kwargs: Mapping[str, Any]) -> None:
        if self._closed:  # while the frame was decoded in a thread
            return
        if self._log_received and message.action not in self._unlogged and logger.isEnabledFor(logging.INFO):
            logger.info("%s received %s", self.spec.path, message.action, extra={"action": message.action})
        try:
            await self.receive_message(cast("IC", message), **kwargs)
        except (StopConsumer, UndeclaredMessageError):
            raise
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # Nobody cancels the handler: it awaited something that somebody else has cancelled.
            await self._report_failure(message.action)
        except Exception:
            await self._report_failure(message.action)

    async def _report_failure(self, action: str) -> None:
        """Tells the client that the server failed, and the log why, under one id."""
        error_id = uuid.uuid4().hex
        logger.exception(
            "%s failed to process %s (error_id %s)",
            self.spec.path,
            action,
            error_id,
            extra={"action": action, "error_id": error_id},
        )
        failure = Failure(detail="Failed to process message", code="handler_failed", error_id=error_id)
        await self.send_message(ErrorMessage(payload=failure))

    @default_method
    async def _receive_by_handler(self, message: BaseMessage, **kwargs: Any) -> None:
        await self._run(self.spec.message_handlers[type(message)], message)

    @default_method
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


def _refused(code: str, text: str) -> Reject:
    """The decision about a frame that nobody needs to parse."""
    return Reject([FrameError(type=code, loc=[], msg=text)])


def _differs(cls: type[Any], name: str) -> bool:
    """Whether a class method is another than chanx's own."""
    return getattr(cls, name).__func__ is not getattr(AsyncJsonWebsocketConsumer, name).__func__
