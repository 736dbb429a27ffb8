"""Text frames to messages and back. No I/O: the result is a value that the consumer acts on.

The shape of a frame depends on two settings, gathered in :class:`WireFormat`. A format other than the default is
made by rewriting the keys in pydantic's own core schema, so that one pydantic-core call still leads from the text
to the message, and the JSON Schema that the document shows comes from the very schema that the runtime uses.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, Final, NamedTuple, cast

from django.conf import settings as django_settings
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, SchemaSerializer, SchemaValidator, core_schema, from_json, to_json

from chanx.exceptions import MessageDefinitionError
from chanx.fail_fast import COMPLETE_UP_TO, NOT_SCHEMAS, collector_paused, failing_fast
from chanx.finite_numbers import finite
from chanx.frame_ids import MAX_ID_LENGTH, FrameId, ignores_id, is_frame_id, outer_id
from chanx.frame_limits import has_number_beyond_double
from chanx.key_case import camel_keys
from chanx.messages.base import BaseMessage
from chanx.messages.outgoing import FrameError
from chanx.messages.serialized import METADATA_KEY, SerializerType
from chanx.repeated_keys import repeated_key
from chanx.settings import chanx_settings

#: How much of an unknown action, or of a key, is echoed, in characters.
MAX_ECHO_LENGTH: Final = 64
#: More errors than these are counted, not listed: making the list of a hundred thousand takes half a second.
MAX_LISTED_ERRORS: Final = 10_000

_NO_ID: Final = object()

#: Letters that are written as escapes, in keys of the envelope perhaps.
_ESCAPED: Final = re.compile(r"\\u")
_ESCAPED_ASCII: Final = re.compile(r"\\u00[0-7]")


@dataclass(frozen=True, slots=True)
class WireFormat:
    """How messages look on the wire: the key that names them, and the case of the keys."""

    action_key: str = "action"
    camelize: bool = False

    @classmethod
    def from_settings(cls) -> "WireFormat":
        """The format of ``settings.CHANX`` at this moment."""
        return cls(chanx_settings.MESSAGE_ACTION_KEY, chanx_settings.CAMELIZE)

    def key(self, name: str) -> str:
        """The wire form of a key of the envelope or of chanx's own metadata."""
        return to_camel(name) if self.camelize else name


#: The format of messages inside the channel layer, whatever clients see.
DEFAULT_FORMAT: Final = WireFormat()


class Invoke(NamedTuple):
    """The frame is a valid message; its handler may run."""

    message: BaseMessage
    reply_to: FrameId | None = None


class Reject(NamedTuple):
    """The frame is refused, with the errors that the client is told."""

    errors: list[FrameError]
    reply_to: FrameId | None = None


Decision = Invoke | Reject


