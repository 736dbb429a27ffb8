"""What the text of a frame says about a request: which one it is, and whether it is said to be a repeat."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Final

from pydantic_core import from_json, to_json

from chanx.frame_ids import FrameId

#: The key of the envelope by which a client says that it may have sent the frame before, under the name that is its
#: value.
RETRY_KEY: Final = "retry"
#: Characters of a name.
MAX_NAME_LENGTH: Final = 64


@dataclass(slots=True, eq=False)
class ReceivedRequest:
    """A frame that is handled once, and what was sent for it."""

    frame_id: FrameId
    digest: str
    #: The name under which it was first sent, if it is said to be a repeat.
    retry: str | None
    #: Bytes of replies that are worth to be recorded.
    limit: int
    #: It is handled to its end, although the client has gone.
    is_held: bool = False
    #: What is sent at this moment is a reply of its handler.
    is_recorded: bool = False
    #: It was refused before its handler ran.
    is_withdrawn: bool = False
    _replies: list[str] = field(default_factory=list[str])
    _size: int = 0

    def record(self, event: Mapping[str, Any]) -> None:
        """Takes note of what is sent, if it is a reply."""
        if not self.is_recorded:
            return
        text = event.get("text")
        # A binary frame is nothing that could be kept as text.
        self._size += len(text) if isinstance(text, str) else self.limit + 1
        if self._size <= self.limit:
            self._replies.append(text or "")

    def replies(self) -> str | None:
        """What was recorded, for a ledger; None for more than is worth it."""
        return None if self._size > self.limit else to_json(self._replies).decode()


def recorded(replies: str) -> list[str]:
    """The frames that :meth:`ReceivedRequest.replies` has made a text of."""
    frames: list[str] = json.loads(replies)
    return frames


def mentions_retry(text: str) -> bool:
    """Whether the text of a frame may have the key; looks at every letter, and parses nothing."""
    return f'"{RETRY_KEY}"' in text or "\\u" in text


def content_of(text: str) -> dict[str, Any] | None:
    """The object that a text is; None when it is something else."""
    try:
        content = from_json(text)
    except (ValueError, TypeError):  # TypeError: a lone surrogate
        return None
    return content if isinstance(content, dict) else None


def digest_of(content: Mapping[str, Any]) -> str:
    """The same for two frames that say the same, however they are written."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return blake2b(canonical.encode(), digest_size=16).hexdigest()


def request_id(frame_id: FrameId) -> str:
    """A text for an ``id``; a number and a text of the same digits are two."""
    return f"{'n' if isinstance(frame_id, int) else 't'}:{frame_id}"
