"""Text frames to messages and back. No I/O: the result is a value that the consumer acts on."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from typing import Any, Final, NamedTuple, cast

from django.conf import settings as django_settings
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, SchemaSerializer, SchemaValidator, from_json, to_json

from chanx.fail_fast import COMPLETE_UP_TO, collector_paused
from chanx.frame_ids import MAX_ID_LENGTH, FrameId, ignores_id, is_frame_id, outer_id
from chanx.frame_limits import has_number_beyond_double
from chanx.messages.base import BaseMessage
from chanx.messages.outgoing import FrameError
from chanx.repeated_keys import repeated_key
from chanx.settings import chanx_settings
from chanx.wire_format import (
    DEFAULT_FORMAT,
    WireFormat,
    holds_serializer,
    rewritten_serializer,
    rewritten_validator,
    union_validator,
    wire_keys,
    wire_schema,
)

#: How much of an unknown action, or of a key, is echoed, in characters.
MAX_ECHO_LENGTH: Final = 64
#: More errors than these are counted, not listed: making the list of a hundred thousand takes half a second.
MAX_LISTED_ERRORS: Final = 10_000

_NO_ID: Final = object()
_new_tuple: Final = tuple.__new__

#: Letters that are written as escapes, in keys of the envelope perhaps.
_ESCAPED: Final = re.compile(r"\\u")
_ESCAPED_ASCII: Final = re.compile(r"\\u00[0-7]")


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
    def validates_serializers(self) -> bool:
        """Whether any of the messages has a payload that a DRF serializer validates."""
        return any(holds_serializer(wire_schema(message, DEFAULT_FORMAT)) for message in self._messages.values())

    @cached_property
    def _ignores_id(self) -> bool:
        """Whether an ``id`` in the envelope is nothing to any of the messages, so that it may stay in the text."""
        return all(ignores_id(message, wire_keys(message, self.wire)) for message in self._messages.values())

    def decode(self, text: str) -> Decision:
        """The decision about a text frame; never raises for what the text holds."""
        if len(text) <= COMPLETE_UP_TO:
            return self._decode(text, self._validate_json)
        with collector_paused():
            return self._decode(text, self._validate_long_json)

    def _decode(self, text: str, validate: Callable[[str | bytes], BaseMessage]) -> Decision:
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
            # What the class method does that NamedTuple makes, without its way through Python.
            return _new_tuple(Invoke, (validate(text), frame_id))
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
        return rewritten_serializer(message_class, self.wire)

    def validator(self, message_class: type[BaseModel]) -> SchemaValidator:
        """pydantic-core's validator of a class in this format; the action has no say in it."""
        if self._is_default:
            return cast("SchemaValidator", message_class.__pydantic_validator__)
        return rewritten_validator(message_class, self.wire)

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
        told = [self._told(detail) for detail in details[: chanx_settings.MAX_REPORTED_ERRORS]]
        return _frame_errors(told)

    def _told(self, detail: ErrorDetails) -> Mapping[str, Any]:
        """What the client is told of an error of pydantic-core's: nearly always the error itself, which holds more."""
        kind, loc = detail["type"], detail["loc"]
        for part in loc:
            if isinstance(part, str) and len(part) > MAX_ECHO_LENGTH:
                # Keys are the client's as well: a long one would be repeated with each error below it.
                loc = tuple(each[:MAX_ECHO_LENGTH] if isinstance(each, str) else each for each in loc)
                break
        else:
            if loc and kind != "union_tag_invalid":
                return detail
        kind, text = self._spelled_out(kind, loc, detail["msg"], detail.get("ctx", {}))
        return {"type": kind, "loc": loc, "msg": text}

    def _spelled_out(
        self, kind: str, loc: Sequence[str | int], text: str, context: Mapping[str, Any]
    ) -> tuple[str, str]:
        """Code and words of an error, where pydantic-core's own say too little of a frame, or too much."""
        at_envelope = not loc
        if kind in _NO_JSON and at_envelope:
            return "invalid_json", text
        if kind in _NOT_AN_OBJECT and at_envelope:
            return "invalid_envelope", NO_OBJECT
        if kind == "union_tag_not_found" and at_envelope:
            return kind, f"The key '{self.wire.action_key}' is missing"
        if kind == "union_tag_invalid":
            # pydantic's own text lists every expected tag, and repeats the given one at any length.
            text = f"Unknown {context.get('discriminator', 'tag')}"
            if at_envelope:
                text = f"Unknown {self.wire.action_key} '{str(context.get('tag'))[:MAX_ECHO_LENGTH]}'"
                if django_settings.DEBUG:
                    text += f", known are {', '.join(sorted(self._messages))}"
        return kind, text


@cache
def _codec(messages: tuple[tuple[str, type[BaseMessage]], ...], wire: WireFormat, strict_json: bool) -> Codec:
    return Codec(dict(messages), wire, strict_json=strict_json)


#: How pydantic-core says that a text is no JSON; the second means a lone surrogate, which no server lets through.
_NO_JSON: Final = frozenset({"json_invalid", "string_unicode"})
#: The words of ``invalid_envelope``.
NO_OBJECT: Final = "A frame must be a JSON object"
#: How pydantic-core says that a tagged union was given something other than an object.
_NOT_AN_OBJECT: Final = frozenset({"model_attributes_type", "model_type", "dict_type"})

#: All errors of a frame in one call.
_frame_errors: Final[Callable[[Sequence[Any]], list[FrameError]]] = TypeAdapter(
    list[FrameError]
).validator.validate_python
