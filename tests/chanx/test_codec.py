"""Text frames to messages and back, in every wire format."""

import json
import random
import sys
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Literal, TypeVar, cast

import pytest
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, SecretStr, computed_field, field_validator
from pytest_django import Settings
from typing_extensions import TypedDict

from chanx.codec import Codec, Invoke, Reject
from chanx.exceptions import MessageDefinitionError
from chanx.frame_ids import MAX_ID_INTEGER, MAX_ID_LENGTH
from chanx.messages.base import BaseMessage
from chanx.messages.outgoing import ErrorMessage, Failure, FrameError
from chanx.wire_format import WireFormat, wire_keys
from tests.chanx.support import Count, Said, Say

PLAIN = WireFormat()
FORMATS = [PLAIN, WireFormat("type"), WireFormat(camelize=True), WireFormat("messageType", camelize=True)]


class Address(TypedDict):
    street_name: str
    house_number: int


@dataclass
class Point:
    long_name: str
    x_value: float


class Inner(BaseModel):
    first_name: str
    by_name: dict[str, int]

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator above @property
    @property
    def shouted_name(self) -> str:
        return self.first_name.upper()


class Everything(BaseModel):
    address_1: str
    address1: str
    plain: int
    home_address: Address
    map_point: Point
    inner_models: list[Inner]
    either_way: Inner | Point | None
    given_alias: str = Field(alias="the-alias")
    a_choice: Annotated[str | None, Field(alias="snake_alias")] = None


class Big(BaseMessage):
    action: Literal["big"] = "big"
    payload: Everything


class Node(BaseModel):
    node_name: str
    child_nodes: list["Node"] = []


class Tree(BaseMessage):
    action: Literal["tree", "forest"] = "tree"
    payload: Node


Content = TypeVar("Content")


class Envelope(BaseModel, Generic[Content]):
    inner_content: Content


class Wrapped(BaseMessage):
    action: Literal["wrapped"] = "wrapped"
    payload: Envelope[Node]


class OwnId(BaseMessage):
    action: Literal["own_id"] = "own_id"
    id: str
    payload: None = None


class Forbidding(BaseMessage):
    model_config = ConfigDict(extra="forbid")
    action: Literal["forbidding"] = "forbidding"
    payload: int


class Strict(BaseMessage):
    model_config = ConfigDict(strict=True)
    action: Literal["strict"] = "strict"
    payload: tuple[bytes, float]


class Many(BaseMessage):
    action: Literal["many"] = "many"
    payload: list[int]


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]


class Pet(BaseMessage):
    action: Literal["pet"] = "pet"
    payload: Cat | Dog = Field(discriminator="kind")


class Broken(BaseMessage):
    action: Literal["broken"] = "broken"
    payload: int

    @field_validator("payload")
    @classmethod
    def fail(cls, value: int) -> int:
        raise KeyError(value)


CLASSES: list[type[BaseMessage]] = [Say, Count, Big, Tree, Wrapped, OwnId, Forbidding, Strict, Many, Pet, Broken]
MESSAGES = {value: model for model in CLASSES for value in model.discriminator_values()}


def codec(wire: WireFormat = PLAIN) -> Codec:
    return Codec(MESSAGES, wire)


def rejected(text: str, wire: WireFormat = PLAIN) -> list[tuple[str, list[str | int], str]]:
    decision = codec(wire).decode(text)
    assert isinstance(decision, Reject), decision
    return [(error.type, error.loc, error.msg) for error in decision.errors]


def invoked(text: str, wire: WireFormat = PLAIN) -> Invoke:
    decision = codec(wire).decode(text)
    assert isinstance(decision, Invoke), decision
    return decision


# -- round trips ---------------------------------------------------------------------------------------------


def _word(chance: random.Random) -> str:
    return "".join(chance.choices('abc_ÄZ19"\\\n☃😀', k=chance.randint(0, 6)))


def _inner(chance: random.Random) -> Inner:
    return Inner(first_name=_word(chance), by_name={f"{_word(chance)}_key_{n}": n for n in range(chance.randint(0, 3))})


