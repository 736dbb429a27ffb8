"""The id of a frame: what may be one, and where it is known without a parser."""

import json
import random
from typing import Annotated, Any, Literal

import pytest
from pydantic import AliasChoices, ConfigDict, Field, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema

from chanx.codec import Codec, Invoke
from chanx.frame_ids import MAX_ID_INTEGER, MAX_ID_LENGTH, ignores_id, is_frame_id, outer_id
from chanx.messages.base import BaseMessage
from chanx.wire_format import WireFormat
from tests.chanx.support import Count, Say


@pytest.mark.parametrize("value", ["", "x" * MAX_ID_LENGTH, 0, -1, MAX_ID_INTEGER, -MAX_ID_INTEGER])
def test_what_may_be_one(value: object) -> None:
    assert is_frame_id(value)


@pytest.mark.parametrize("value", ["x" * (MAX_ID_LENGTH + 1), MAX_ID_INTEGER + 1, True, None, 1.0, [], {}])
def test_what_may_not(value: object) -> None:
    assert not is_frame_id(value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"id":"a","action":"say"}', "a"),
        (' { "id" : -7 }\n', -7),
        ('{"id":0}', 0),
        ('{"action":"say","id":"","payload":[1,2]}', ""),
        ('{"action": "say", "payload": {"text": "x"}, "id": "ü"}', "ü"),
        ('{"action":"say","payload":{"a":[]},"id":123456789012345678}', 123456789012345678),
    ],
)
def test_it_is_known_at_both_ends(text: str, found: object) -> None:
    assert outer_id(text, text.rfind('"id"')) == found


@pytest.mark.parametrize(
    "text",
    [
        '{"payload":{"id":"a"}}',
        '{"payload":{"x":1,"id":"a"}}',
        '{"payload":{"x":1},"id":"a","action":"say"}',
        '{"payload":["x",{"y":1,"id":7}]}',
        '{"action":"say","payload":"id"}',
        '{"id":1.0}',
        '{"id":1e3}',
        '{"id":01}',
        '{"id":-0}',
        '{"id":true}',
        '{"id":1234567890123456789}',
        '{"id":"%s"}' % ("x" * (MAX_ID_LENGTH + 1)),
        '{"id":"\\u0041"}',
        '{"id":"\ud800"}',
        '[{"x":1,"id":"a"}]',
        '{"x":1,"id":"a"},',
    ],
)
def test_elsewhere_it_takes_a_parser(text: str) -> None:
    assert outer_id(text, text.rfind('"id"')) is None


@pytest.mark.parametrize("seed", range(300))
def test_what_is_known_without_a_parser_is_what_a_parser_finds(seed: int) -> None:
    dice = random.Random(seed)
    traps: list[Any] = ["id", ',"id":"z"}', '"id":1,', {"id": "inner"}, {"x": {"id": 2}}, [{"id": 3}], 1, None, "\\"]
    entries: list[tuple[str, Any]] = [(f"key{number}", dice.choice(traps)) for number in range(dice.randrange(4))]
    if dice.random() < 0.8:
        frame_id = dice.choice(["a", "", 5, -1, 10**18, "é", 'quo"te', "x" * 64])
        entries.insert(dice.randrange(len(entries) + 1), ("id", frame_id))
    text = json.dumps(dict(entries), ensure_ascii=dice.random() < 0.5, separators=dice.choice([None, (",", ":")]))
    if text.count('"id"') == 1:
        found = outer_id(text, text.rfind('"id"'))
        assert found is None or found == dict(entries).get("id")


class Loose(BaseMessage):
    action: Literal["loose"] = "loose"
    payload: int


class Forbids(Loose):
    model_config = ConfigDict(extra="forbid")


class Keeps(Loose):
    model_config = ConfigDict(extra="allow")


class HasOne(Loose):
    id: int = 0


class HasOneByAlias(Loose):
    number: int = Field(default=0, alias="id")


class HasOneByValidationAlias(Loose):
    number: int = Field(default=0, validation_alias="id")


class TakesOneOfTwo(Loose):
    number: Annotated[int, Field(validation_alias=AliasChoices("number", "id"))] = 0


class LooksAtAll(Loose):
    @model_validator(mode="before")
    @classmethod
    def look(cls, value: Any) -> Any:
        assert "id" not in value
        return value


class HasItsOwnSchema(Loose):
    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return handler(source)


class HasItsOwnInit(Loose):
    def __init__(self, **data: Any) -> None:
        assert "id" not in data
        super().__init__(**data)


def test_most_messages_ignore_it() -> None:
    assert ignores_id(Loose, {"action", "payload"})


@pytest.mark.parametrize(
    "message",
    [
        *(Forbids, Keeps, HasOne, HasOneByAlias, HasOneByValidationAlias, TakesOneOfTwo, LooksAtAll, HasItsOwnSchema),
        HasItsOwnInit,
    ],
)
def test_a_message_that_would_see_it_is_kept_from_it(message: type[Loose]) -> None:
    assert not ignores_id(message, {"action", "payload"})


@pytest.mark.parametrize("message", [Forbids, LooksAtAll, HasItsOwnInit])
def test_it_never_reaches_such_a_message(message: type[Loose]) -> None:
    decision = Codec({"loose": message}, WireFormat()).decode('{"id":"a","action":"loose","payload":1}')
    assert isinstance(decision, Invoke)
    assert (decision.message, decision.reply_to) == (message(payload=1), "a")


FRAGMENTS = [
    *('"id":"a"', '"id":7', '"id":null', '"id":1e2', '"id":""', '"id":"' + "x" * 65 + '"', '"id":99999999999999999999'),
    *('"action":"say"', '"action":"count"', '"action":"nope"', '"action":1'),
    *('"payload":"x"', '"payload":3', '"payload":{"id":1}', '"payload":NaN', '"payload":1e999', '"payload":"\\"id\\""'),
    *('"x":{"y":1,"id":"b"}', '"x":[[]', '"x":"\ud800"', '"\\u0069d":1', "oops"),
]


@pytest.mark.parametrize("seed", range(400))
def test_the_short_way_decides_as_the_long_one(seed: int) -> None:
    """The long way takes the id out of what a parser has read."""
    dice = random.Random(seed)
    # Most of them are nearly right: a frame that is wrong in three places is refused on any way.
    parts = ['"action":"say"', '"payload":"x"'] if dice.random() < 0.8 else []
    parts += dice.sample(FRAGMENTS, dice.randrange(1, 4))
    dice.shuffle(parts)
    space = dice.choice(["", " ", "\n"])
    text = "{" + f",{space}".join(parts).replace(":", f":{space}", 1) + dice.choice(["}", "}", "} ", "}}", ""])
    short = Codec({"say": Say, "count": Count}, WireFormat())
    long = Codec({"say": Say, "count": Count}, WireFormat())
    vars(long)["_ignores_id"] = False
    assert short._ignores_id  # pyright: ignore[reportPrivateUsage]  # tested from inside
    assert short.decode(text) == long.decode(text)