class Codec:
    """Decodes the frames of one set of messages, and encodes any message, in one wire format.

    ``strict_json`` refuses a key that is there twice in any object, not only in the envelope.
    """

    def __init__(
        self, messages: Mapping[str, type[BaseMessage]], wire: WireFormat, *, strict_json: bool = False
    ) -> None:
        self.wire = wire
        self._is_default = wire == DEFAULT_FORMAT
        self._messages = messages
        self._reply_to_key = wire.key("reply_to")
        self._strict_json = strict_json
        self._envelope = (wire.action_key, wire.key("payload"), "id")
        self._action, self._payload, self._id = (json.dumps(key, ensure_ascii=False) for key in self._envelope)
        self._escaped_key = _ESCAPED_ASCII if wire.action_key.isascii() else _ESCAPED

    @classmethod
    def of(cls, messages: Mapping[str, type[BaseMessage]], wire: WireFormat, *, strict_json: bool = False) -> "Codec":
        """The one codec of these messages and this format: validators are built once per class, on first use."""
        return _codec(tuple(messages.items()), wire, strict_json)

    @cached_property
    def _validate_json(self) -> Callable[[str | bytes], BaseMessage]:
        validator = union_validator(self._messages, self.wire.action_key, self.wire)
        return cast("Callable[[str | bytes], BaseMessage]", validator.validate_json)

    @cached_property
    def _validate_long_json(self) -> Callable[[str | bytes], BaseMessage]:
        validator = union_validator(self._messages, self.wire.action_key, self.wire, fails_fast=True)
        return cast("Callable[[str | bytes], BaseMessage]", validator.validate_json)

    @cached_property
    def _ignores_id(self) -> bool:
        """Whether an ``id`` in the envelope is nothing to any of the messages, so that it may stay in the text."""
        return all(ignores_id(message, wire_keys(message, self.wire)) for message in self._messages.values())

    def decode(self, text: str) -> Decision:
        """The decision about a text frame; never raises for what the text holds."""
        if len(text) <= COMPLETE_UP_TO:
            return self._decode(text)
        with collector_paused():
            return self._decode(text)

    def _decode(self, text: str) -> Decision:
        is_spelled = "\\" in text and self._escaped_key.search(text) is not None
        # Where the text cannot hold an `id`, it goes to pydantic-core at once, without being parsed twice.
        # From the end, because that is how CPython finds a few characters in less time.
        position = text.rfind(self._id)
        frame_id: FrameId | None = None
        if is_spelled or position >= 0:
            # Models that ignore other keys ignore it, so that a text which tells it needs no parser either.
            if not is_spelled and self._ignores_id and text.find(self._id) == position:
                frame_id = outer_id(text, position)
            if frame_id is None:
                return self._decode_with_id(text, is_spelled)
        # All of it searches in C, and hardly ever finds something.
        is_doubtful = (
            self._strict_json
            or text.find(self._action) != text.rfind(self._action)
            or text.find(self._payload) != text.rfind(self._payload)
            or has_number_beyond_double(text)
        )
        if is_doubtful and (refusal := self._refusal(text)) is not None:
            return refusal
        try:
            validate = self._validate_json if len(text) <= COMPLETE_UP_TO else self._validate_long_json
            return Invoke(validate(text), frame_id)
        except ValidationError as error:
            if frame_id is None:
                return Reject(self._explain(error))
        # What is no JSON has no id after all.
        return self._decode_with_id(text, is_spelled)

    def _decode_with_id(self, text: str, is_spelled: bool) -> Decision:
        """The decision about a text frame that may have an ``id``; ``is_spelled`` where its keys hold escapes."""
        content = self._parsed(text)
        ids = text.count(self._id)
        frame_id: object = _NO_ID
        if content is None or "id" not in content or self._message_keeps_id(content):
            message = text
            is_doubtful = (
                text.count(self._action) > 1
                or text.count(self._payload) > 1
                or (ids > 1 and content is not None and "id" in content)
            )
        else:
            frame_id = content.pop("id")
            # Encoded again rather than validated as Python: strict models and bytes mean JSON's rules.
            message = to_json(content).decode()
            # Of a key that was there twice, one is left.
            is_doubtful = (
                message.count(self._id) + 1 < ids
                or message.count(self._action) < text.count(self._action)
                or message.count(self._payload) < text.count(self._payload)
            )
        if is_doubtful or is_spelled or self._strict_json or has_number_beyond_double(text):
            refusal = self._refusal(text)
            if refusal is not None:
                return refusal
        if frame_id is _NO_ID:
            return self._validate(message, None)
        if not is_frame_id(frame_id):
            return Reject(
                [
                    FrameError(
                        type="invalid_id",
                        loc=["id"],
                        msg=f"An id is a text of at most {MAX_ID_LENGTH} characters or a 64-bit integer",
                    )
                ]
            )
        return self._validate(message, cast("FrameId", frame_id))

    def refusal(self, text: str) -> Reject | None:
        """What is wrong with a text frame before any message is looked at; None when nothing is."""
        try:
            content = from_json(text)
        except (ValueError, TypeError) as error:  # TypeError: a lone surrogate
            invalid = FrameError(type="invalid_json", loc=[], msg=f"Invalid JSON: {error}")
            return self._refusal(text) or Reject([invalid])
        if not isinstance(content, dict):
            return self._refusal(text) or Reject([FrameError(type="invalid_envelope", loc=[], msg=NO_OBJECT)])
        return self._refusal(text)

    def repetition(self, text: str) -> Reject | None:
        """A key that is there twice; None when there is none, or the text is no JSON."""
        key = repeated_key(text, None if self._strict_json else self._envelope)
        if key is None:
            return None
        error = FrameError(type="duplicate_key", loc=[], msg=f"The key '{key[:MAX_ECHO_LENGTH]}' is there twice")
        return Reject([error], None if key == "id" else self._frame_id(text))

    def encode(self, message: BaseMessage, reply_to: FrameId | None = None) -> str:
        """The text frame of a message, answering the frame whose ``id`` was ``reply_to``."""
        serializer = message.__pydantic_serializer__ if self._is_default else self.serializer(type(message))
        text = serializer.to_json(message, by_alias=True).decode()
        if reply_to is None or self._reply_to_key in wire_keys(type(message), self.wire):
            return text
        # A frame is always an object that holds its action: there is something before the closing brace.
        return f'{text[:-1]},"{self._reply_to_key}":{to_json(reply_to).decode()}}}'

    def encode_python(self, message: BaseMessage) -> dict[str, Any]:
        """The message as a JSON-ready dictionary with wire keys."""
        return cast("dict[str, Any]", self.serializer(type(message)).to_python(message, mode="json", by_alias=True))

    def serializer(self, message_class: type[BaseModel]) -> SchemaSerializer:
        """pydantic-core's serializer of a class in this format."""
        if self._is_default:
            return message_class.__pydantic_serializer__
        return _rewritten_serializer(message_class, self.wire)

    def validator(self, message_class: type[BaseModel]) -> SchemaValidator:
        """pydantic-core's validator of a class in this format; the action has no say in it."""
        if self._is_default:
            return cast("SchemaValidator", message_class.__pydantic_validator__)
        return _rewritten_validator(message_class, self.wire)

    def _parsed(self, text: str) -> dict[str, Any] | None:
        """The object that a text is; None when it is something else, which validation knows how to say."""
        try:
            content = from_json(text)
        except (ValueError, TypeError):  # TypeError: a lone surrogate
            return None
        return content if isinstance(content, dict) else None

    def _refusal(self, text: str) -> Reject | None:
        """What pydantic-core would let pass."""
        if has_number_beyond_double(text):
            error = FrameError(type="invalid_number", loc=[], msg="Numbers must be finite, and fit into a double")
            return Reject([error], self._frame_id(text))
        return self.repetition(text)

    def _frame_id(self, text: str) -> FrameId | None:
        """The id under which a frame is answered that is refused without being validated."""
        content = self._parsed(text)
        if content is None or self._message_keeps_id(content):
            return None
        frame_id: object = content.get("id")
        return cast("FrameId", frame_id) if is_frame_id(frame_id) else None

    def _message_keeps_id(self, content: Mapping[str, Any]) -> bool:
        action = content.get(self.wire.action_key)
        message_class = self._messages.get(action) if isinstance(action, str) else None
        return message_class is not None and "id" in wire_keys(message_class, self.wire)

    def _validate(self, text: str | bytes, reply_to: FrameId | None) -> Decision:
        try:
            validate = self._validate_json if len(text) <= COMPLETE_UP_TO else self._validate_long_json
            return Invoke(validate(text), reply_to)
        except ValidationError as error:
            return Reject(self._explain(error), reply_to)

    def _explain(self, error: ValidationError) -> list[FrameError]:
        """What the client is told: stable codes, no value that it sent, at most as many as the setting says."""
        if error.error_count() > MAX_LISTED_ERRORS:
            return [FrameError(type="too_many_errors", loc=[], msg=f"{error.error_count()} errors, too many to list")]
        details = error.errors(include_url=False, include_input=False)
        return [
            self._explain_one(detail["type"], list(detail["loc"]), detail["msg"], detail.get("ctx", {}))
            for detail in details[: chanx_settings.MAX_REPORTED_ERRORS]
        ]

    def _explain_one(self, kind: str, loc: list[str | int], text: str, context: Mapping[str, Any]) -> FrameError:
        at_envelope = not loc
        # Keys are the client's as well: a long one would be repeated with each error below it.
        loc = [part[:MAX_ECHO_LENGTH] if isinstance(part, str) else part for part in loc]
        if kind in _NO_JSON and at_envelope:
            return FrameError(type="invalid_json", loc=loc, msg=text)
        if kind in _NOT_AN_OBJECT and at_envelope:
            return FrameError(type="invalid_envelope", loc=loc, msg=NO_OBJECT)
        if kind == "union_tag_not_found" and at_envelope:
            return FrameError(type=kind, loc=loc, msg=f"The key '{self.wire.action_key}' is missing")
        if kind == "union_tag_invalid":
            # pydantic's own text lists every expected tag, and repeats the given one at any length.
            text = f"Unknown {context.get('discriminator', 'tag')}"
            if at_envelope:
                text = f"Unknown {self.wire.action_key} '{str(context.get('tag'))[:MAX_ECHO_LENGTH]}'"
                if django_settings.DEBUG:
                    text += f", known are {', '.join(sorted(self._messages))}"
        return FrameError(type=kind, loc=loc, msg=text)