def _node(chance: random.Random, depth: int = 3) -> Node:
    children = [_node(chance, depth - 1) for _ in range(chance.randint(0, 2 if depth else 0))]
    return Node(node_name=_word(chance), child_nodes=children)


def _message(chance: random.Random) -> BaseMessage:
    match chance.randrange(5):
        case 0:
            return Tree(action=chance.choice(["tree", "forest"]), payload=_node(chance))
        case 1:
            return Wrapped(payload=Envelope[Node](inner_content=_node(chance)))
        case 2:
            return OwnId(id=_word(chance))
        case 3:
            return Strict(payload=(_word(chance).encode(), chance.random()))
        case _:
            point = Point(_word(chance), chance.random())
            content: dict[str, Any] = {
                "address_1": _word(chance),
                "address1": _word(chance),
                "plain": chance.randint(-(10**20), 10**20),
                "home_address": Address(street_name=_word(chance), house_number=chance.randint(0, 9)),
                "map_point": point,
                "inner_models": [_inner(chance) for _ in range(chance.randint(0, 3))],
                "either_way": chance.choice([None, point, _inner(chance)]),
                "the-alias": _word(chance),
                "snake_alias": chance.choice([None, _word(chance)]),
            }
            return Big(payload=Everything(**content))


@pytest.mark.parametrize("wire", FORMATS, ids=str)
@pytest.mark.parametrize("seed", range(60))
def test_every_message_survives_the_wire_in_every_format(wire: WireFormat, seed: int) -> None:
    message = _message(random.Random(seed))
    text = codec(wire).encode(message)
    assert json.loads(text) == codec(wire).encode_python(message)
    # Computed fields are sent; received, they are keys that the model ignores.
    assert invoked(text, wire) == Invoke(message)
    assert json.loads(text)[wire.action_key] == message.action


def test_camelize_renames_declared_fields_alone() -> None:
    point = Point("north", 1.5)
    inner = Inner(first_name="ada", by_name={"kept_as_is": 1})
    content: dict[str, Any] = {
        "address_1": "with underscore",
        "address1": "without",
        "plain": 1,
        "home_address": {"street_name": "High", "house_number": 2},
        "map_point": point,
        "inner_models": [inner],
        "either_way": inner,
        "the-alias": "own",
        "snake_alias": "kept",
    }
    encoded = codec(WireFormat(camelize=True)).encode_python(Big(payload=Everything(**content)))
    wire_inner = {"firstName": "ada", "byName": {"kept_as_is": 1}, "shoutedName": "ADA"}
    assert encoded == {
        "action": "big",
        "payload": {
            # Both would be `address1`: the one that is spelled so keeps it.
            "address_1": "with underscore",
            "address1": "without",
            "plain": 1,
            "homeAddress": {"streetName": "High", "houseNumber": 2},
            "mapPoint": {"longName": "north", "xValue": 1.5},
            "innerModels": [wire_inner],
            "eitherWay": wire_inner,
            "the-alias": "own",
            "snake_alias": "kept",
        },
    }


def test_camelize_takes_camel_case_keys_and_no_others() -> None:
    wire = WireFormat(camelize=True)
    assert invoked('{"action":"tree","payload":{"nodeName":"a"}}', wire).message == Tree(payload=Node(node_name="a"))
    assert rejected('{"action":"tree","payload":{"node_name":"a"}}', wire) == [
        ("missing", ["tree", "payload", "nodeName"], "Field required")
    ]


@pytest.mark.parametrize("wire", FORMATS, ids=str)
def test_errors_name_the_keys_of_the_wire(wire: WireFormat) -> None:
    key = "nodeName" if wire.camelize else "node_name"
    assert rejected(json.dumps({wire.action_key: "tree", "payload": {}}), wire) == [
        ("missing", ["tree", "payload", key], "Field required")
    ]
    assert rejected('{"payload":{}}', wire) == [("union_tag_not_found", [], f"The key '{wire.action_key}' is missing")]


def test_a_renamed_action_stays_action_in_python() -> None:
    message = invoked('{"type":"say","payload":"hi"}', WireFormat("type")).message
    assert message.action == "say"
    assert codec(WireFormat("type")).encode(message) == '{"type":"say","payload":"hi"}'


