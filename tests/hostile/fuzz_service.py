"""What the fuzzer talks to: a service with types of every kind."""

import json
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from tests.hostile.service import Count, Echo, Fill, Many, Measure


class Match(BaseMessage):
    """A pattern that is harmless with pydantic's own engine. Python's may work for years on a short text (case 23): who
    chooses that one answers for the pattern."""

    action: Literal["match"] = "match"
    payload: Annotated[str, StringConstraints(pattern=r"^(a+)+$")]


class Circle(BaseModel):
    kind: Literal["circle"]
    radius: float = Field(gt=0)


class Rectangle(BaseModel):
    width: int
    height: int


class Polygon(BaseModel):
    points: list[tuple[float, float]]


class Shapes(BaseMessage):
    """Shapes that nothing tells apart but their fields."""

    action: Literal["shapes"] = "shapes"
    payload: list[Circle | Rectangle | Polygon]


class Tree(BaseModel):
    name: str
    children: "list[Tree]" = []


class Grow(BaseMessage):
    """A tree."""

    action: Literal["tree"] = "tree"
    payload: Tree


class Level(StrEnum):
    LOW = "low"
    HIGH = "high"


class Moment(BaseModel):
    when: datetime
    who: UUID
    price: Decimal = Field(max_digits=8, decimal_places=2)
    span: timedelta
    data: bytes
    address: IPv4Address
    level: Level
    tags: set[Annotated[str, Field(max_length=20, pattern=r"^\w+$")]]
    by_name: dict[str, int]


class Happen(BaseMessage):
    """Something at some time."""

    action: Literal["moment"] = "moment"
    payload: Moment


class Taken(BaseMessage):
    """A message was valid."""

    action: Literal["taken"] = "taken"
    payload: Any


class Rich(
    AsyncJsonWebsocketConsumer[Echo | Measure | Count | Many | Fill | Match | Shapes | Grow | Happen | PingMessage]
):
    """Says what it has got."""

    authentication_classes = ()
    permission_classes = ()

    @handler
    async def take(self, message: Echo | Measure | Count | Many | Fill | Match | Shapes | Grow | Happen) -> Taken:
        return Taken(payload=message.payload)


class HookedRich(Rich):
    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        await super().receive_json(content, **kwargs)

    async def send_json(self, content: dict[str, Any], close: bool | int = False) -> None:
        await super().send_json(content, close)


class ReadingRich(Rich):
    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        return json.loads(text_data)

    @classmethod
    async def encode_json(cls, content: Any) -> str:
        return json.dumps(content)


class FormattedConsumer(Rich):
    """Handles several messages at a time."""

    max_concurrency = 1