@cache
def _codec(messages: tuple[tuple[str, type[BaseMessage]], ...], wire: WireFormat, strict_json: bool) -> Codec:
    return Codec(dict(messages), wire, strict_json=strict_json)


#: How pydantic-core says that a text is no JSON; the second means a lone surrogate, which no server lets through.
_NO_JSON: Final = frozenset({"json_invalid", "string_unicode"})
#: The words of ``invalid_envelope``.
NO_OBJECT: Final = "A frame must be a JSON object"
#: How pydantic-core says that a tagged union was given something other than an object.
_NOT_AN_OBJECT: Final = frozenset({"model_attributes_type", "model_type", "dict_type"})


def wire_schema(model: Any, wire: WireFormat) -> CoreSchema:
    """pydantic's core schema of a model as it looks on the wire: what validates, serializes and describes it.

    ``model`` may be any annotation that pydantic knows.
    """
    # What an adapter of a finished model would hold too, without making one.
    is_finished = isinstance(model, type) and getattr(model, "__pydantic_complete__", False)
    schema = cast("Any", model).__pydantic_core_schema__ if is_finished else TypeAdapter[Any](model).core_schema
    return schema if wire == DEFAULT_FORMAT else _rewrite(schema, wire)


@cache
def wire_keys(message_class: type[BaseModel], wire: WireFormat) -> frozenset[str]:
    """The top-level keys that a message declares, as they look on the wire."""
    keys = {field.alias or name: name for name, field in message_class.model_fields.items()}
    if wire == DEFAULT_FORMAT:
        return frozenset(keys)
    names = _wire_names(
        {name: None if key == name else key for key, name in keys.items()},
        wire,
        message_class,
    )
    return frozenset(names.values())