def test_a_field_that_collides_with_the_renamed_action_is_refused_by_name() -> None:
    class HasType(BaseMessage):
        action: Literal["has_type"] = "has_type"
        type: str
        payload: None = None

    for use in (
        lambda: wire_keys(HasType, WireFormat("type")),
        lambda: Codec({"has_type": HasType}, WireFormat("type")).decode("{}"),
    ):
        with pytest.raises(MessageDefinitionError) as refusal:
            use()
        assert str(refusal.value) == (
            f"{HasType.__module__}.{HasType.__qualname__}: it has a field of its own whose wire key is 'type', "
            "the key that names messages.\nRename the field, or choose another MESSAGE_ACTION_KEY in settings.CHANX."
        )


def test_separate_aliases_for_each_direction_are_kept() -> None:
    class TwoNames(BaseMessage):
        action: Literal["two_names"] = "two_names"
        the_field: int = Field(validation_alias=AliasChoices("in_one", "in_two"), serialization_alias="out_one")
        payload: None = None

    for wire in FORMATS:
        both = Codec({"two_names": TwoNames}, wire)
        for key in ("in_one", "in_two"):
            decision = both.decode(json.dumps({wire.action_key: "two_names", key: 5}))
            assert isinstance(decision, Invoke)
            assert both.encode_python(decision.message)["out_one"] == 5


def test_a_message_outside_the_set_is_encoded_too() -> None:
    assert Codec({}, PLAIN).encode(Said(payload="x")) == '{"action":"said","payload":"x"}'


def test_secrets_stay_secret() -> None:
    class Login(BaseMessage):
        action: Literal["login"] = "login"
        payload: SecretStr

    assert "hunter2" not in Codec({}, PLAIN).encode(Login(payload=SecretStr("hunter2")))


# -- the envelope's id ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("wire", FORMATS, ids=str)
@pytest.mark.parametrize("frame_id", ["", "a", "ü" * MAX_ID_LENGTH, 0, -1, MAX_ID_INTEGER, -MAX_ID_INTEGER])
def test_an_id_is_taken_off_and_comes_back_as_reply_to(wire: WireFormat, frame_id: str | int) -> None:
    decision = invoked(json.dumps({wire.action_key: "say", "payload": "x", "id": frame_id}), wire)
    assert decision == Invoke(Say(payload="x"), frame_id)
    answer = json.loads(codec(wire).encode(Said(payload="y"), decision.reply_to))
    assert answer == {wire.action_key: "said", "payload": "y", wire.key("reply_to"): frame_id}


@pytest.mark.parametrize(
    "frame_id", ["x" * (MAX_ID_LENGTH + 1), MAX_ID_INTEGER + 1, 10**40, True, None, 1.0, [1], {"id": 1}]
)
def test_anything_else_as_id_is_refused_without_an_echo(frame_id: object) -> None:
    decision = codec().decode(json.dumps({"action": "say", "payload": "x", "id": frame_id}))
    assert isinstance(decision, Reject)
    assert decision.reply_to is None
    assert [error.model_dump() for error in decision.errors] == [
        {"type": "invalid_id", "loc": ["id"], "msg": "An id is a text of at most 64 characters or a 64-bit integer"}
    ]


@pytest.mark.parametrize("key", ['"id"', r'"\u0069d"', r'"i\u0064"', r'"\u0069\u0064"'])
def test_an_escaped_id_is_an_id(key: str) -> None:
    assert invoked(f'{{"action":"forbidding","payload":1,{key}:"a"}}') == Invoke(Forbidding(payload=1), "a")


def test_an_id_inside_the_payload_is_data() -> None:
    class Free(BaseMessage):
        action: Literal["free"] = "free"
        payload: dict[str, Any]

    decision = Codec({"free": Free}, PLAIN).decode('{"action":"free","payload":{"id":[1]}}')
    assert decision == Invoke(Free(payload={"id": [1]}))


@pytest.mark.parametrize("wire", FORMATS, ids=str)
def test_a_message_with_an_id_of_its_own_keeps_it(wire: WireFormat) -> None:
    text = json.dumps({wire.action_key: "own_id", "id": "mine", "payload": None})
    assert invoked(text, wire) == Invoke(OwnId(id="mine"), None)
    assert rejected(json.dumps({wire.action_key: "own_id", "id": 5}), wire)[0][:2] == ("string_type", ["own_id", "id"])


