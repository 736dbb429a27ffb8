"""Everything at once: one consumer whose messages hold every shape, and its neighbours."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from ipaddress import IPv4Address
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeAlias, TypeVar
from uuid import UUID

from channels.routing import URLRouter
from pydantic import (
    AliasChoices,
    AnyUrl,
    BaseModel,
    ConfigDict,
    Field,
    Json,
    RootModel,
    SecretStr,
    computed_field,
    field_serializer,
    model_validator,
)
from rest_framework.authentication import BasicAuthentication, SessionAuthentication, TokenAuthentication
from rest_framework.permissions import AllowAny, IsAdminUser, IsAuthenticated
from typing_extensions import TypeAliasType, TypedDict, deprecated

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.registry import Registry, use_registry
from chanx.routing import include, path, re_path

T = TypeVar("T")


class Color(Enum):
    """Colours. */ <!-- \"\"\" ` ${1}"""

    RED = "red"
    BLUE = "blue"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Single(Enum):
    ONLY = "only"


class Part(BaseModel):
    """#/components/schemas/Part, #/$defs/Part, $defs, $ref: "x"

    \t* a list
      * another, with \\ and \x00 and \u2028 and 😀
    """

    snake_case_name: int = 1
    address_1: str = ""
    color: Color = Color.RED

    @computed_field
    def total_amount(self) -> Decimal:
        return Decimal(self.snake_case_name)

    @field_serializer("color")
    def _write_color(self, color: Color) -> str:
        return color.value


class Page(BaseModel, Generic[T]):
    items: list[T]
    next_page: "Page[T] | None" = None


class Pair(TypedDict):
    first_one: int
    second: NotRequired[str]


@dataclass
class Point:
    """A point."""

    x: float = 0.0
    y: float = 0.0


class Place(NamedTuple):
    name: str
    point: Point


JsonValue = TypeAliasType("JsonValue", "dict[str, JsonValue] | list[JsonValue] | str | float | bool | None")


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog", "puppy"] = "dog"
    friend: "Cat | Dog | None" = None


class Parts(RootModel[list[Part]]):
    """Some."""


class Everything(BaseModel):
    """Every shape."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    page: Page[Part]
    pages: Page[Page[int]]
    pair: Pair
    point: Point = Field(default=Point(), description="Beside a reference.")
    place: Place
    value: JsonValue
    animal: Annotated[Cat | Dog, Field(discriminator="kind")]
    animals: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []
    parts: Parts
    level: Level
    single: Single
    fixed: tuple[int, str]
    open_end: tuple[int, ...] = ()
    nothing: tuple[()] = ()
    choices: list[Literal["a", "b"]]
    choice: Literal["a", 1, None] = None
    mapping: dict[str, Literal[1, 2]] = {}
    by_number: dict[int, Part] = {}
    amount: Decimal = Decimal("1.50")
    moment: datetime
    day: date
    hour: time
    span: timedelta = timedelta(seconds=1)
    identity: UUID
    raw: bytes = b""
    text: Json[list[int]] = Field(default=[], serialization_alias="textOut")
    url: AnyUrl
    address: IPv4Address
    secret: SecretStr
    numbers: set[int] = {3, 1, 2}
    anything: Any = None
    aliased: int = Field(default=0, alias="fooBar")
    split: int = Field(default=0, validation_alias="goingIn", serialization_alias="comingOut")
    either: int = Field(default=0, validation_alias=AliasChoices("one", "two"))
    limited: Annotated[str, Field(min_length=1, max_length=3, pattern=r"^[a-z]+$")] = "a"
    endless: float = float("inf")
    old: int = Field(default=0, deprecated=True)
    hidden: int = Field(default=0, exclude=True)


class Strict(BaseMessage):
    """Nothing else is allowed."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"action": "strict", "payload": {"snake_case_name": 2}}]}
    )

    action: Literal["strict"] = "strict"
    payload: Part

    @model_validator(mode="before")
    @classmethod
    def _look(cls, data: Any) -> Any:
        return data


class All(BaseMessage):
    """Everything at once."""

    action: Literal["all"] = "all"
    payload: Everything


@deprecated("Use all.")
class Old(BaseMessage):
    """No longer."""

    action: Literal["old"] = "old"
    payload: None = None


class Several(BaseMessage):
    """One of several."""

    action: Literal["several/1", "several 2?", "several#3"]
    id: UUID
    payload: str | int | None = None


class AllOut(BaseMessage):
    """Everything back."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["all_out"] = "all_out"
    payload: Everything


class Chunk(BaseMessage):
    """A piece."""

    action: Literal["chunk"] = "chunk"
    payload: Page[Part]


class Told(BaseGroupMessage):
    """To all."""

    model_config = ConfigDict(extra="forbid")

    action: Literal["told"] = "told"
    payload: Part


class Changed(BaseChannelEvent):
    """Something changed."""

    handler: Literal["changed"] = "changed"
    payload: int


class Changes(BaseMessage):
    """What changed."""

    action: Literal["changes"] = "changes"
    payload: list[tuple[int, Color]]


# Deprecated for clients, not for the service.
Rarely: TypeAlias = Old | Several  # pyright: ignore[reportDeprecated]  # it is what is described
Incoming: TypeAlias = All | Strict | Rarely | PingMessage

with use_registry(Registry()):

    class EverythingConsumer(AsyncJsonWebsocketConsumer[Incoming, Changed, Told]):
        """Takes everything.

        ```json
        {"$ref": "#/$defs/Part"}
        ```
        <script>alert("</script>")</script>
        """

        authentication_classes = (TokenAuthentication, SessionAuthentication)
        permission_classes = (IsAuthenticated & ~IsAdminUser,)
        outgoing_messages = (Chunk | AllOut,)

        @handler
        async def all(self, message: All) -> AllOut | Strict:
            """Gives everything back."""
            raise NotImplementedError

        @handler
        async def strict(self, message: Strict) -> AsyncIterator[Chunk]:
            yield Chunk(payload=Page(items=[message.payload]))

        @handler
        async def others(self, message: Rarely) -> None: ...

        @handler
        async def changed(self, event: Changed) -> Changes:
            """Passes it on."""
            return Changes(payload=[(event.payload, Color.RED)])

    class Silent(AsyncJsonWebsocketConsumer[PingMessage]):
        authentication_classes = (BasicAuthentication,)
        permission_classes = (AllowAny,)
        send_authentication_message = False

    class ByMatch(AsyncJsonWebsocketConsumer[All | PingMessage]):
        """Handles everything in one place."""

        outgoing_messages = AllOut | Strict

        async def receive_message(self, message: All | PingMessage, **kwargs: Any) -> None: ...


_INNER = URLRouter([path("<slug:name>/<uuid:key>", EverythingConsumer), path("", Silent)])

ROUTES = [
    path("ws/<int:pk>/", EverythingConsumer, name="everything"),
    path("ws/inner/<path:rest>/x/", include(_INNER)),
    re_path(r"^ws/(?P<room>[\w-]+)/(?P<year>\d{4})/$", ByMatch, name="by match"),
]
