"""The schemas of frames say exactly what the runtime takes and sends."""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Generic, Literal, TypeVar

import pytest
from pydantic import BaseModel, ConfigDict, Field, computed_field, model_serializer
from pydantic_core import core_schema

from chanx.codec import Codec, Invoke
from chanx.messages.base import BaseMessage
from chanx.messages.outgoing import AuthenticationMessage, ErrorMessage
from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.conversations import Direction, Frame
from chanx_asyncapi.describe.schemas import FRAME_ID, Schemas, describe_schemas
from tests.chanx_asyncapi.describe.support import payload_validator, subschemas

PLAIN = WireFormat()
HERE = __name__


def frames(*messages: type[BaseMessage], direction: Direction = "received") -> list[Frame]:
    return [Frame(message, direction) for message in messages]


def both(message: type[BaseMessage]) -> list[Frame]:
    return [*frames(message), *frames(message, direction="sent")]


def good(given: list[Frame], wire: WireFormat = PLAIN) -> Schemas:
    found = describe_schemas(given, wire)
    assert found.problems == ()
    return found


def accepts(found: Schemas, frame: Frame, value: Any) -> bool:
    """Whether the document allows ``value`` as this frame."""
    key = found.frames[frame].key
    message = {"payload": {"$ref": f"#/components/schemas/{key}"}}
    document = {"components": {"messages": {key: message}, "schemas": dict(found.components)}}
    return payload_validator(document, key).is_valid(value)


class Color(Enum):
    RED = "red"
    BLUE = "blue"


class Item(BaseModel):
    item_name: str
    how_many: int = 1
    color: Color = Color.RED

    @computed_field
    def total(self) -> int:
        return self.how_many * 2


class Add(BaseMessage):
    action: Literal["add"] = "add"
    payload: Item


class Strict(BaseMessage):
    model_config = ConfigDict(extra="forbid")

    action: Literal["strict"] = "strict"
    payload: int = 0


class Closed(BaseModel):
    kind: Literal["closed"] = "closed"


class Open(BaseModel):
    kind: Literal["open"] = "open"


class Choose(BaseMessage):
    action: Literal["choose"] = "choose"
    payload: Annotated[Closed | Open, Field(discriminator="kind")]


class Node(BaseModel):
    children: "list[Node]" = []


class Grow(BaseMessage):
    action: Literal["grow"] = "grow"
    payload: Node


T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]


class Pages(BaseMessage):
    action: Literal["pages"] = "pages"
    payload: Page[Item] | Page[int]


class Many(BaseMessage):
    action: Literal["one", "two"]
    payload: None = None


class Unwritable(BaseMessage):
    """Holds a function."""

    action: Literal["unwritable"] = "unwritable"
    payload: Callable[[], int]


# -- the envelope --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action_key", ["action", "type"])
def test_the_action_is_required_with_its_constant_and_has_no_default(action_key: str) -> None:
    found = good(frames(Strict), WireFormat(action_key=action_key))

    schema = found.components[f"{HERE}.Strict"]
    assert schema["properties"][action_key] == {"type": "string", "const": "strict"}
    assert schema["required"] == [action_key]


@pytest.mark.parametrize("wire", [PLAIN, WireFormat(camelize=True)])
def test_what_a_group_may_relay_may_say_whose_it_is(wire: WireFormat) -> None:
    frame = Frame(Strict, "sent")
    alone, relayed = describe_schemas([frame], wire), describe_schemas([frame], wire, relayed={frame})

    value = {"action": "strict", "payload": 1}
    seen = {wire.key("is_mine"): True, wire.key("is_current"): False}
    assert accepts(relayed, frame, value)
    assert accepts(relayed, frame, {**value, **seen})
    assert not accepts(relayed, frame, {**value, wire.key("is_mine"): "yes"})
    assert not accepts(alone, frame, {**value, **seen})


def test_what_allows_other_keys_is_described_as_it_is() -> None:
    frame = Frame(Grow, "sent")
    assert describe_schemas([frame], PLAIN, relayed={frame}) == describe_schemas([frame], PLAIN)


