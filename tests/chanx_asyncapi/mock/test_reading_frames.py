"""What the mock says about a frame is what the runtime says about it."""

import json
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field

from chanx.codec import Codec, Invoke
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.registry import Registry, use_registry
from chanx.wire_format import WireFormat
from chanx_asyncapi.describe import describe
from chanx_asyncapi.mock.reading_frames import MAX_DEPTH, Received, Refused, read_frame
from chanx_asyncapi.mock.service import Service
from tests.docs.conftest import router


class Circle(BaseModel):
    kind: Literal["circle"]
    radius: float = Field(gt=0)


class Square(BaseModel):
    kind: Literal["square"]
    side: int = Field(multiple_of=2)


class Drawing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str = Field(min_length=2, max_length=5, pattern="^[a-z]+$")
    shapes: list[Annotated[Circle | Square, Field(discriminator="kind")]] = Field(max_length=2)
    layer: int | None = Field(default=None, ge=0, le=9)
    mood: Literal["good", "bad"] = "good"
    is_public: bool = True
    labels: dict[str, int] = {}


class Draw(BaseMessage):
    """Draws."""

    action: Literal["draw"] = "draw"
    payload: Drawing


class Keep(BaseMessage):
    """Has an id of its own."""

    action: Literal["keep"] = "keep"
    id: int
    payload: None = None


with use_registry(Registry()):

    class DrawingConsumer(AsyncJsonWebsocketConsumer[Draw | Keep | PingMessage]):
        """Draws."""

        async def receive_message(self, message: Draw | Keep | PingMessage, **kwargs: Any) -> None:
            """Does nothing."""


MESSAGES = DrawingConsumer.spec.messages
GOOD = {"title": "abc", "shapes": [{"kind": "circle", "radius": 1}]}


@pytest.fixture(scope="module")
def service() -> Service:
    return Service(describe(router("draw/", DrawingConsumer)).document.to_wire())


def draw(**payload: Any) -> str:
    return json.dumps({"action": "draw", "payload": {**GOOD, **payload}, "id": "x"})


FRAMES = {
    "good": draw(),
    "all of it": draw(layer=3, mood="bad", is_public=False, labels={"a": 1}),
    "null": draw(layer=None),
    "ping": '{"action":"ping","id":7}',
    "own id": '{"action":"keep","id":7}',
    "own id missing": '{"action":"keep"}',
    "no json": "nope",
    "empty": "",
    "list": "[]",
    "number": "1",
    "text": '"draw"',
    "surrogate": '{"action":"ping","x":"\\ud800"}',
    "nan": '{"action":"ping","x":NaN}',
    "huge": '{"action":"ping","x":1e999,"id":1}',
    "long integer": '{"action":"ping","x":' + "9" * 310 + "}",
    "twice": '{"action":"ping","action":"ping","id":"a"}',
    "two payloads": '{"action":"ping","payload":null,"payload":null,"id":"a"}',
    "two ids": '{"action":"ping","id":1,"id":2}',
    "deeper twice": '{"action":"ping","x":{"a":1,"a":2}}',
    "no action": '{"payload":1,"id":3}',
    "unknown": '{"action":"fly","id":3}',
    "action is a list": '{"action":["draw"]}',
    "id of 65": json.dumps({"action": "ping", "id": "x" * 65}),
    "id of 64": json.dumps({"action": "ping", "id": "x" * 64}),
    "id is null": '{"action":"ping","id":null}',
    "id is true": '{"action":"ping","id":true}',
    "id is large": '{"action":"ping","id":9223372036854775808}',
    "id is a fraction": '{"action":"ping","id":1.5}',
    "payload missing": '{"action":"draw"}',
    "payload is a list": '{"action":"draw","payload":[]}',
    "two missing": '{"action":"draw","payload":{}}',
    "extra": draw(more=1),
    "short": draw(title="a"),
    "long": draw(title="abcdef"),
    "pattern": draw(title="ABC"),
    "no text": draw(title=1),
    "no list": draw(shapes={}),
    "too many": draw(shapes=[GOOD["shapes"][0]] * 3),
    "no tag": draw(shapes=[{"radius": 1}]),
    "wrong tag": draw(shapes=[{"kind": "line"}]),
    "radius": draw(shapes=[{"kind": "circle", "radius": 0}]),
    "radius missing": draw(shapes=[{"kind": "circle"}]),
    "side": draw(shapes=[{"kind": "square", "side": 3}]),
    "side is a fraction": draw(shapes=[{"kind": "square", "side": 2.5}]),
    "low": draw(layer=-1),
    "high": draw(layer=10),
    "layer is a list": draw(layer=[]),
    "choice": draw(mood="so so"),
    "no boolean": draw(is_public=[]),
    "label": draw(labels={"a": []}),
    "labels": draw(labels=[]),
    "null where none is": draw(title=None),
}


@pytest.mark.parametrize("text", FRAMES.values(), ids=FRAMES.keys())
def test_it_decides_as_the_runtime_does(service: Service, text: str) -> None:
    expected = Codec(MESSAGES, WireFormat()).decode(text)
    found = read_frame(text, service.lines[0], service)

    if isinstance(expected, Invoke):
        assert isinstance(found, Received)
        assert found.exchange.kind.action == expected.message.action
        assert found.id == expected.reply_to
    else:
        assert isinstance(found, Refused)
        assert [(error["type"], error["loc"]) for error in found.errors] == [
            (error.type, error.loc) for error in expected.errors
        ]
        assert found.id == expected.reply_to


@pytest.mark.parametrize("depth", [MAX_DEPTH, MAX_DEPTH + 1, 20_000])
def test_depth_ends_at_the_same_level(service: Service, depth: int) -> None:
    inner = depth - 1
    text = '{"action":"ping","brackets in a text":"[[[[","x":' + "[" * inner + "]" * inner + "}"
    found = read_frame(text, service.lines[0], service)
    assert isinstance(found, Received) == (depth <= MAX_DEPTH)
    assert isinstance(found, Received) or found.errors[0]["type"] == "too_deep"


def test_no_value_of_the_client_is_repeated(service: Service) -> None:
    text = json.dumps({"action": "draw", "payload": {"title": "SECRET", "mood": "SECRET", "labels": {"x": "SECRET"}}})
    found = read_frame(text, service.lines[0], service)
    assert isinstance(found, Refused)
    assert "SECRET" not in json.dumps(found.errors)


def test_the_list_of_errors_is_bounded(service: Service) -> None:
    found = read_frame(draw(labels={str(number): [] for number in range(50)}), service.lines[0], service)
    assert isinstance(found, Refused)
    assert len(found.errors) == 20