def test_an_id_by_alias_is_also_the_messages_own() -> None:
    class Aliased(BaseMessage):
        action: Literal["aliased"] = "aliased"
        number: int = Field(alias="id")
        payload: None = None

    decision = Codec({"aliased": Aliased}, PLAIN).decode('{"action":"aliased","id":7}')
    assert isinstance(decision, Invoke)
    assert (cast("Aliased", decision.message).number, decision.reply_to) == (7, None)


def test_a_message_with_a_reply_to_of_its_own_keeps_it() -> None:
    class Letter(BaseMessage):
        action: Literal["letter"] = "letter"
        reply_to: str
        payload: None = None

    assert json.loads(Codec({}, PLAIN).encode(Letter(reply_to="me"), 9))["reply_to"] == "me"


def test_models_that_forbid_other_keys_never_see_the_id() -> None:
    assert invoked('{"id":1,"action":"forbidding","payload":2}') == Invoke(Forbidding(payload=2), 1)
    assert rejected('{"other":1,"action":"forbidding","payload":2}') == [
        ("extra_forbidden", ["forbidding", "other"], "Extra inputs are not permitted")
    ]


@pytest.mark.parametrize("envelope", ["", '"id":1,'])
@pytest.mark.parametrize("payload", ['["Ynl0ZXM", 1]', '["x", 1.5]', "[1, 1]", '["x"]', '["x", NaN]', '["x", 1e999]'])
def test_a_frame_with_an_id_is_judged_as_one_without(envelope: str, payload: str) -> None:
    """Strict models mean JSON's rules (a list for a tuple, text for bytes) with and without an id."""
    text = f'{{{envelope}"action":"strict","payload":{payload}}}'
    expected = codec().decode(f'{{"action":"strict","payload":{payload}}}')
    decision = codec().decode(text)
    assert type(decision) is type(expected)
    if isinstance(decision, Invoke) and isinstance(expected, Invoke):
        assert repr(decision.message) == repr(expected.message)
    elif isinstance(decision, Reject) and isinstance(expected, Reject):
        assert decision.errors == expected.errors
    assert decision.reply_to == (1 if envelope else None)


def test_a_refused_frame_is_answered_under_its_id() -> None:
    decision = codec().decode('{"id":"q","action":"count","payload":"many"}')
    assert isinstance(decision, Reject)
    assert decision.reply_to == "q"


# -- refusals ------------------------------------------------------------------------------------------------


#: What follows are the parser's words, and the position.
INVALID = "Invalid JSON: "


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("", "invalid_json", INVALID),
        ("nonsense", "invalid_json", INVALID),
        ('{"id":1', "invalid_json", INVALID),
        ("[" * 1000, "invalid_json", INVALID),
        ("[]", "invalid_envelope", "A frame must be a JSON object"),
        ('["id"]', "invalid_envelope", "A frame must be a JSON object"),
        ('"text"', "invalid_envelope", "A frame must be a JSON object"),
        ("null", "invalid_envelope", "A frame must be a JSON object"),
        ("1", "invalid_envelope", "A frame must be a JSON object"),
        ("{}", "union_tag_not_found", "The key 'action' is missing"),
        ('{"id":1}', "union_tag_not_found", "The key 'action' is missing"),
        ('{"action":"nope"}', "union_tag_invalid", "Unknown action 'nope'"),
        ('{"action":null}', "union_tag_invalid", "Unknown action 'None'"),
        ('{"action":["say"]}', "union_tag_invalid", "Unknown action '['say']'"),
        ('{"id":1,"action":{"id":2}}', "union_tag_invalid", "Unknown action '{'id': 2}'"),
    ],
)
def test_frames_that_are_no_message(text: str, kind: str, message: str) -> None:
    ((told_kind, loc, told),) = rejected(text)
    assert (told_kind, loc) == (kind, [])
    assert told == message or (message is INVALID and told.startswith(INVALID))


