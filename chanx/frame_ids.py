"""The ``id`` in the envelope of a frame, which each frame that answers it repeats as ``reply_to``."""

import re
from collections.abc import Container
from typing import Final

from pydantic import BaseModel

FrameId = str | int
"""What a client may put into the envelope's ``id``, and gets back as ``reply_to``."""

#: Longest ``id`` text, in characters.
MAX_ID_LENGTH: Final = 64
#: An id is echoed in each reply: integers beyond 64 bits are refused like long texts.
MAX_ID_INTEGER: Final = 2**63 - 1

#: An id without escapes, and without lone surrogates, which are no JSON.
_VALUE: Final = rf'(?:"([^"\\\x00-\x1f\ud800-\udfff]{{0,{MAX_ID_LENGTH}}})"|(0|-?[1-9][0-9]{{0,17}}))'
#: The first key of an object, or the second one after a text.
_FIRST: Final = re.compile(rf'\s*\{{\s*(?:"[^"\\]*"\s*:\s*"[^"\\]*"\s*,\s*)?"id"\s*:\s*{_VALUE}\s*[,}}]')
#: The last key, and the end of a text: one brace closes the outermost object.
_LAST: Final = re.compile(rf',\s*"id"\s*:\s*{_VALUE}\s*\}}\s*\Z')

#: Characters that such an end may have, and the blanks that may stand before the key.
_TAIL: Final = 2 * MAX_ID_LENGTH
_GAP: Final = 16


def is_frame_id(value: object) -> bool:
    """Whether a value of an envelope may be its ``id``."""
    if isinstance(value, str):
        return len(value) <= MAX_ID_LENGTH
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_ID_INTEGER


def outer_id(text: str, position: int) -> FrameId | None:
    """The ``id`` of the outermost object, whose only key ``"id"`` is at ``position`` of the text.

    None where it takes a parser to know. What is returned is right for every text that is JSON.
    """
    # Clients write it first, or after the action, or last: what matches there cannot be inside of anything.
    match = _FIRST.match(text)
    if match is None and len(text) - position <= _TAIL:
        match = _LAST.search(text, max(position - _GAP, 0))
    if match is None:
        return None
    word, number = match.groups()
    return int(number) if word is None else word


def ignores_id(message_class: type[BaseModel], keys: Container[str]) -> bool:
    """Whether a message comes out the same with an ``id`` beside its own ``keys``, which are those on the wire."""
    fields = message_class.model_fields
    aliases = [field.validation_alias for field in fields.values()]
    # Whoever looks at all that was received, or takes one of several keys, would see it.
    looks_at_all = (
        message_class.__pydantic_decorators__.model_validators
        or message_class.__pydantic_custom_init__
        or _own_schema(message_class)
        or not all(alias is None or isinstance(alias, str) for alias in aliases)
    )
    is_declared = "id" in keys or "id" in fields or "id" in aliases
    return not looks_at_all and not is_declared and message_class.model_config.get("extra", "ignore") == "ignore"


def _own_schema(message_class: type[BaseModel]) -> bool:
    return getattr(message_class.__get_pydantic_core_schema__, "__func__", None) is not _SCHEMA


_SCHEMA: Final = getattr(BaseModel.__get_pydantic_core_schema__, "__func__", None)
