"""Text frame -> decision, as chanx decides it: a message, or the errors that refuse it. No I/O.

The codes are those of docs/protocol.md. Where the runtime passes on pydantic's, the keywords of JSON Schema are
translated into them: the document does not say more.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chanx_asyncapi.json_values import as_list, as_object
from chanx_asyncapi.mock.service import Exchange, Line, Service

#: Levels of arrays and objects, and errors that are listed, as ``MAX_DEPTH`` and ``MAX_REPORTED_ERRORS`` of chanx.
MAX_DEPTH: Final = 64
MAX_REPORTED_ERRORS: Final = 20
_MAX_ECHO: Final = 64
_MAX_INTEGER: Final = 2**63 - 1

_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)

Loc = list[str | int]


@dataclass(frozen=True, slots=True)
class Received:
    """A frame that fits the document."""

    exchange: Exchange
    frame: Mapping[str, Any]
    #: What its replies carry; None when it has none.
    id: str | int | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A frame that does not, and what the client is told."""

    errors: Sequence[Mapping[str, Any]]
    id: str | int | None = None


class _Refusal(Exception):  # noqa: N818 - the frame is wrong, nothing has failed
    def __init__(self, kind: str, text: str, loc: Loc | None = None) -> None:
        super().__init__(text)
        self.error = _error(kind, loc or [], text)


def read_frame(data: str | bytes, line: Line, service: Service) -> Received | Refused:
    """The decision about one frame of a client; never raises for what it holds."""
    frame_id: str | int | None = None
    try:
        frame = _parsed(data)
        action = frame.get(service.envelope.action)
        exchange = line.received.get(action) if isinstance(action, str) else None
        if exchange is None or exchange.kind.is_correlated:
            frame_id = _frame_id(frame, service)
        _refuse_numbers(frame)
        _refuse_repeated(frame, service)
        if exchange is None:
            raise _unknown(frame, service)
    except _Refusal as refusal:
        return Refused([refusal.error], frame_id)
    found = service.errors(exchange.kind.schema, frame)
    errors = _one_for_each_place(one for wrong in found for one in _explained(wrong, [exchange.kind.action], service))
    return Refused(errors[:MAX_REPORTED_ERRORS], frame_id) if errors else Received(exchange, frame, frame_id)


def _parsed(data: str | bytes) -> "_Object":
    if isinstance(data, bytes):
        raise _Refusal("binary_frame", "A frame must be text")
    if _depth(data) > MAX_DEPTH:
        raise _Refusal("too_deep", f"A frame may have {MAX_DEPTH} levels of arrays and objects")
    try:
        value = json.loads(data, object_pairs_hook=_Object, parse_constant=float)
        data.encode()
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise _Refusal("invalid_json", f"Invalid JSON: {error}") from None
    if not isinstance(value, _Object):
        _refuse_numbers(value)
        raise _Refusal("invalid_envelope", "A frame must be a JSON object")
    return value