def test_a_lone_surrogate_which_no_server_lets_through_is_refused_all_the_same() -> None:
    assert [kind for kind, _, _ in rejected("\ud800")] == ["invalid_json"]
    assert [kind for kind, _, _ in rejected('{"id":"\ud800"}')] == ["invalid_json"]


INVALID_NUMBER: tuple[str, list[str | int], str] = (
    "invalid_number",
    [],
    "Numbers must be finite, and fit into a double",
)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1E+999", "1" * 400, "1" * 5000])
@pytest.mark.parametrize(
    "frame",
    [
        '{"action":"say","payload":%s}',
        '{"action":"count","payload":%s}',
        '{"action":"wrapped","payload":[{"x":%s}]}',
        # Keys that nobody declares, and actions that nobody knows.
        '{"action":"count","payload":1,"other":{"deep":[%s]}}',
        '{"action":%s}',
        "%s",
    ],
)
def test_numbers_that_are_none_are_refused(frame: str, number: str) -> None:
    assert rejected(frame % number) == [INVALID_NUMBER]


@pytest.mark.parametrize("payload", ["-0", "1e2", "12e-1", "1E0", "-1.5e+2"])
def test_numbers_that_look_like_it_are_taken(payload: str) -> None:
    kinds = [kind for kind, _, _ in rejected(f'{{"action":"say","payload":{payload}}}')]
    assert kinds == ["string_type"]


@pytest.mark.parametrize("digits", [640, 0, 4300])
def test_how_many_digits_python_converts_changes_nothing(digits: int) -> None:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(digits)
    try:
        for size in (310, 641, 4300, 4301, 60_000):
            for frame in ('{"action":"count","payload":%s}', '{"id":%s}', '{"action":"nope","other":%s,"id":1}'):
                assert rejected(frame % ("1" * size)) == [INVALID_NUMBER]
        assert invoked('{"action":"count","payload":%s}' % ("1" * 308)).message == Count(payload=int("1" * 308))
    finally:
        sys.set_int_max_str_digits(before)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('{"action":"count","payload":1,"action":"count"}', "action"),
        ('{"action":"count","action":"say","payload":1}', "action"),
        ('{"action":"count","payload":1,"payload":1}', "payload"),
        ('{"id":1,"action":"count","payload":1,"id":1}', "id"),
        (r'{"action":"count","\u0061ction":"say","payload":1}', "action"),
        (r'{"action":"count","payload":1,"p\u0061yload":2}', "payload"),
        (r'{"\u0069\u0064":1,"id":2,"action":"count","payload":1}', "id"),
    ],
)
def test_a_key_of_the_envelope_may_be_there_once(text: str, key: str) -> None:
    assert rejected(text) == [("duplicate_key", [], f"The key '{key}' is there twice")]


@pytest.mark.parametrize(
    "text",
    [
        '{"action":"count","payload":1,"other":1,"other":{"id":1,"id":2}}',
        '{"action":"count","payload":1,"other":{"action":1,"payload":2},"x":[{"action":1,"payload":2}],"id":3}',
        '{"action":"count","payload":1,"x":["id","action","payload","id"],"id":3}',
        r'{"\u0061ction":"count","p\u0061yload":1,"x":"\u0069d"}',
    ],
)
@pytest.mark.parametrize("strict", [False, True])
def test_the_same_keys_elsewhere_are_data(text: str, strict: bool) -> None:
    decision = Codec(MESSAGES, PLAIN, strict_json=strict).decode(text)
    if strict and 'other":1' in text:
        assert decision == Reject([FrameError(type="duplicate_key", loc=[], msg="The key 'id' is there twice")])
    else:
        assert decision == Invoke(Count(payload=1), 3 if text.endswith('"id":3}') else None)


@pytest.mark.parametrize(
    ("action_key", "spelled"), [("type", r"typ\u0065"), ("ärt", r"\u00e4rt"), ('a"b', r"a\u0022b"), ("ж", r"\u0436")]
)
def test_the_key_of_the_action_may_be_any(action_key: str, spelled: str) -> None:
    wire = WireFormat(action_key=action_key)
    key = json.dumps(action_key, ensure_ascii=False)
    assert invoked(f'{{{key}:"count","payload":1}}', wire) == Invoke(Count(payload=1))
    assert invoked(f'{{"{spelled}":"count","payload":1}}', wire) == Invoke(Count(payload=1))
    for other in (key, f'"{spelled}"'):
        assert [kind for kind, _, _ in rejected(f'{{{key}:"count",{other}:"say"}}', wire)] == ["duplicate_key"]


