"""How texts of the document enter TypeScript: as literals, names of properties, or comments. There is no other way."""

import json
import math
import re
from collections.abc import Iterable
from typing import Final

#: Whatever is not printable, or is not where it seems to be: direction marks could hide code from its readers.
_UNSAFE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_COMMENT_END: Final = re.compile(r"\*(?=/)")
#: What begins a tag of TSDoc, which only we write.
_TAG: Final = re.compile(r"^(\s*)@|\{@", re.MULTILINE)


def literal(value: object) -> str:
    """A scalar of JSON as a literal; texts in the quotes that need fewer escapes, as prettier has them."""
    if isinstance(value, str):
        return text_literal(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value} is no value of JSON")
    return json.dumps(value)


def text_literal(text: str) -> str:
    """A string literal: nothing in ``text`` can end it, and all of it is visible."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    escaped = text.replace("\\", "\\\\").replace(quote, f"\\{quote}").replace("\n", "\\n")
    return quote + _escape_unseen(escaped) + quote


def property_name(name: str) -> str:
    """A key in a type or an object literal: as it is where that is allowed."""
    return name if name.replace("$", "_").isidentifier() else text_literal(name)


def key_in_value(name: str) -> str:
    """A key in an object literal: ``__proto__`` would set the prototype there."""
    return '["__proto__"]' if name == "__proto__" else property_name(name)


def comment(lines: Iterable[str], *, indent: int = 0) -> str:
    """A documentation comment with its line break; empty without lines."""
    kept = [line.rstrip() for line in lines]
    while kept and not kept[0]:
        kept.pop(0)
    while kept and not kept[-1]:
        kept.pop()
    if not kept:
        return ""
    margin = "  " * indent
    if len(kept) == 1:
        return f"{margin}/** {kept[0]} */\n"
    return "".join([f"{margin}/**\n", *(f"{margin} * {line}".rstrip() + "\n" for line in kept), f"{margin} */\n"])


def comment_text(text: str) -> list[str]:
    """The lines of ``text`` for a comment: nothing in it can end the comment, or is a tag."""
    lines = _TAG.sub(lambda found: found[0].replace("@", "\\@"), text.replace("\r\n", "\n").replace("\r", "\n"))
    escaped = _COMMENT_END.sub("*\\\\", lines)
    return [_escape_unseen(line.replace("\t", "  ")) for line in escaped.split("\n")]


def _escape_unseen(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