class _Object(dict[str, Any]):
    """An object of JSON that remembers which of its keys were there twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        keys = [key for key, _ in pairs]
        self.repeated = {key for key in keys if keys.count(key) > 1} if len(self) < len(keys) else set[str]()


def _refuse_numbers(value: Any) -> None:
    if not all(map(math.isfinite, _numbers(value))):
        raise _Refusal("invalid_number", "Numbers must be finite, and fit into a double")


def _depth(text: str) -> int:
    depth = deepest = 0
    for character in _STRING.sub("", text):
        if character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _numbers(value: Any) -> Iterator[float]:
    match value:
        case dict():
            for item in value.values():
                yield from _numbers(item)
        case list():
            for item in value:
                yield from _numbers(item)
        case int() | float():
            try:
                yield float(value)
            except OverflowError:
                yield math.inf
        case _:
            return


def _frame_id(frame: "_Object", service: Service) -> str | int | None:
    key = service.envelope.id
    if key not in frame or key in frame.repeated:
        return None
    match frame[key]:
        case bool():
            pass
        case str() as text if len(text) <= service.envelope.id_max_length:
            return text
        case int() as number if abs(number) <= _MAX_INTEGER:
            return number
        case _:
            pass
    longest = service.envelope.id_max_length
    raise _Refusal("invalid_id", f"An id is a text of at most {longest} characters or a 64-bit integer", [key])


def _refuse_repeated(frame: "_Object", service: Service) -> None:
    envelope = service.envelope
    for key in (envelope.action, envelope.payload, envelope.id):
        if key in frame.repeated:
            raise _Refusal("duplicate_key", f"The key '{key}' is there twice")


def _unknown(frame: Mapping[str, Any], service: Service) -> _Refusal:
    key = service.envelope.action
    if key not in frame:
        return _Refusal("union_tag_not_found", f"The key '{key}' is missing")
    return _Refusal("union_tag_invalid", f"Unknown {key} '{str(frame[key])[:_MAX_ECHO]}'")


def _one_for_each_place(errors: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """As pydantic does: a value of the wrong type is not looked at any further, nor one that is wrong in any way."""
    found: dict[str, Mapping[str, Any]] = {}
    for error in errors:
        place = json.dumps(error["loc"])
        if place not in found or error["type"] in _TYPE_CODES:
            found[place] = error
    return [*found.values()]


def _explained(error: Any, loc: Loc, service: Service) -> Iterator[Mapping[str, Any]]:
    """One error of jsonschema in the words of pydantic; ``loc`` is where the value stands that it began with."""
    loc = [*loc, *(part[:_MAX_ECHO] if isinstance(part, str) else part for part in error.relative_path)]
    value, instance = error.validator_value, error.instance
    match error.validator:
        case "required":
            for name in value:
                if name not in instance:
                    yield _error("missing", [*loc, name], "Field required")
        case "additionalProperties":
            declared = as_object(error.schema.get("properties"))
            for name in instance:
                if name not in declared:
                    yield _error("extra_forbidden", [*loc, name[:_MAX_ECHO]], "Extra inputs are not permitted")
        case "anyOf" | "oneOf":
            yield from _of_choice(error, loc, service)
        case "type":
            kind = _type_code(value, error.schema, instance)
            yield _error(kind, loc, f"Input should be {' or '.join(value) if isinstance(value, list) else value}")
        case "format":
            yield _error(_FORMATS.get(value, "value_error"), loc, f"Input should have the format {value}")
        case _:
            yield _error(_KEYWORDS.get(error.validator, "value_error"), loc, _sentence(error))


def _of_choice(error: Any, loc: Loc, service: Service) -> Iterator[Mapping[str, Any]]:
    by_option: dict[int, list[Any]] = {}
    for inner in error.context or ():
        by_option.setdefault(inner.relative_schema_path[0], []).append(inner)
    tag_key = error.schema.get("discriminator")
    if isinstance(tag_key, str) and isinstance(error.instance, dict):
        tag = error.instance.get(tag_key)
        if tag_key not in error.instance:
            yield _error("union_tag_not_found", loc, f"The key '{tag_key}' is missing")
            return
        for errors in by_option.values():
            if not any(tag_key in inner.relative_path for inner in errors):
                for inner in errors:
                    yield from _explained(inner, [*loc, str(tag)], service)
                return
        yield _error("union_tag_invalid", loc, f"Unknown {tag_key}")
        return
    options = [as_object(service.follow(option)) for option in as_list(error.validator_value)]
    candidates = [errors for number, errors in by_option.items() if options[number].get("type") != "null"]
    if not candidates:
        yield _error("value_error", loc, "Input fits more than one, or none, of the alternatives")
        return
    # Whoever came farthest is what was meant.
    for inner in max(candidates, key=lambda errors: (max(len(one.relative_path) for one in errors), -len(errors))):
        yield from _explained(inner, loc, service)


def _type_code(wanted: Any, schema: Mapping[str, Any], instance: Any) -> str:
    names = [name for name in (wanted if isinstance(wanted, list) else [wanted]) if name != "null"]
    name = names[0] if names else "null"
    if name == "integer" and isinstance(instance, float):
        return "int_from_float"
    if name == "object" and "properties" not in schema:
        return "dict_type"
    return _TYPES.get(name, "value_error")


def _sentence(error: Any) -> str:
    """What a value should be, without the value: an error never repeats what a client sent."""
    if error.validator in _SENTENCES:
        return _SENTENCES[error.validator].format(json.dumps(error.validator_value, ensure_ascii=False))
    return f"Input should fit {error.validator}"


def _error(kind: str, loc: Loc, text: str) -> Mapping[str, Any]:
    return {"type": kind, "loc": loc, "msg": text}


# https://docs.pydantic.dev/latest/errors/validation_errors/
_TYPES: Final = {
    "string": "string_type",
    "integer": "int_type",
    "number": "float_type",
    "boolean": "bool_type",
    "object": "model_type",
    "array": "list_type",
    "null": "none_required",
}
_TYPE_CODES: Final = frozenset({*_TYPES.values(), "int_from_float", "dict_type"})
_KEYWORDS: Final = {
    "const": "literal_error",
    "enum": "literal_error",
    "minLength": "string_too_short",
    "maxLength": "string_too_long",
    "pattern": "string_pattern_mismatch",
    "minimum": "greater_than_equal",
    "exclusiveMinimum": "greater_than",
    "maximum": "less_than_equal",
    "exclusiveMaximum": "less_than",
    "multipleOf": "multiple_of",
    "minItems": "too_short",
    "maxItems": "too_long",
    "minProperties": "too_short",
    "maxProperties": "too_long",
}
_SENTENCES: Final = {
    "const": "Input should be {}",
    "enum": "Input should be one of {}",
    "minLength": "Input should have at least {} characters",
    "maxLength": "Input should have at most {} characters",
    "pattern": "Input should match the pattern {}",
    "minimum": "Input should be at least {}",
    "exclusiveMinimum": "Input should be more than {}",
    "maximum": "Input should be at most {}",
    "exclusiveMaximum": "Input should be less than {}",
    "multipleOf": "Input should be a multiple of {}",
    "minItems": "Input should have at least {} items",
    "maxItems": "Input should have at most {} items",
}
_FORMATS: Final = {
    "date-time": "datetime_from_date_parsing",
    "date": "date_from_datetime_parsing",
    "time": "time_parsing",
    "uuid": "uuid_parsing",
    "uri": "url_parsing",
    "ipv4": "ip_v4_address",
    "ipv6": "ip_v6_address",
}