def test_a_long_key_is_told_shortened() -> None:
    key = "x" * 1000
    decision = Codec(MESSAGES, PLAIN, strict_json=True).decode(f'{{"{key}":1,"{key}":2}}')
    assert isinstance(decision, Reject)
    assert decision.errors[0].msg == f"The key '{'x' * 64}' is there twice"
    assert rejected(f'{{"action":"forbidding","payload":2,"{key}":1}}') == [
        ("extra_forbidden", ["forbidding", "x" * 64], "Extra inputs are not permitted")
    ]


@pytest.mark.parametrize(
    ("text", "reply_to"),
    [
        ('{"action":"count","payload":NaN,"id":"q"}', "q"),
        ('{"action":"count","payload":1,"payload":1,"id":7}', 7),
        ('{"action":"count","payload":1,"id":1,"id":2}', None),
        ('{"action":"count","payload":NaN,"id":null}', None),
        ('{"action":"count","payload":NaN,"id":1e999}', None),
        ('{"action":"own_id","payload":NaN,"id":"its own"}', None),
        ('{"action":"count","payload":NaN', None),
    ],
)
def test_what_is_refused_before_validation_is_answered_under_its_id(text: str, reply_to: object) -> None:
    decision = codec().decode(text)
    assert isinstance(decision, Reject)
    assert decision.reply_to == reply_to


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"action":"count","payload":1}', None),
        ('{"action":"unknown","id":[]}', None),
        ("{}", None),
        ("", "invalid_json"),
        ('{"a":"\\ud800"}', "invalid_json"),
        ("\ud800", "invalid_json"),
        ("[]", "invalid_envelope"),
        ('{"a":NaN}', "invalid_number"),
        ('{"id":1,"id":1}', "duplicate_key"),
    ],
)
def test_what_is_wrong_with_a_text_before_it_is_a_message(text: str, kind: str | None) -> None:
    refusal = codec().refusal(text)
    assert (refusal.errors[0].type if refusal else None) == kind
    if kind is not None:
        assert [found for found, _, _ in rejected(text)] == [kind]


def test_an_unknown_action_is_echoed_shortened_and_the_known_ones_are_told_in_debug_alone(settings: Settings) -> None:
    text = json.dumps({"action": "x" * 1000})
    told = f"Unknown action '{'x' * 64}'"
    assert rejected(text) == [("union_tag_invalid", [], told)]
    settings.DEBUG = True
    known = "big, broken, count, forbidding, forest, many, own_id, pet, say, strict, tree, wrapped"
    assert rejected(text) == [("union_tag_invalid", [], f"{told}, known are {known}")]


def test_the_expected_tags_of_a_payload_are_not_told() -> None:
    assert rejected('{"action":"pet","payload":{"kind":"SECRET"}}') == [
        ("union_tag_invalid", ["pet", "payload"], "Unknown 'kind'")
    ]


@pytest.mark.parametrize("action", sorted(MESSAGES))
@pytest.mark.parametrize(
    "payload",
    ["S3cr3t", ["S3cr3t"], {"S3cr3t": 1}, {"node_name": ["S3cr3t"]}, {"kind": "S3cr3t"}, {"plain": "S3cr3t"}, 3.14159],
    ids=str,
)
def test_no_error_repeats_a_value_that_was_sent(action: str, payload: object) -> None:
    decision = codec().decode(json.dumps({"action": action, "payload": payload}))
    if isinstance(decision, Reject):
        told = json.dumps([[error.type, error.msg] for error in decision.errors])
        assert "S3cr3t" not in told
        assert "3.14159" not in told


def test_no_more_errors_are_told_than_the_setting_says(settings: Settings) -> None:
    text = json.dumps({"action": "many", "payload": ["x"] * 1000})
    assert len(rejected(text)) == 20
    settings.CHANX = {"MAX_REPORTED_ERRORS": 3}
    assert [loc for _, loc, _ in rejected(text)] == [["many", "payload", n] for n in range(3)]


