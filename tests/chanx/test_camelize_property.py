"""CAMELIZE loses nothing: whatever fields a message declares and whatever data it holds, it comes back as it was.

Models and data are made by hypothesis, from a seed that never changes.
"""

import json
from collections.abc import Mapping
from keyword import iskeyword
from typing import Any, Literal, cast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model
from pydantic.alias_generators import to_camel

from chanx.codec import Codec, Invoke
from chanx.messages.base import BaseMessage
from chanx.wire_format import WireFormat

PLAIN, CAMEL, RENAMED = WireFormat(), WireFormat(camelize=True), WireFormat("message_type", camelize=True)


def is_taken(name: str) -> bool:
    """Whether no field may have this name."""
    return hasattr(BaseModel, name) or iskeyword(name)


#: Names of fields as people write them, and as nobody should: ``a__b``, ``address_1``, ``x_``, ``getURL_2x``.
NAMES = st.from_regex(r"[a-zA-Z][a-z0-9]{0,3}(?:_{1,3}[a-zA-Z0-9]{1,3}){0,3}_{0,2}", fullmatch=True).filter(
    lambda name: not (name.startswith("model_") or is_taken(name) or is_taken(to_camel(name)))
)

#: What JSON can hold; the keys are data, and many look like fields.
DATA: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(NAMES | st.text(st.characters(codec="utf-8"), max_size=6), inside, max_size=4)
    ),
    max_leaves=8,
)


@st.composite
def models(draw: st.DrawFn, depth: int = 2) -> tuple[type[BaseModel], Mapping[str, Any]]:
    """A model, and Python data that is valid for it."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {}
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    # Some that would have the same camelCase form.
    rivals = [to_camel(name) for name in names if draw(st.booleans())]
    for name in dict.fromkeys([*names, *filter(str.isidentifier, rivals)]):
        if depth and draw(st.booleans()):
            model, inside = draw(models(depth - 1))
            annotation, value = draw(
                st.sampled_from(
                    cast(
                        "list[tuple[Any, Any]]",
                        [
                            # Types for pydantic, which a type checker cannot know.
                            (model, inside),
                            (list[model], [inside, inside]),  # type: ignore[valid-type]
                            (dict[str, model], {"of_data": inside, name: inside}),  # type: ignore[valid-type]
                        ],
                    )
                )
            )
        else:
            annotation, value = Any, draw(DATA)
        alias = draw(st.none() | st.sampled_from(["an_alias", "anAlias", "x-" + name]))
        is_aliased = alias is not None and not any(info.alias == alias for _, info in fields.values())
        fields[name] = (annotation, Field(alias=alias) if is_aliased else Field())
        data[alias if alias is not None and is_aliased else name] = value
    return create_model("Made", **fields), data


def message_of(model: type[BaseModel]) -> type[BaseMessage]:
    action: Any = Literal["made"]
    return create_model("MadeMessage", __base__=BaseMessage, action=(action, "made"), payload=(model, ...))


@settings(max_examples=50, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models())
def test_what_is_sent_camelized_comes_back_as_it_was(made: tuple[type[BaseModel], Mapping[str, Any]]) -> None:
    model, data = made
    message_class = message_of(model)
    message = message_class(action="made", payload=model.model_validate(data))
    plain = Codec({"made": message_class}, PLAIN).encode(message)
    for wire in (CAMEL, RENAMED):
        codec = Codec({"made": message_class}, wire)
        text = codec.encode(message)
        decision = codec.decode(text)
        assert isinstance(decision, Invoke), (text, decision)
        assert decision.message == message
        # Seen in the default format too, so that two fields cannot have changed places.
        assert Codec({"made": message_class}, PLAIN).encode(decision.message) == plain
        assert len(json.loads(text)["payload"]) == len(model.model_fields)


@settings(max_examples=60, derandomize=True, database=None, deadline=None)
@given(st.dictionaries(NAMES, DATA, max_size=5))
def test_keys_of_data_are_never_touched(data: dict[str, Any]) -> None:
    message_class = message_of(create_model("Holder", some_data=(dict[str, Any], ...)))
    codec = Codec({"made": message_class}, CAMEL)
    text = json.dumps({"action": "made", "payload": {"someData": data}})
    decision = codec.decode(text)
    assert isinstance(decision, Invoke)
    assert decision.message.payload.some_data == data
    assert json.loads(codec.encode(decision.message)) == json.loads(text)
