"""Every way to declare what a consumer receives and sends: bases, mixins, directions, events, groups, streams."""

from abc import abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Any, Generic, Literal, TypeAlias

from pydantic import Field
from typing_extensions import TypeAliasType, TypeVar

from chanx.deduplication import Deduplication
from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import ErrorMessage, PongMessage
from chanx.registry import Registry, use_registry

T = TypeVar("T")


class Ask(BaseMessage):
    """Asks."""

    action: Literal["ask"] = "ask"
    payload: str


class Answer(BaseMessage):
    """Answers."""

    action: Literal["answer"] = "answer"
    payload: str


class Both(BaseMessage):
    """Travels in both directions."""

    action: Literal["both"] = "both"
    payload: int = Field(default=0, serialization_alias="sentPayload")


class Everywhere(BaseMessage):
    """Several actions mean it."""

    action: Literal["here", "there", "every where?"] = "here"
    payload: None = None


class Numbered(BaseMessage):
    """Has an id, and answers with one, by itself."""

    action: Literal["numbered"] = "numbered"
    id: int
    reply_to: int | None = None
    payload: None = None


class Bare(BaseMessage):
    """Needs no payload, and has other keys beside it."""

    action: Literal["bare"] = "bare"
    payload: Any = None
    trace: str = ""
    is_mine: bool = True


class Wrapped(BaseMessage, Generic[T]):
    """A generic message."""

    action: Literal["wrapped"] = "wrapped"
    payload: list[T]


class Special(Ask):
    """A message that extends another one."""

    action: Literal["special"] = "special"  # type: ignore[assignment]  # that is the case
    extra: int = 0


class Holding(BaseMessage):
    """A message inside of a message."""

    action: Literal["holding"] = "holding"
    payload: list[Ask] | Annotated[Ask | Answer, Field(discriminator="action")]


class Broken(ErrorMessage):
    """An error of one's own."""

    payload: Literal["broken"]


class Told(BaseGroupMessage):
    """Told to all."""

    action: Literal["told"] = "told"
    payload: str


class Whispered(BaseGroupMessage):
    """Told to some."""

    action: Literal["whispered", "murmured"] = "whispered"
    payload: None = None
    is_mine: bool = False
    is_current: bool = True


class Happened(BaseChannelEvent):
    """Something has happened."""

    handler: Literal["happened"] = "happened"
    payload: dict[str, int] = Field(default={})


class Passed(BaseChannelEvent):
    """Something is over."""

    handler: Literal["passed", "gone"] = "passed"
    payload: None = None


AskOrPing: TypeAlias = Ask | PingMessage
Replies = TypeAliasType("Replies", Annotated[Answer | Both, "or both"])

IC = TypeVar("IC", bound=BaseMessage, default=AskOrPing)

with use_registry(Registry()):

    class GenericBase(AsyncJsonWebsocketConsumer[IC]):
        """A base that leaves open what it receives."""

        @handler
        async def ask(self, message: Ask) -> Answer:
            """Answered by the base."""
            return Answer(payload=message.payload)

    class AbstractBase(AsyncJsonWebsocketConsumer[Ask | Both], abstract=True):
        @abstractmethod
        async def say(self) -> str: ...

        @handler
        async def ask(self, message: Ask) -> Answer:
            return Answer(payload=await self.say())

    class BothMixin:
        """Handles a message wherever it is mixed in."""

        @handler
        async def both(self, message: Both) -> Both:
            """Given back."""
            return message

    class OpenMixin:
        authentication_classes: AuthenticationClasses = ()
        permission_classes: PermissionClasses = ()

    class OfGenericBase(GenericBase[AskOrPing]):
        """Says what its base has left open."""

    class OfDefault(OpenMixin, GenericBase):
        """Leaves it to the default."""

    class OfAbstractBase(BothMixin, AbstractBase):
        """Two bases."""

        async def say(self) -> str:
            return ""

    class Overriding(OfAbstractBase):
        """Handles the same otherwise."""

        @handler
        async def ask(self, message: Ask) -> AsyncIterator[Answer | Both]:  # type: ignore[override]  # that is the case
            """Answered more than once."""
            yield Answer(payload="")

    class Alone(AsyncJsonWebsocketConsumer[PingMessage]):
        """Sends, and receives pings alone."""

        outgoing_messages = (Answer, Both | Everywhere, Replies)

    class Events(AsyncJsonWebsocketConsumer[PingMessage, Happened | Passed]):
        """Lives of events."""

        @handler
        async def happened(self, event: Happened) -> Replies:
            raise NotImplementedError

        @handler
        async def passed(self, event: Passed) -> AsyncGenerator[Answer, None]:
            """Ends with answers."""
            yield Answer(payload="")

    class EventsByMatch(AsyncJsonWebsocketConsumer[PingMessage, Happened | Passed]):
        """Looks at events itself."""

        outgoing_messages = (Answer,)

        async def receive_event(self, event: Happened | Passed) -> None: ...

    class Groups(AsyncJsonWebsocketConsumer[PingMessage, None, Told | Whispered]):
        """Relays."""

        groups = ["all"]  # noqa: RUF012 - as Channels declares it
        send_completion = True

    class BuiltGroups(AsyncJsonWebsocketConsumer[Ask, None, Told]):
        """Joins groups when it connects."""

        send_completion = True
        send_authentication_message = False

        @handler
        async def ask(self, message: Ask) -> None:
            """Answered by silence."""

        async def build_groups(self) -> list[str]:
            return []

    class ByMatch(AsyncJsonWebsocketConsumer[Ask | Both | PingMessage]):
        """Looks at messages itself."""

        outgoing_messages = Answer | PongMessage

        async def receive_message(self, message: Ask | Both | PingMessage, **kwargs: Any) -> None: ...

    class EveryAction(AsyncJsonWebsocketConsumer[Everywhere | Numbered | Bare | Special | Holding]):
        """Messages of odd kinds."""

        @handler
        async def odd(self, message: Everywhere | Numbered | Bare) -> Numbered | Bare:
            """Takes several."""
            return Bare()

        @handler
        async def others(self, message: Special | Holding) -> Special | Holding | Broken:
            raise NotImplementedError

    class GenericMessages(AsyncJsonWebsocketConsumer[Wrapped[int]]):
        """Messages with arguments."""

        @handler
        async def wrapped(self, message: Wrapped[int]) -> Wrapped[Ask]:
            raise NotImplementedError

    class OwnPong(AsyncJsonWebsocketConsumer[PingMessage]):
        """Answers pings in its own way."""

        @handler
        async def ping(self, message: PingMessage) -> PongMessage | None:
            """Asks for a pong, and sometimes gets one."""
            return None

    class Repeatable(AsyncJsonWebsocketConsumer[Ask | Both | PingMessage]):
        """Takes messages that may be sent again."""

        deduplication = Deduplication(window=0.5)

        @handler
        async def ask(self, message: Ask | Both) -> AsyncIterator[Answer]:
            """Answers, and answers again."""
            yield Answer(payload="")


CONSUMERS = [
    Repeatable,
    OfGenericBase,
    OfDefault,
    OfAbstractBase,
    Overriding,
    Alone,
    Events,
    EventsByMatch,
    Groups,
    BuiltGroups,
    ByMatch,
    EveryAction,
    GenericMessages,
    OwnPong,
]