def test_a_list_of_very_many_errors_is_not_made() -> None:
    keys = {str(number): 1 for number in range(10_000)}
    assert len(rejected(json.dumps({"action": "forbidding", "payload": 1, **keys}))) == 20
    text = json.dumps({"action": "forbidding", "payload": 1, **keys, "one more": 1})
    assert rejected(text) == [("too_many_errors", [], "10001 errors, too many to list")]


def test_the_shapes_of_an_error_frame() -> None:
    decision = codec().decode('{"action":"say"}')
    assert isinstance(decision, Reject)
    assert codec().encode(ErrorMessage(payload=decision.errors)) == (
        '{"action":"error","payload":[{"type":"missing","loc":["say","payload"],"msg":"Field required"}]}'
    )
    failure = Failure(detail="Failed to process message", code="handler_failed", error_id="e1")
    assert codec().encode_python(ErrorMessage(payload=failure))["payload"] == {
        "detail": "Failed to process message",
        "code": "handler_failed",
        "error_id": "e1",
    }
    camel = codec(WireFormat(camelize=True)).encode_python(ErrorMessage(payload=failure))
    assert camel["payload"]["errorId"] == "e1"
    without = Failure(detail="d", code="c")
    assert codec().encode_python(ErrorMessage(payload=without))["payload"] == {"detail": "d", "code": "c"}


# -- built once ----------------------------------------------------------------------------------------------


def test_a_codec_is_built_once_per_set_and_format() -> None:
    first = Codec.of(MESSAGES, PLAIN)
    assert Codec.of(MESSAGES, PLAIN) is first
    assert Codec.of(MESSAGES, WireFormat("type")) is not first


def test_the_validator_is_built_by_the_first_frame() -> None:
    fresh = codec()
    assert "_validate_json" not in vars(fresh)
    fresh.decode('{"action":"say","payload":"x"}')
    validator = vars(fresh)["_validate_json"]
    fresh.decode('{"action":"say","payload":"x"}')
    assert vars(fresh)["_validate_json"] is validator


def test_a_rewritten_format_does_not_change_the_classes_themselves() -> None:
    message = Tree(payload=Node(node_name="n"))
    codec(WireFormat("type", camelize=True)).encode(message)
    assert message.model_dump() == {"action": "tree", "payload": {"node_name": "n", "child_nodes": []}}


@pytest.mark.parametrize("wire", FORMATS, ids=str)
def test_one_class_is_validated_as_all_of_them_are(wire: WireFormat) -> None:
    given = codec(wire)
    text = given.encode(Tree(payload=Node(node_name="n", child_nodes=[Node(node_name="m")])))

    assert given.decode(text) == Invoke(given.validator(Tree).validate_json(text))


class LeftTurn(BaseModel):
    turn_kind: Literal["left"] = "left"


class RightTurn(BaseModel):
    turn_kind: Literal["right"] = "right"


class NamedStop(BaseModel):
    kind: Literal["stop"] = Field("stop", alias="turn_kind")


class NamedGo(BaseModel):
    kind: Literal["go"] = Field("go", alias="turn_kind")


class Route(BaseMessage):
    action: Literal["route"] = "route"
    payload: list[Annotated[LeftTurn | RightTurn, Field(discriminator="turn_kind")]]
    signs: list[Annotated[NamedStop | NamedGo, Field(discriminator="kind")]]


@pytest.mark.parametrize("wire", FORMATS)
def test_unions_inside_messages_find_their_tag_under_its_wire_key(wire: WireFormat) -> None:
    """Renamed with its field, unless the user chose an alias for it."""
    message = Route(payload=[LeftTurn(), RightTurn()], signs=[NamedGo.model_validate({"turn_kind": "go"})])
    codec = Codec({"route": Route}, wire)
    text = codec.encode(message)
    key = "turnKind" if wire.camelize else "turn_kind"
    assert json.loads(text)["payload"] == [{key: "left"}, {key: "right"}]
    assert json.loads(text)["signs"] == [{"turn_kind": "go"}]
    assert codec.decode(text) == Invoke(message)