def union_validator(
    models: Mapping[str, type[BaseModel]],
    discriminator: str,
    wire: WireFormat = DEFAULT_FORMAT,
    *,
    fails_fast: bool = False,
) -> SchemaValidator:
    """pydantic-core's validator of one of ``models``, told apart by the value of the key ``discriminator``.

    One that ``fails_fast`` tells the first error of each collection alone.
    """
    classes = list(dict.fromkeys(models.values()))
    # One adapter for all, so that definitions they share are gathered once; a tuple keeps them apart by position.
    built: Any = cast("Any", TypeAdapter)(cast("Any", tuple)[tuple(classes)]).core_schema
    schema: Any = finite(built)
    if wire != DEFAULT_FORMAT:
        schema = _rewrite(schema, wire)
    if fails_fast:
        schema = failing_fast(schema)
    is_rewritten = schema is not built
    definitions: list[CoreSchema] = []
    if schema["type"] == "definitions":
        definitions, schema = schema["definitions"], schema["schema"]
    by_class = dict(zip(classes, schema["items_schema"], strict=True))
    union: CoreSchema = core_schema.tagged_union_schema(
        choices={value: by_class[model] for value, model in models.items()},
        discriminator=discriminator,
    )
    if definitions:
        union = core_schema.definitions_schema(union, definitions)
    return SchemaValidator(*_build_arguments(union, is_rewritten=is_rewritten))


