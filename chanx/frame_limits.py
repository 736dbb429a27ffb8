"""What a text frame must keep to before anybody parses it: its size, and how deep it is nested.

Both are known from the text alone, in time linear in its length, so that no frame can make the parser expensive.
"""

from typing import Final

_BRACKETS_AND_QUOTES: Final = b'[]{}"'
_THE_REST: Final = bytes(byte for byte in range(256) if byte not in _BRACKETS_AND_QUOTES)
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")


def is_larger_than(text: str, size: int) -> bool:
    """Whether the UTF-8 form of a text has more than ``size`` bytes."""
    # A character has one to four bytes: most texts need not be encoded to know.
    if len(text) > size:
        return True
    return len(text) * 4 > size and len(text.encode("utf-8", "surrogatepass")) > size


def is_deeper_than(text: str, depth: int) -> bool:
    """Whether arrays and objects are nested more than ``depth`` levels; exact for every text that is JSON."""
    if text.count("[") + text.count("{") <= depth:
        return False
    # Each step is one pass in C: a loop in Python over the characters would cost more than the validation.
    if "\\" in text:
        # First the escaped backslashes, so that what then stands before a quote escapes it. (RFC 8259, 7)
        text = text.replace("\\\\", "").replace('\\"', "")
    marks = text.encode("utf-8", "surrogatepass").translate(_ONE_KIND, _THE_REST)
    # Between the first quote and the second is a string, between the third and the fourth, and so on.
    brackets = b"".join(marks.split(b'"')[::2])
    for _ in range(depth):
        # The innermost pairs are one level: what is left is one level less deep.
        remaining = brackets.replace(b"[]", b"")
        if remaining == brackets:
            break
        brackets = remaining
    else:
        return bool(brackets)
    # Nothing closes any more, so that this is no JSON: deep is what is still open, and the parser refuses the rest.
    return brackets.count(b"[") > depth
