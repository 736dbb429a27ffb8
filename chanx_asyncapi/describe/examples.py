"""Examples that a message declares, as frames that really could travel."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_json

from chanx.codec import DEFAULT_FORMAT, Codec, WireFormat, union_validator
from chanx.messages.base import BaseMessage
from chanx_asyncapi.describe.conversations import Frame


def example_frames(frame: Frame, declared: Any, wire: WireFormat) -> Iterator[Any]:
    """Yields a frame for each declared example, or the exception that says why there is none.

    An example may be written in wire keys or in Python's names. What the server sends is completed with the defaults
    and computed fields that such a frame holds.
    """
    for example in declared if isinstance(declared, list) else [declared]:
        try:
            yield _frame(frame, example, wire)
        except Exception as error:  # validators of the user's run here, and may raise anything
            yield error


def _frame(frame: Frame, example: Any, wire: WireFormat) -> Any:
    try:
        message = _read(frame.message, example, wire)
    except ValidationError:
        if wire == DEFAULT_FORMAT:
            raise
        message = _read(frame.message, example, DEFAULT_FORMAT)
    else:
        if frame.direction == "received":
            return example
    serializer = Codec({}, wire).serializer(type(message))
    # A client has no computed fields to send, and a strict message refuses them.
    return serializer.to_python(
        message, mode="json", by_alias=True, exclude_computed_fields=frame.direction == "received"
    )


def _read(message: type[BaseMessage], example: Any, wire: WireFormat) -> BaseMessage:
    by_action = dict.fromkeys(message.discriminator_values(), message)
    validated: BaseMessage = union_validator(by_action, wire.action_key, wire).validate_json(to_json(example))
    return validated