@cache
def _rewritten_serializer(model: type[BaseModel], wire: WireFormat) -> SchemaSerializer:
    return SchemaSerializer(*_build_arguments(wire_schema(model, wire), is_rewritten=True))


@cache
def _rewritten_validator(model: type[BaseModel], wire: WireFormat) -> SchemaValidator:
    return SchemaValidator(*_build_arguments(wire_schema(model, wire), is_rewritten=True))


def _build_arguments(schema: CoreSchema, *, is_rewritten: bool) -> tuple[Any, ...]:
    # A model that pydantic has already built would be taken as it is, without our keys. The third parameter is
    # how pydantic itself forces a rebuild; tests/chanx/test_codec.py fails should it ever change.
    return (schema, None, False) if is_rewritten else (schema,)


def _rewrite(schema: Any, wire: WireFormat, owner: type[Any] | None = None) -> Any:
    """A copy of a core schema in which each declared field has its wire key; ``owner`` is the model around it."""
    if isinstance(schema, list | tuple):
        return type(schema)(_rewrite(item, wire, owner) for item in schema)
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "model":
        owner = schema["cls"]
    copy = {key: value if key in NOT_SCHEMAS else _rewrite(value, wire, owner) for key, value in schema.items()}
    match copy.get("type"):
        case "model-fields":
            _rename(copy["fields"], wire, owner)
        case "typed-dict":
            _rename(copy["fields"], wire, None)
        case "dataclass-args":
            _rename({field["name"]: field for field in copy["fields"]}, wire, None)
        case "tagged-union":
            copy["discriminator"] = _wire_discriminator(copy["discriminator"], wire)
            return copy
        case "function-plain" if METADATA_KEY in copy.get("metadata", {}):
            serializer: SerializerType = copy["metadata"][METADATA_KEY]
            return {**copy, **serializer.on_wire(camelize=wire.camelize).core_schema()}
        case _:
            return copy
    if wire.camelize:
        for computed in copy.get("computed_fields", ()):
            computed.setdefault("alias", to_camel(computed["property_name"]))
    return copy


def _wire_discriminator(discriminator: Any, wire: WireFormat) -> Any:
    """Where a union finds the tag of a value: under its wire key, or under the alias or attribute that it names."""
    paths: Any = [[discriminator]] if isinstance(discriminator, str) else discriminator
    if not isinstance(paths, list) or any(len(path) != 1 for path in paths):
        # A function of the user's, or a path into the value: pydantic itself calls that no field's name.
        return discriminator
    names: list[str] = [name for (name,) in cast("list[list[str]]", paths)]
    renamed = [wire.action_key if name == "action" else to_camel(name) if wire.camelize else name for name in names]
    return [[name] for name in dict.fromkeys([*renamed, *names])]


def _rename(fields: Mapping[str, dict[str, Any]], wire: WireFormat, owner: type[Any] | None) -> None:
    """Writes the wire keys into freshly copied field schemas; an alias that the user chose stays."""
    for side in ("validation_alias", "serialization_alias"):
        given = {name: field.get(side) for name, field in fields.items()}
        for name, key in _wire_names(given, wire, owner).items():
            fields[name][side] = key


def _wire_names(aliases: Mapping[str, Any], wire: WireFormat, owner: type[Any] | None) -> Mapping[str, Any]:
    """Wire key by field name. ``aliases`` holds the user's own alias of each field, or None."""
    names: dict[str, Any] = {name: alias for name, alias in aliases.items() if alias is not None}
    is_message = isinstance(owner, type) and issubclass(owner, BaseMessage)
    if is_message:
        names["action"] = wire.action_key
    unnamed = [name for name in aliases if name not in names]
    names |= camel_keys(unnamed, names.values()) if wire.camelize else {name: name for name in unnamed}
    if is_message and list(names.values()).count(wire.action_key) > 1:
        raise MessageDefinitionError(
            f"{owner.__module__}.{owner.__qualname__}" if owner else "",
            f"it has a field of its own whose wire key is {wire.action_key!r}, the key that names messages.",
            "Rename the field, or choose another MESSAGE_ACTION_KEY in settings.CHANX.",
        )
    return names
