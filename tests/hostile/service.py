"""A service that takes whatever its types allow: what it never gets, chanx has refused.

It comes three times: as chanx reads frames best, with hooks for Python data, and with a reader of its own.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints
from rest_framework.permissions import AllowAny

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.routing import URLRouter, path


class Echo(BaseMessage):
    """Anything."""

    action: Literal["echo"] = "echo"
    payload: Any


class Echoed(BaseMessage):
    """What has arrived."""

    action: Literal["echoed"] = "echoed"
    payload: Any


class Measure(BaseMessage):
    """A number."""

    action: Literal["measure"] = "measure"
    payload: float


class Count(BaseMessage):
    """A number without a fraction."""

    action: Literal["count"] = "count"
    payload: int


class Many(BaseMessage):
    """Numbers without a fraction."""

    action: Literal["many"] = "many"
    payload: list[int]


class Form(BaseModel):
    """Names with underscores, and no others."""

    model_config = ConfigDict(extra="forbid")

    first_name: str
    house_number: int = 0


class Fill(BaseMessage):
    """A form."""

    action: Literal["fill"] = "fill"
    payload: Form


class Match(BaseMessage):
    """A text of a pattern on which Python's engine would work for years."""

    model_config = ConfigDict(regex_engine="python-re")

    action: Literal["match"] = "match"
    payload: Annotated[str, StringConstraints(pattern=r"^(a+)+$")]


class PlainConsumer(AsyncJsonWebsocketConsumer[Echo | Measure | Count | Many | Fill | Match | PingMessage]):
    """Sends back what it gets."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @handler
    async def echo(self, message: Echo | Measure | Count | Many | Match) -> Echoed:
        return Echoed(payload=message.payload)

    @handler
    async def fill(self, message: Fill) -> Echoed:
        return Echoed(payload=message.payload.model_dump())


class HookedConsumer(PlainConsumer):
    """Sees each frame as Python data."""

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        await super().receive_json(content, **kwargs)

    async def send_json(self, content: dict[str, Any], close: bool | int = False) -> None:
        await super().send_json(content, close)


class ReadingConsumer(PlainConsumer):
    """Reads and writes the text of its frames itself."""

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        return json.loads(text_data)

    @classmethod
    async def encode_json(cls, content: Any) -> str:
        return json.dumps(content)


CONSUMERS = {"plain": PlainConsumer, "hooked": HookedConsumer, "reading": ReadingConsumer}

router = URLRouter([path(f"{name}/", consumer) for name, consumer in CONSUMERS.items()])
