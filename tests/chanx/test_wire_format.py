"""What messages look like on the wire; that frames look so is tested with the codec."""

import json
from typing import Any, Literal, cast

import pytest
from pydantic import BaseModel, create_model
from pydantic_core import SchemaValidator
from pytest_django import Settings

from chanx.codec import Codec, Invoke
from chanx.messages.base import BaseMessage
from chanx.wire_format import WireFormat, wire_keys, wire_schema


class Leaf(BaseModel):
    leaf_name: str


class Tree(BaseMessage):
    action: Literal["tree", "forest"] = "tree"
    payload: list[Leaf]


class OwnId(BaseMessage):
    action: Literal["own_id"] = "own_id"
    id: int
    payload: None = None


def test_the_settings_shape_the_format(settings: Settings) -> None:
    assert WireFormat.from_settings() == WireFormat("action", camelize=False)
    settings.CHANX = {"MESSAGE_ACTION_KEY": "type", "CAMELIZE": True}
    assert WireFormat.from_settings() == WireFormat("type", camelize=True)
    assert (WireFormat().key("is_mine"), WireFormat(camelize=True).key("is_mine")) == ("is_mine", "isMine")


@pytest.mark.parametrize(
    ("wire", "keys"),
    [(WireFormat(), {"action", "id", "payload"}), (WireFormat("type", camelize=True), {"type", "id", "payload"})],
)
def test_the_top_level_keys_of_a_message(wire: WireFormat, keys: set[str]) -> None:
    assert wire_keys(OwnId, wire) == keys


def test_a_wire_schema_validates_what_the_codec_sends() -> None:
    """The document is made from this schema; the runtime from one that is rewritten in the same way."""
    wire = WireFormat("type", camelize=True)
    message = Tree(payload=[Leaf(leaf_name="oak")])
    # Not built again: the arguments say that models which pydantic has built already are not to be taken as they are.
    validator = SchemaValidator(*cast("Any", (wire_schema(Tree, wire), None, False)))
    assert validator.validate_json(Codec({}, wire).encode(message)) == message
    assert validator.validate_json('{"type":"forest","payload":[{"leafName":"n"}]}').payload[0].leaf_name == "n"


@pytest.mark.parametrize("name", ["members", "default", "expected", "metadata", "type", "ref", "fields", "choices"])
def test_camelize_reaches_what_is_in_a_field_of_any_name(name: str) -> None:
    """pydantic has keys of its own with these names, in the same dictionaries."""

    class Inner(BaseModel):
        shown_as: str

    inner: Any = create_model("Odd", **{name: (list[Inner], ...)})  # type: ignore[call-overload]  # any name

    class Odd(BaseMessage):
        action: Literal["odd"] = "odd"
        payload: inner  # pyright: ignore[reportInvalidTypeForm]  # a class that is made at run time

    wire = WireFormat(camelize=True)
    text = json.dumps({"action": "odd", "payload": {name: [{"shownAs": "x"}]}})
    decided = Codec.of({"odd": Odd}, wire).decode(text)
    assert isinstance(decided, Invoke)
    assert json.loads(Codec.of({"odd": Odd}, wire).encode(decided.message)) == json.loads(text)
