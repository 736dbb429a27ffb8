"""Where a client is in the history of its groups: what it asks for when it comes back."""

from collections.abc import Mapping
from typing import Any

from .description import Description
from .json_values import as_object

#: What a client offers that will say where it was, before anything else.
SUBPROTOCOLS = ("chanx.v1", "chanx.resume")
#: Answers to `resume` refer to it.
_ID = "resume"


class Positions:
    """The last message seen of each group, as docs/protocol.md, "Resuming", asks of clients."""

    def __init__(self, description: Description) -> None:
        self._description = description
        #: The name by which the service knows the client again.
        self._client: str | None = None
        self._groups: dict[str, dict[str, Any]] = {}
        #: Where the client has connected: it goes on from there if it may not resume.
        self._now: dict[str, Any] = {}

    def received(self, frame: Mapping[str, Any]) -> bool | None:
        description = self._description
        action = frame.get(description.action_key)
        groups = as_object(as_object(frame.get(description.payload_key)).get("groups"))
        if action == "positions":
            self._arrive(frame, groups)
        elif action == "resumed":
            for group, answer in groups.items():
                # No position: the client is no member of the group any more.
                self._place(group, as_object(answer).get("position"))
            return all(
                as_object(answer).get("recovered") is True for answer in groups.values()
            )
        elif (
            isinstance(action, str)
            and action in description.errors
            and frame.get(description.reply_to_key) == _ID
        ):
            # Refused: what was missed stays missed.
            self._groups.clear()
            for group, position in self._now.items():
                self._place(group, position)
            return False
        else:
            name, seq = frame.get("group"), frame.get("seq")
            position = self._groups.get(name) if isinstance(name, str) else None
            if position is not None and _is_number(seq):
                position["seq"] = max(seq, position["seq"])
        return None

    def _arrive(self, frame: Mapping[str, Any], groups: dict[str, Any]) -> None:
        client = as_object(frame.get(self._description.payload_key)).get("client")
        if self._client is None and isinstance(client, str):
            self._client = client
        self._now = self._now or groups
        for group, position in groups.items():
            # No position: the client has left the group.
            if position is None or group not in self._groups:
                self._place(group, position)

    def _place(self, group: str, position: Any) -> None:
        """Remember a position; what is none is forgotten."""
        found = as_object(position)
        if _is_number(found.get("seq")):
            self._groups[group] = dict(found)
        else:
            self._groups.pop(group, None)

    def resume(self) -> Mapping[str, Any] | None:
        self._now = {}
        if self._client is None:
            return None
        return {
            self._description.action_key: "resume",
            self._description.id_key: _ID,
            self._description.payload_key: {
                "client": self._client,
                "groups": self._groups,
            },
        }


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
