"""Frames to messages."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from .description import Description
from .errors import InvalidFrame


class Decoder:
    """Decodes what a channel sends."""

    def __init__(self, description: Description) -> None:
        self._received = description.received
        self._adapters: dict[str, TypeAdapter[Any]] = {}

    def decode(self, action: str, data: str | bytes) -> Any:
        """The message that a frame with an action is. Raises InvalidFrame."""
        if action not in self._received:
            raise InvalidFrame.of(data, "its action is none of the channel's.")
        if action not in self._adapters:
            self._adapters[action] = TypeAdapter(self._received[action])
        try:
            # What comes has the names of the wire, and no others.
            return self._adapters[action].validate_json(
                data, by_alias=True, by_name=False
            )
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise InvalidFrame.of(data, f"{where}: {first['msg']}.") from error