def test_several_actions_are_an_enum() -> None:
    schema = good(frames(Many)).components[f"{HERE}.Many"]

    assert schema["properties"]["action"] == {"title": "ManyAction", "type": "string", "enum": ["one", "two"]}
    assert schema["required"] == ["action"]


@pytest.mark.parametrize("frame_id", ["a" * 64, 7, -(2**63) + 1])
def test_an_id_fits_where_the_runtime_takes_one(frame_id: str | int) -> None:
    (frame,) = frames(Strict)
    value = {"action": "strict", "id": frame_id}

    assert isinstance(Codec({"strict": Strict}, PLAIN).decode(json.dumps(value)), Invoke)
    assert accepts(good([frame]), frame, value)


@pytest.mark.parametrize("frame_id", ["a" * 65, 1.5, None, [], True])
def test_an_id_that_the_runtime_refuses_does_not_fit(frame_id: Any) -> None:
    (frame,) = frames(Strict)
    value = {"action": "strict", "id": frame_id}

    assert not isinstance(Codec({"strict": Strict}, PLAIN).decode(json.dumps(value)), Invoke)
    assert not accepts(good([frame]), frame, value)


@pytest.mark.parametrize("wire", [PLAIN, WireFormat(camelize=True), WireFormat(action_key="type")])
@pytest.mark.parametrize("reply_to", [None, "x", 1])
@pytest.mark.parametrize(
    "message",
    [Strict(), Add(payload=Item(item_name="a")), Choose(payload=Open()), ErrorMessage(payload={"detail": "no"})],
)
def test_each_sent_frame_fits(message: BaseMessage, reply_to: str | int | None, wire: WireFormat) -> None:
    frame = Frame(type(message), "sent")

    text = Codec({}, wire).encode(message, reply_to)

    assert accepts(good([frame], wire), frame, json.loads(text))


def test_a_message_keeps_an_id_of_its_own() -> None:
    class Own(BaseMessage):
        action: Literal["own"] = "own"
        id: list[int]
        payload: None = None

    found = good(frames(Own))

    (schema,) = (schema for key, schema in found.components.items() if key.endswith("Own"))
    assert schema["properties"]["id"] == {"type": "array", "items": {"type": "integer"}}
    assert found.frames[Frame(Own, "received")].correlation_key is None
    assert FRAME_ID not in found.components


def test_authentication_answers_no_frame() -> None:
    frame = Frame(AuthenticationMessage, "sent")

    assert good([frame]).frames[frame].correlation_key is None


# -- the two directions --------------------------------------------------------------------------------------


def test_what_is_sent_has_its_defaults_and_computed_fields_on_board() -> None:
    found = good(both(Add))

    assert found.components[f"{HERE}.Item"]["required"] == ["item_name"]
    assert found.components[f"{HERE}.Item-sent"]["required"] == ["item_name", "how_many", "color", "total"]


def test_a_model_that_is_the_same_in_both_directions_is_one_component() -> None:
    keys = good(both(Add)).components

    assert f"{HERE}.Color" in keys
    assert f"{HERE}.Color-sent" not in keys


def test_what_holds_a_model_that_differs_differs_as_well() -> None:
    class Wrapped(BaseMessage):
        action: Literal["wrapped"] = "wrapped"
        payload: Page[Item]

    keys = good(both(Wrapped)).components

    assert {f"{HERE}.Page-{HERE}.Item", f"{HERE}.Page-{HERE}.Item-sent"} <= set(keys)


def test_a_message_in_both_directions_has_two_schemas() -> None:
    found = good(both(Strict))

    received, sent = (found.frames[frame].key for frame in both(Strict))
    assert (received, sent) == (f"{HERE}.Strict", f"{HERE}.Strict-sent")
    assert "id" in found.components[received]["properties"]
    assert "reply_to" in found.components[sent]["properties"]


def test_a_field_that_may_be_left_out_is_not_required() -> None:
    class Quiet(BaseMessage):
        action: Literal["quiet"] = "quiet"
        payload: int | None = Field(default=None, exclude_if=lambda value: value is None)

    frame = Frame(Quiet, "sent")

    assert accepts(good([frame]), frame, json.loads(Codec({}, PLAIN).encode(Quiet())))


