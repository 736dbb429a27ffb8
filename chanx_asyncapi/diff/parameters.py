"""What is variable in an address: the parameters of a channel, the variables of a server."""

import re
from collections.abc import Mapping
from typing import Any, Final

from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.comparison import SAME_WIRE_OTHER_NAME, Comparison
from chanx_asyncapi.diff.inventory import Channel
from chanx_asyncapi.diff.judgements import both, unknown
from chanx_asyncapi.diff.schemas import Direction
from chanx_asyncapi.json_values import as_list, as_object, same
from chanx_asyncapi.source import Source
from chanx_asyncapi.validation.tree import Where

_NAME: Final = re.compile(r"\{([^{}]*)\}")
_DEFAULT: Final = both(unknown("where {clients} leave it out, another value is assumed than {server} means."))
#: Whatever a part of an address is, it is a text.
_ANY_TEXT: Final[Mapping[str, Any]] = {"type": "string"}
_SCALARS: Final = ("integer", "number", "boolean", "string")


def parameters(comparison: Comparison, where: Where, old: Channel, new: Channel) -> None:
    """Compare the parameters of two channels: by their position in the address, where they have no name."""
    before, after = as_object(old.value.get("parameters")), as_object(new.value.get("parameters"))
    strange = _no_objects(comparison.old, before), _no_objects(comparison.new, after)
    comparison.fields((*where, "parameters"), *strange, compared=())
    for old_name, new_name in _pairs(old, new, before, after):
        place = (*where, "parameters", new_name)
        if old_name != new_name:
            what = Phrase.of("The parameter {} is called {} now.", old_name, new_name)
            comparison.add(Rule.RENAMED, place, SAME_WIRE_OTHER_NAME, what)
        variable(
            comparison,
            place,
            comparison.old.object(before.get(old_name)),
            comparison.new.object(after.get(new_name)),
        )


def variable(comparison: Comparison, where: Where, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Compare two parameters, or two variables. Clients write their values."""
    comparison.fields(where, old, new, compared=("enum", "default", "x-schema"))
    if not same(old.get("default"), new.get("default")):
        what = changed("default", old, new)
        comparison.add(Rule.DEFAULT_CHANGED, (*where, "default"), _DEFAULT, what)
    comparison.schema(Direction.RECEIVED, where, _values(old), _values(new))
    before, after = old.get("x-schema", _ANY_TEXT), new.get("x-schema", _ANY_TEXT)
    # The text of a number is a text: an address that takes any text takes it as before.
    if _is_any_text(after) and _is_scalar(before):
        before = _as_text(before)
    elif _is_any_text(before) and _is_scalar(after):
        after = _as_text(after)
    comparison.schema(Direction.RECEIVED, where, before, after)


def _pairs(old: Channel, new: Channel, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str]]:
    in_old, in_new = _NAME.findall(old.address or ""), _NAME.findall(new.address or "")
    if old.shape != new.shape:
        in_old = in_new = []  # the position in another address says nothing
    placed = [*zip(in_old, in_new, strict=True)]
    rest = dict.fromkeys((*before, *after))
    return [*dict.fromkeys(placed), *((name, name) for name in rest if name not in (*in_old, *in_new))]


def _no_objects(source: Source, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if not isinstance(source.follow(value).value, dict)}


def _values(value: Mapping[str, Any]) -> Any:
    return {**_ANY_TEXT, "enum": value["enum"]} if as_list(value.get("enum")) else _ANY_TEXT


def _is_scalar(schema: Any) -> bool:
    return as_object(schema).get("type") in _SCALARS


def _is_any_text(schema: Any) -> bool:
    """Whether every text will do that can be a part of an address; none of them is empty."""
    keywords = {keyword for keyword in as_object(schema) if keyword not in ("title", "description", "examples")}
    least = as_object(schema).get("minLength", 0)
    return as_object(schema).get("type") == "string" and keywords <= {"type", "minLength"} and least in (0, 1)


def _as_text(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A scalar as the text that stands in an address: one that is not any text."""
    name = schema["type"]
    return dict(schema) if name == "string" else {"type": "string", "minLength": 1, "pattern": f"^({name})$"}
