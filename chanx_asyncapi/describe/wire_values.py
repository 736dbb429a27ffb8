"""Values of models as they are on the wire: what a class makes of one, and the other way round."""

from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from chanx.codec import Codec
from chanx.messages.serialized import made_by_serializers
from chanx.wire_format import DEFAULT_FORMAT, WireFormat
from chanx_asyncapi.describe.conversations import Direction


class WireValues:
    """Reads and writes the values of models in one wire format."""

    def __init__(self, wire: WireFormat) -> None:
        self._codec = Codec({}, wire)

    def read(self, model: type[BaseModel], value: Any) -> BaseModel:
        """What the runtime makes of ``value``. Raises ValidationError, or whatever validators of the user's raise."""
        # A DRF serializer might ask the database, of which a document must know nothing.
        with made_by_serializers():
            read: BaseModel = self._codec.validator(model).validate_json(to_json(value))
        return read

    def write(self, message: BaseModel, direction: Direction) -> Any:
        """What travels for ``message``."""
        return self._codec.serializer(type(message)).to_python(
            message,
            mode="json",
            by_alias=True,
            # A client has no computed fields to send, and a strict model refuses them.
            exclude_computed_fields=direction == "received",
            warnings=False,
        )

    def on_wire(self, model: type[BaseModel], value: Any, direction: Direction) -> Any:
        """A value as it travels. It may be given as such, with Python's names in the place of wire keys, or as a model.

        What the server sends is completed with the defaults and computed fields that it holds then.
        """
        if isinstance(value, model):
            return self.write(value, direction)
        # As JSON has it, whatever Python has.
        value = from_json(to_json(value))
        read, has_wire_keys = self._understood(model, value)
        return value if has_wire_keys and direction == "received" else self.write(read, direction)

    def _understood(self, model: type[BaseModel], value: Any) -> tuple[BaseModel, bool]:
        """What ``value`` means, and whether it has wire keys: the reading that makes something of more of its keys."""
        if self._codec.wire == DEFAULT_FORMAT:
            return self.read(model, value), True
        in_python = WireValues(DEFAULT_FORMAT)
        try:
            read = self.read(model, value)
        except ValidationError as error:
            try:
                return in_python.read(model, value), False
            except ValidationError:
                raise error from None
        try:
            other = in_python.read(model, value)
        except ValidationError:
            return read, True
        return (read, True) if _given(read) >= _given(other) else (other, False)


def _given(model: BaseModel) -> int:
    """How many keys a model has made something of."""
    return _keys(model.model_dump(mode="json", exclude_unset=True, warnings=False))


def _keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_keys, value.values()))
    return sum(map(_keys, value)) if isinstance(value, list) else 0
