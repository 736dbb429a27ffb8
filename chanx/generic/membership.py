"""How a connection is reached through the channel layer: as a member of groups, and under a name of its own.

Most connections have no channel in the layer: the hub of the process listens for all members of a group. A class
whose code names ``channel_name`` is different. Whoever knows the name of a connection may send to it, and put it into
groups and out of them, from any process. So its connections have a channel, listen to it, and are members by that
name and in no other way, all as in Channels. The mailbox of the process keeps them members of what they have joined by
``groups``, ``build_groups()`` or ``join_group()``: it joins again what a layer forgets, with one task for all.
"""

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from channels.consumer import get_handler_name
from channels.exceptions import InvalidChannelLayerError
from channels.layers import BaseChannelLayer

from chanx.arrivals import LayerMessage, listen, report_outage
from chanx.close_codes import CloseCode
from chanx.codec import Codec
from chanx.connection_log import GROUPS, SENT, ConnectionLog
from chanx.connections import Connection, Connections
from chanx.exceptions import TooManyGroupsError
from chanx.generic.attributes import share_names
from chanx.generic.authenticator import User
from chanx.generic.idioms import tells_channel_name
from chanx.generic.metaclass import ConsumerMeta
from chanx.generic.sending import SendingConsumer, is_overridden
from chanx.hub import Audience, Hub, Member
from chanx.log_text import log_text
from chanx.mailbox import Mailbox
from chanx.messages.outgoing import GroupCompleteMessage
from chanx.outbox import TooSlowError
from chanx.settings import chanx_settings


