"""Where a client is in the history of its groups: what it asks for when it comes back."""

from collections.abc import Mapping
from typing import Any

from .description import Description
from .json_values import as_object

#: What a client offers that will say where it was, before anything else.
SUBPROTOCOLS = ("chanx.v1", "chanx.resume")


class Positions:
    """The last message seen of each group, as docs/protocol.md, "Resuming", asks of clients."""

    def __init__(self, description: Description) -> None:
        self._description = description
        #: The name by which the service knows the client again.
        self._client: str | None = None
        self._groups: dict[str, dict[str, Any]] = {}

    def received(self, frame: Mapping[str, Any]) -> bool | None:
        payload = as_object(frame.get(self._description.payload_key))
        groups = as_object(payload.get("groups"))
        match frame.get(self._description.action_key):
            case "positions":
                if self._client is None:
                    self._client = str(payload.get("client"))
                for group, position in groups.items():
                    self._groups.setdefault(group, dict(as_object(position)))
            case "resumed":
                for group, answer in groups.items():
                    # No position: the client is no member of the group any more.
                    self._groups.pop(group, None)
                    if position := as_object(as_object(answer).get("position")):
                        self._groups[group] = dict(position)
                return all(
                    as_object(answer).get("recovered") is True
                    for answer in groups.values()
                )
            case _:
                position = self._groups.get(str(frame.get("group")))
                if position is not None and isinstance(frame.get("seq"), int):
                    position["seq"] = frame["seq"]
        return None

    def resume(self) -> Mapping[str, Any] | None:
        if self._client is None:
            return None
        return {
            self._description.action_key: "resume",
            self._description.payload_key: {
                "client": self._client,
                "groups": self._groups,
            },
        }