def test_nothing_is_claimed_about_a_serializer_that_does_not_say_what_it_makes() -> None:
    class Odd(BaseModel):
        number: int

        @model_serializer(mode="wrap")
        def _write(self, handler: Any):  # type: ignore[no-untyped-def]  # that is the case
            return [handler(self)]

    class Send(BaseMessage):
        action: Literal["send"] = "send"
        payload: Odd

    frame = Frame(Send, "sent")

    assert accepts(good([frame]), frame, json.loads(Codec({}, PLAIN).encode(Send(payload=Odd(number=1)))))


# -- the wire format -----------------------------------------------------------------------------------------


def test_keys_are_those_of_the_wire() -> None:
    found = good(both(Add), WireFormat(action_key="type", camelize=True))

    assert list(found.components[f"{HERE}.Item-sent"]["properties"]) == ["itemName", "howMany", "color", "total"]
    assert list(found.components[f"{HERE}.Add-sent"]["properties"]) == ["type", "payload", "replyTo"]
    assert found.frames[Frame(Add, "sent")].correlation_key == "replyTo"


def test_defaults_have_the_keys_of_the_wire_and_no_computed_fields() -> None:
    class WithDefault(BaseMessage):
        action: Literal["with_default"] = "with_default"
        payload: list[Item] = Field(default=[Item(item_name="a")])

    found = good(frames(WithDefault), WireFormat(camelize=True))

    (schema,) = (schema for key, schema in found.components.items() if key.endswith("WithDefault"))
    assert schema["properties"]["payload"]["default"] == [{"itemName": "a", "howMany": 1, "color": "red"}]


# -- shapes --------------------------------------------------------------------------------------------------


def test_the_tag_of_a_union_is_required_as_the_runtime_requires_it() -> None:
    (frame,) = frames(Choose)
    found = good([frame])
    value = {"action": "choose", "payload": {}}

    assert not isinstance(Codec({"choose": Choose}, PLAIN).decode(json.dumps(value)), Invoke)
    assert not accepts(found, frame, value)
    assert accepts(found, frame, {"action": "choose", "payload": {"kind": "open"}})
    assert found.components[f"{HERE}.Choose"]["properties"]["payload"]["discriminator"] == "kind"


def test_recursion_ends() -> None:
    (frame,) = frames(Grow)
    found = good([frame])

    assert accepts(found, frame, {"action": "grow", "payload": {"children": [{"children": []}]}})
    assert not accepts(found, frame, {"action": "grow", "payload": {"children": [{"children": [1]}]}})


def test_generic_models_are_named_by_their_arguments() -> None:
    assert {f"{HERE}.Page-{HERE}.Item", f"{HERE}.Page-int"} <= set(good(frames(Pages)).components)


def test_a_message_inside_of_a_message_has_no_envelope() -> None:
    class Forward(BaseMessage):
        action: Literal["forward"] = "forward"
        payload: Strict

    inner, outer = frames(Strict, Forward)
    found = good([inner, outer])

    assert accepts(found, inner, {"action": "strict", "id": 1})
    assert accepts(found, outer, {"action": "forward", "payload": {"action": "strict"}, "id": 1})
    assert not accepts(found, outer, {"action": "forward", "payload": {"action": "strict", "id": 1}})


def test_every_component_is_referred_to_and_no_provisional_reference_is_left() -> None:
    found = good([*both(Add), *both(Choose), *both(Grow), *both(Pages), *both(Strict)])

    refs = {part["$ref"] for part in subschemas(dict(found.components)) if isinstance(part.get("$ref"), str)}
    frame_keys = {described.key for described in found.frames.values()}
    assert {ref.removeprefix("#/components/schemas/") for ref in refs} | frame_keys == set(found.components)


# -- names ---------------------------------------------------------------------------------------------------