class MembershipConsumer(SendingConsumer):
    """The part of a consumer that the channel layer reaches."""

    __slots__ = ("_joined", "_task")

    #: Who is connected.
    user: User

    #: The task of the connection.
    _task: "asyncio.Task[object]"
    #: Its name in the channel layer, where it has one.
    _channel_name: str = ""
    _hub_member: Member | None = None
    #: Joins that have not ended yet.
    _joins_begun: int = 0
    _listener: "asyncio.Task[None] | None" = None
    _failure: BaseException | None = None
    #: The client was let in: what the layer brings may be handled.
    _is_open = False
    _has_ended = False
    #: The layer has failed when a group was to be joined.
    _layer_is_away = False
    #: It is being closed because the client reads too slowly.
    _is_cut_off = False

    #: Something of the class names ``channel_name``: its connections are members by their name.
    _tells_name: ClassVar[bool] = False
    #: The class overrides how messages are given to their methods.
    _dispatches_itself: ClassVar[bool] = False

    #: Overrides the setting of the same name, None follows it.
    send_completion: bool | None = None

    #: Authenticate the client again before anything that the channel layer brings is handled: what a user may no longer
    #: see is withheld at once. It asks the database for each message and member, and no message is shared by members.
    recheck_group_events: bool = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        root = root_of(cls)
        cls._tells_name = tells_channel_name(cls, root)
        cls._dispatches_itself = is_overridden(cls, "dispatch", root)
        share_names(cls, root)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A list of this connection alone: Channels' attribute belongs to the class.
        self.groups = list(type(self).groups or ())
        #: What it has joined: by the hub, or under its own name.
        self._joined: tuple[str, ...] = ()

    if TYPE_CHECKING:
        # What needs more than the layer: see GroupingConsumer and ReceivingConsumer.
        @classmethod
        def _audience(cls, codec: Codec) -> Audience: ...
        async def _may_still_hear(self) -> bool: ...

    @property
    def _connections(self) -> Connections:
        """All connections of the event loop; this is one of them."""
        return Connections.of(self._task.get_loop())

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
        for group in tuple(self.groups):
            await self.join_group(group)

    async def join_group(self, group: str) -> None:
        """Joins a group, until :meth:`leave_group` or the end of the connection.

        What is sent to the group after this has returned arrives. Raises InvalidChannelLayerError without a channel
        layer, :class:`~chanx.exceptions.TooManyGroupsError` beyond MAX_GROUPS_PER_CONNECTION, and whatever the layer
        raises for a name that it does not allow or when it is away.
        """
        layer = self._layer()
        limit = chanx_settings.MAX_GROUPS_PER_CONNECTION
        if limit is not None and len(self._joined) >= limit and group not in self._joined:
            raise TooManyGroupsError(f"{self.spec.path} is a member of {limit} groups already.")
        self._joins_begun += 1
        try:
            if self._tells_name and not self._channel_name:
                self._channel_name = await layer.new_channel()
            if self._is_member_by_name():
                await self._join_by_name(group)
            else:
                await self._hub().join(group, self._membership())
        except (TypeError, ValueError, AssertionError):
            raise  # what layers say of a name that they do not allow
        except Exception:
            self._layer_is_away = True
            raise
        finally:
            self._joins_begun -= 1
        if group not in self._joined:
            self._joined += (group,)
        if group not in self.groups:
            self.groups.append(group)
        if self._has_ended:
            await self._leave_groups()

    async def _join_by_name(self, group: str) -> None:
        layer = self._layer()
        if group in self._joined:
            # Somebody who knows the name may have taken it out meanwhile.
            await Mailbox.of(layer).ask(layer.group_add, group, self._channel_name)
            return
        mailbox = Mailbox.of(layer)
        await mailbox.join(group, via=self._channel_name)
        if group in self._joined:
            # Another join of the same group was quicker: one is enough to leave.
            await mailbox.leave(group, via=self._channel_name)

    async def leave_group(self, group: str) -> None:
        """Leaves a group. Nothing that is sent to it reaches this client any more when this has returned."""
        if group in self.groups:
            self.groups.remove(group)
        if group in self._joined:
            self._joined = tuple(each for each in self._joined if each != group)
            await self._leave(group)

    async def _leave_groups(self) -> None:
        """Leaves all groups, because the connection ends."""
        self._has_ended = True
        if self._hub_member is not None:
            self._hub_member.close()
        joined, self._joined = self._joined, ()
        for group in joined:
            await self._leave(group)
        if not self._joins_begun:
            # Whoever still joins has to leave as the member that it has joined as.
            self._hub_member = None

    async def _leave(self, group: str) -> None:
        if not self._is_member_by_name():
            await self._hub().leave(group, self._membership())
            return
        await Mailbox.of(self._layer()).leave(group, via=self._channel_name)

    def _membership(self) -> Member:
        """This connection as the hub knows it."""
        member = self._hub_member
        if member is None:
            listener = _Listener(
                self,
                hear=self._hear,
                on_trouble=self.on_trouble,
                log=self._log,
                unlogged=self._options.unlogged_actions if self._options.logs_sent else None,
            )
            after = self._completion if self._options.sends_completion else None
            member = self._hub_member = Member(
                listener, self._audience(self._codec), self._outbox, name=self._signature, after=after
            )
            if self._is_open:
                member.open()
        return member

    @cached_property
    def _signature(self) -> str:
        """What the group messages of this connection are signed with, so that it knows its own."""
        return self._channel_name or uuid.uuid4().hex

    @cached_property
    def _completion(self) -> str:
        return self._codec.encode(GroupCompleteMessage())

    def _hub(self) -> Hub:
        return Hub.of(self._layer())

    def _is_member_by_name(self) -> bool:
        """Whether the layer knows the connection itself as a member, and not the hub."""
        return bool(self._channel_name)

    def _layer(self) -> BaseChannelLayer:
        return require_layer(self.channel_layer, self.spec.path)

    # -- hearing ---------------------------------------------------------------------------------------------

    def _begin_to_hear(self) -> None:
        """Takes what the layer brings from now on. What has come before comes first."""
        self._is_open = True
        if self._hub_member is not None:
            self._hub_member.open()
        if self._channel_name:
            self._listen()

    async def _hear(self, message: LayerMessage) -> None:
        """Handles a message of the layer. What its handler raises ends the connection, as in Channels."""
        try:
            if self._closed:
                return
            if self.recheck_group_events and not await self._may_still_hear():
                return
            if self._dispatches_itself or self._has_handler(message):
                await self.dispatch(message)
            else:
                kind = message.get("type")
                self._log.write(
                    GROUPS, logging.ERROR, "was sent a message of a type that it does not know: %.100r", kind
                )
        except Exception as failure:
            self._fail(failure)

    def _has_handler(self, message: LayerMessage) -> bool:
        try:
            return hasattr(self, get_handler_name(message))
        except (ValueError, AttributeError):  # no type, one that is no text, or a private one
            return False

    def on_trouble(self, problem: Exception) -> None:
        """What a frame has met that no handler waits for (see Outbox and Member)."""
        if isinstance(problem, TooSlowError):
            if not (self._closed or self._is_cut_off):
                self._is_cut_off = True
                self._log.write(SENT, logging.WARNING, "closes because the client reads too slowly: %s", problem)
                self._connections.end(cast("Connection", self), CloseCode.TRY_AGAIN_LATER)
        elif isinstance(problem, OSError):
            # Its disconnect event is on the way (ASGI: send() after a disconnect).
            self._gone = True
        else:
            self._fail(problem)

    def _on_silence(self, code: int | bool | None) -> None:
        self._fail(SilentClientError(1000 if code is None else int(code)))

    def _fail(self, failure: BaseException) -> None:
        """Ends the connection with an exception from another of its tasks."""
        if self._failure is None:
            self._failure = failure
            self._task.cancel()

    # -- a name of its own -----------------------------------------------------------------------------------

    if TYPE_CHECKING:
        # An attribute in Channels, and in classes that say by an annotation that they need it.
        channel_name: str
    else:

        @cached_property
        def channel_name(self) -> str:
            """The name of this connection in the channel layer.

            A class whose code names it is reached by it from the start. Other code may ask for it as long as the
            connection is in no group. Raises AttributeError where there is none, as in Channels.
            """
            if not self._channel_name:
                self._channel_name = self._new_name()
            # Synchronous code asks for it in another thread.
            self._task.get_loop().call_soon_threadsafe(self._listen)
            return self._channel_name

    async def _take_name(self) -> None:
        """Gets a channel, where the class has told that it needs one. Where it has groups, joining them tries again."""
        layer: Any = self.channel_layer
        if self._tells_name and layer is not None:
            try:
                self._channel_name = await layer.new_channel()
            except Exception:
                report_outage(layer)

    def _new_name(self) -> str:
        layer: Any = self.channel_layer
        if layer is None:
            raise AttributeError(f"{self.spec.path} has no channel_name: CHANNEL_LAYERS is not set.")
        asking: Coroutine[Any, Any, str] = layer.new_channel()
        try:
            if not (self._joined or self._joins_begun):
                asking.send(None)
        except StopIteration as named:
            return str(named.value)
        finally:
            asking.close()
        raise AttributeError(
            f"{self.spec.path} has no channel_name: nothing in the class names it, so it was not given one. "
            "Annotate the class with `channel_name: str`, and each connection has one from the start."
        )

    def _listen(self) -> None:
        """Begins to listen to its own channel, once the client was let in."""
        if self._listener is None and self._is_open and not self._closed:
            # Not in the context of the message whose handler happens to be the first to ask.
            listening = listen(self._layer(), self._channel_name, self._hear)
            self._listener = self._task.get_loop().create_task(listening, name="chanx channel", context=Context())

    async def _listen_no_more(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait([self._listener])


class SilentClientError(Exception):
    """The client takes nothing any more, not even the close frame with ``code``, and the server does not say so."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


_UNKNOWN: Final = object()


class _Listener:
    """A consumer as the hub needs it."""

    __slots__ = ("_consumer", "_hear", "_log", "_on_trouble", "_pk", "_unlogged", "_user")

    def __init__(
        self,
        consumer: MembershipConsumer,
        *,
        hear: Callable[[LayerMessage], Awaitable[None]],
        on_trouble: Callable[[Exception], None],
        log: ConnectionLog,
        unlogged: frozenset[str] | None,
    ) -> None:
        self._hear = hear
        self._on_trouble = on_trouble
        self._consumer = consumer
        self._log = log
        self._unlogged = unlogged
        self._user: object = _UNKNOWN
        self._pk: str | None = None

    def user_pk(self) -> str | None:
        user = self._consumer.user
        if user is not self._user:
            self._user, self._pk = user, user_pk(user)
        return self._pk

    async def hear(self, message: LayerMessage) -> None:
        await self._hear(message)

    def on_trouble(self, problem: Exception) -> None:
        self._on_trouble(problem)

    def log_relayed(self, action: str) -> None:
        if self._unlogged is not None and action not in self._unlogged:
            action = log_text(action)
            self._log.write(SENT, logging.INFO, "sends %s", action, action=action)

    def log_failure(self) -> None:
        self._log.failure(GROUPS, "cannot relay a group message")


def user_pk(user: User | None) -> str | None:
    """The primary key of a user as text; None for an anonymous one, and for none at all (UNAUTHENTICATED_USER)."""
    pk = getattr(user, "pk", None)
    return None if pk is None else str(pk)


def require_layer(layer: BaseChannelLayer | None, owner: str) -> BaseChannelLayer:
    """``layer``; raises Channels' InvalidChannelLayerError, naming ``owner``, where there is none."""
    if layer is None:
        raise InvalidChannelLayerError(
            f"{owner} uses groups, which need a channel layer: set CHANNEL_LAYERS in Django's settings."
        )
    return layer


def root_of(cls: type[Any]) -> type[Any]:
    """chanx's own class at the root of consumer classes; ``cls`` while that is being made."""
    return next((base for base in reversed(cls.__mro__) if isinstance(base, ConsumerMeta)), cls)
