"""The consumer that users derive from: the life of one connection, and how its frames reach the handlers."""

from collections.abc import Mapping
from contextlib import aclosing
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, cast

from asgiref.typing import WebSocketConnectEvent, WebSocketDisconnectEvent
from channels.exceptions import StopConsumer
from django.db.models import QuerySet
from pydantic import BaseModel

from chanx.close_codes import CloseCode
from chanx.connection_log import HANDSHAKE
from chanx.database import close_old_connections, connections_are_old
from chanx.exceptions import TooManyGroupsError, UndeclaredMessageError
from chanx.generic.admitting import AdmittingConsumer
from chanx.generic.authenticator import (
    AuthenticationResult,
    close_code_of,
)
from chanx.generic.metaclass import ConsumerMeta, abstract_at_run_time, default_method
from chanx.generic.query_params import read_query_params
from chanx.generic.typevars import IC, OG, Event, M
from chanx.handshake import selected_subprotocol
from chanx.messages.base import BaseChannelEvent, BaseMessage
from chanx.messages.outgoing import AuthenticationMessage, AuthenticationPayload, PongMessage
from chanx.registry import HandlerSpec
from chanx.settings import chanx_settings, chosen
from chanx.turns import Interruption
from chanx.types import EventPayload
from chanx.utils.asgi import refuse_handshake

__all__ = ["AsyncJsonWebsocketConsumer", "EventPayload"]


class AsyncJsonWebsocketConsumer(
    AdmittingConsumer[IC, Event, M],
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

    #: Each overrides the setting of the same name, None follows it.
    send_authentication_message: bool | None = None

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

    # -- life of a connection --------------------------------------------------------------------------------

    async def websocket_connect(self, message: WebSocketConnectEvent) -> None:
        """Accepts the connection and authenticates it, joins its groups, or closes with the code that says why."""
        if (policy := self._undeclared_policy()) != "ignore":
            self._check_sent = policy
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
            if self._deduplicates:
                await self._name_client()
            self._await_resume()
            await self.add_groups()
            await self._send_authentication(result)
            await self._send_positions()
            if self._deduplicates:
                await self._send_name()
            await self._begin_presence()
            self._authenticated = True
            await self.post_authentication()
        except (StopConsumer, UndeclaredMessageError):
            raise
        except TooManyGroupsError:
            self._log.failure(HANDSHAKE, "was to join too many groups")
            await self._close(CloseCode.THROTTLED)
            return
        except Exception:
            self._log.failure(HANDSHAKE, "failed after authentication")
            await self._close(CloseCode.TRY_AGAIN_LATER if self._layer_is_away else CloseCode.HANDSHAKE_FAILURE)
            return
        self._begin_to_hear()

    async def websocket_disconnect(self, message: WebSocketDisconnectEvent) -> None:
        """Cancels what is being handled, leaves the groups and calls ``disconnect``; raises StopConsumer.

        ``disconnect`` is called for clients that were let in, and only for those: it may rely on ``self.user``, and
        nobody else can make it run.
        """
        self._closed = True
        self._close_code = message["code"]
        await self._end_workers(Interruption.GONE)
        await self._leave_groups()
        if self._authenticated:
            await self.disconnect(message["code"])
        if connections_are_old():
            await close_old_connections()
        raise StopConsumer

    async def post_authentication(self) -> None:
        """Called once the client is authenticated and in its groups; override to act on it."""

    def get_queryset(self) -> QuerySet[Any]:
        """The queryset in which the object is looked up: ``queryset``, unless overridden. Runs in a thread."""
        queryset: QuerySet[Any] = self._handshake_view().own_queryset()
        return queryset

    def get_object(self) -> M:
        """The object that the URL names in the queryset, unless overridden. Runs in a thread.

        Its object permissions are checked afterwards in any case.
        """
        return cast("M", self._handshake_view().own_object())

    def get_serializer_context(self) -> Mapping[str, Any]:
        """The ``context`` of the serializers that validate received messages, as in DRF's generic views."""
        return {"request": self.request, "format": None, "view": self._handshake_view()}

    def _handshake_view(self) -> Any:
        """The view of the handshake; None where another authenticator has none."""
        view = getattr(self.authenticator, "view", None)
        if view is None:
            # A stranger's request is made when somebody asks it for something, and its view with it (UnaskedRequest).
            getattr(self.request, "parser_context", None)
            view = getattr(self.authenticator, "view", None)
        return view

    async def _refuse(self, result: AuthenticationResult, *, accepted: bool) -> None:
        if accepted:
            await self._send_authentication(result)
            await self._close(result.close_code or close_code_of(None, result.status_code))
        else:
            self._closed = True
            await refuse_handshake(self.scope, cast("Any", self.base_send), result.status_code, result.data)

    async def _send_authentication(self, result: AuthenticationResult) -> None:
        if not chosen(self.send_authentication_message, chanx_settings.SEND_AUTHENTICATION_MESSAGE):
            return
        payload = AuthenticationPayload(
            status_code=result.status_code, status_text=result.status_text, data=result.data
        )
        await self.send_message(AuthenticationMessage(payload=payload))

    # -- handling --------------------------------------------------------------------------------------------

    @abstract_at_run_time
    @default_method
    async def receive_message(self, message: IC, **kwargs: Any) -> None:
        """Handles a received message; to be written by classes that have no handlers."""

    @default_method
    async def _receive_by_handler(self, message: BaseMessage, **kwargs: Any) -> None:
        handler = self.spec.message_handlers[type(message)]
        if handler.streams:
            await self._send_stream(handler, message)
        elif (reply := await getattr(self, handler.name)(message)) is not None:
            await self._send_last(reply)

    @default_method
    async def _receive_event_by_handler(self, event: BaseChannelEvent) -> None:
        handler = self.spec.event_handlers[type(event)]
        if handler.streams:
            await self._send_stream(handler, event)
        elif (reply := await getattr(self, handler.name)(event)) is not None:
            await self.send_message(reply)

    async def _send_stream(self, handler: HandlerSpec, received: BaseMessage | BaseChannelEvent) -> None:
        async with aclosing(getattr(self, handler.name)(received)) as replies:
            async for reply in replies:
                await self.send_message(reply)

    async def _pong(self, message: BaseMessage) -> PongMessage:
        return PongMessage()