def same_named(module: str) -> type[BaseMessage]:
    """A message ``Post`` with a payload ``Data``, as another module would define them."""
    data = type("Data", (BaseModel,), {"__module__": module, "__annotations__": {module: int}})
    namespace = {
        "__module__": module,
        "__qualname__": "Post",
        "__annotations__": {"action": Literal["post"], "payload": data},
        "action": "post",
    }
    return type("Post", (BaseMessage,), namespace)


def test_two_classes_with_one_name_never_meet_and_their_names_stay() -> None:
    one, other = same_named("blog"), same_named("mail")

    alone, first, last = good(frames(one)), good(frames(other, one)), good(frames(one, other))

    assert dict(first.components) == dict(last.components)
    assert {key: first.components[key] for key in alone.components} == dict(alone.components)
    assert set(first.components) - set(alone.components) == {"mail.Post", "mail.Data"}


def test_two_classes_with_one_path_are_reported_and_not_merged() -> None:
    one, other = same_named("blog"), same_named("blog")

    found = describe_schemas(frames(one, other), PLAIN)

    assert {"blog.Post", "blog.Post-2", "blog.Data", "blog.Data-2"} <= set(found.components)
    assert [str(problem) for problem in found.problems] == [
        "asyncapi.E003 [blog.Post] two classes have this dotted path, so the document calls the second one "
        "'blog.Post-2'. Give one of them another name, or define it once, at the level of its module.",
        "asyncapi.E003 [blog.Post > blog.Data] two classes have this dotted path, so the document calls the second one "
        "'blog.Data-2'. Give one of them another name, or define it once, at the level of its module.",
    ]


# -- what fails ----------------------------------------------------------------------------------------------


def test_a_message_that_pydantic_cannot_describe_costs_no_other() -> None:
    found = describe_schemas([*frames(Unwritable), *frames(Add)], PLAIN)

    assert [str(problem.code) for problem in found.problems] == ["asyncapi.E002"]
    assert found.problems[0].where == (f"{HERE}.Unwritable", "payload")
    assert found.components[f"{HERE}.Add"] == good(frames(Add)).components[f"{HERE}.Add"]
    assert found.components[f"{HERE}.Unwritable"] == {
        "title": "Unwritable",
        "description": "Holds a function.",
        "type": "object",
        "properties": {
            "action": {"type": "string", "const": "unwritable"},
            "id": {"$ref": f"#/components/schemas/{FRAME_ID}"},
        },
        "required": ["action"],
    }


def test_a_hook_that_raises_costs_what_uses_it_and_nothing_else() -> None:
    class Shared(BaseModel):
        item: "Broken"
        good: Item

    class Broken(BaseModel):
        shared: "Shared | None" = None

        @classmethod
        def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
            handler(core_schema)
            raise RuntimeError("no schema today")

    Shared.model_rebuild(_types_namespace={"Broken": Broken})
    Broken.model_rebuild(_types_namespace={"Shared": Shared})

    class First(BaseMessage):
        action: Literal["first"] = "first"
        payload: Shared

    class Second(BaseMessage):
        action: Literal["second"] = "second"
        payload: Shared | None

    found = describe_schemas(frames(First, Second, Add), PLAIN)

    assert [(str(problem.code), problem.where[0].rpartition(".")[2]) for problem in found.problems] == [
        ("asyncapi.E002", "First"),
        ("asyncapi.E002", "Second"),
    ]
    assert "no schema today" in found.problems[0].text
    assert not any(key.endswith(("Shared", "Broken")) for key in found.components)
    assert f"{HERE}.Item" in found.components


def test_a_message_with_a_core_schema_of_its_own_is_described() -> None:
    class Made(BaseMessage):
        action: Literal["made"] = "made"
        payload: int

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            schema = handler(source)
            return core_schema.no_info_after_validator_function(lambda value: value, schema)

    found = describe_schemas([*frames(Made), *frames(Strict)], PLAIN)

    assert found.problems == ()
    assert accepts(found, Frame(Made, "received"), {"action": "made", "payload": 1, "id": 2})
    assert not accepts(found, Frame(Made, "received"), {"action": "made", "payload": "a"})


def test_a_constant_that_no_json_text_can_hold_is_a_problem() -> None:
    class Odd(BaseMessage):
        action: Literal["odd"] = "odd"
        payload: float = Field(json_schema_extra={"const": math.inf})

    found = describe_schemas([*frames(Odd), *frames(Strict)], PLAIN)

    assert [str(problem.code) for problem in found.problems] == ["asyncapi.E002"]
    assert "has no form in JSON" in found.problems[0].text


def test_a_message_that_the_wire_format_has_no_room_for_is_a_problem() -> None:
    class Clash(BaseMessage):
        action: Literal["clash"] = "clash"
        kind: str
        payload: None = None

    found = describe_schemas([*frames(Clash), *frames(Strict)], WireFormat(action_key="kind"))

    assert [str(problem.code) for problem in found.problems] == ["asyncapi.E002"]
    assert "whose wire key is 'kind'" in found.problems[0].text
    (schema,) = (schema for key, schema in found.components.items() if key.endswith("Clash"))
    assert schema["properties"] == {"kind": {"type": "string", "const": "clash"}}


def test_a_pattern_that_javascript_refuses_is_reported_where_it_is() -> None:
    class Matched(BaseMessage):
        action: Literal["matched"] = "matched"
        payload: Annotated[str, Field(pattern="(?i)^a$")]

    found = describe_schemas(frames(Matched), PLAIN)

    assert [(str(problem.code), problem.where[0].rpartition(".")[2]) for problem in found.problems] == [
        ("asyncapi.E403", "Matched")
    ]


class Holder(BaseModel):
    held: "Held"
    call: Callable[[], int]


class Held(BaseModel):
    holder: Holder | None = None


def test_what_a_failed_message_has_left_behind_is_not_used() -> None:
    class Fails(BaseMessage):
        action: Literal["fails"] = "fails"
        payload: Holder

    class FailsAsWell(BaseMessage):
        action: Literal["fails_as_well"] = "fails_as_well"
        payload: list[Held]

    found = describe_schemas(frames(Fails, FailsAsWell), PLAIN)

    assert [str(problem.code) for problem in found.problems] == ["asyncapi.E002", "asyncapi.E002"]
    assert not any(key.endswith(("Holder", "Held")) for key in found.components)


def test_a_reference_to_elsewhere_stays() -> None:
    class Linked(BaseMessage):
        action: Literal["linked"] = "linked"
        payload: Any = Field(json_schema_extra={"$ref": "https://example.com/schema.json"})

    found = good(frames(Linked))

    (schema,) = (schema for key, schema in found.components.items() if key.endswith("Linked"))
    assert schema["properties"]["payload"] == {"$ref": "https://example.com/schema.json"}


def test_extra_data_that_json_does_not_have_is_a_problem() -> None:
    class Extra(BaseModel):
        model_config = ConfigDict(json_schema_extra={"x-mine": object()})  # type: ignore[dict-item]  # that is the case

    class Send(BaseMessage):
        action: Literal["send"] = "send"
        payload: Extra

    found = describe_schemas(frames(Send), PLAIN)

    assert [str(problem.code) for problem in found.problems] == ["asyncapi.E002"]


def test_a_default_without_form_in_json_is_a_problem() -> None:
    @dataclass
    class Opaque: ...

    class Send(BaseMessage):
        action: Literal["send"] = "send"
        payload: Any = object()

    found = describe_schemas(frames(Send), PLAIN)

    assert [str(problem.code) for problem in found.problems] == ["asyncapi.W010"]


def test_a_message_whose_serializer_hides_the_action_is_a_problem() -> None:
    class Hidden(BaseMessage):
        action: Literal["hidden"] = "hidden"
        payload: int

        @model_serializer
        def _write(self) -> dict[str, int]:
            return {}

    found = describe_schemas(frames(Hidden, direction="sent"), PLAIN)

    assert [str(problem.code) for problem in found.problems] == ["asyncapi.E002"]
    (schema,) = (schema for key, schema in found.components.items() if key.endswith("Hidden"))
    assert schema["required"] == ["action"]
