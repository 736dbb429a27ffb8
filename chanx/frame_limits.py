"""What a text frame must keep to before anybody parses it: its size, how deep it is nested, and its numbers.

All of it is known from the text alone, in time linear in its length, so that no frame can make the parser expensive.
Most of the work is a pass or two in C: a loop in Python over the characters would cost more than the validation.
"""

import math
import re
from typing import Final

_BRACKETS_AND_QUOTES: Final = b'[]{}"'
_THE_REST: Final = bytes(byte for byte in range(256) if byte not in _BRACKETS_AND_QUOTES)
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")

#: Below this length, in characters, two searches take less time than a pass over all of them.
_SHORT: Final = 1000
#: Bytes of a character in UTF-8, at most. (RFC 3629, 3)
_LONGEST_CHARACTER: Final = 4

#: Digits look alike, so does the sign that makes no exponent small.
_ALIKE: Final = bytes.maketrans(b"+0123456789E", b"00000000000e")
#: The largest double has 309 digits before the point: whatever is beyond has an exponent of three digits, or at least
#: 210 digits, which one of two makes too many.
_EXPONENT: Final = b"0e000"
_LONG: Final = b"0" * 210
_NUMBERS: Final = re.compile(r"[0-9]++(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")


def is_small_and_flat(text: str, size: int | None, depth: int) -> bool:
    """Whether a text is neither :func:`is_larger_than` nor :func:`is_deeper_than`; False where it takes more to know.

    For most frames the answer, at the price of one call.
    """
    length = len(text)
    return (
        length < _SHORT
        and (size is None or length * _LONGEST_CHARACTER <= size)
        and text.count("[") + text.count("{") <= depth
    )


def is_larger_than(text: str, size: int) -> bool:
    """Whether the UTF-8 form of a text has more than ``size`` bytes."""
    # Most texts need not be encoded to know.
    if len(text) > size:
        return True
    return len(text) * _LONGEST_CHARACTER > size and len(_encoded(text)) > size


def is_deeper_than(text: str, depth: int) -> bool:
    """Whether arrays and objects are nested more than ``depth`` levels; exact for every text that is JSON."""
    if is_small_and_flat(text, None, depth):
        return False
    marks = _encoded(_without_escapes(text)).translate(_ONE_KIND, _THE_REST)
    # A pair of quotes with nothing between is a string without brackets, or an end and a beginning: either way, what
    # is a string remains one.
    brackets = b"".join(marks.replace(b'""', b"").split(b'"')[::2])
    if brackets.count(b"[") <= depth:
        return False
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


def has_number_beyond_double(text: str) -> bool:
    """Whether a number is NaN, infinite, or too large for a double (RFC 7493, 2.2); exact for every text that is JSON.

    pydantic-core takes the first two, which are no JSON, and makes an infinity of the third.
    """
    if not _looks_beyond_double(text):
        return False
    # Only now what is a string matters: identifiers often look like numbers with an exponent.
    structure = _outside_strings(_without_escapes(text))
    if not _looks_beyond_double(structure):
        return False
    is_named = "NaN" in structure or "Infinity" in structure
    return is_named or any(math.isinf(float(number)) for number in _NUMBERS.findall(structure))


def _looks_beyond_double(text: str) -> bool:
    # A letter is found ten times as fast as a word.
    if ("N" in text and "NaN" in text) or ("I" in text and "Infinity" in text):
        return True
    alike = text.encode("utf-8", "surrogatepass").translate(_ALIKE)
    # From the end, because that is how CPython finds a few characters in less time.
    return alike.rfind(_EXPONENT) >= 0 or (len(alike) >= len(_LONG) and _LONG in alike)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _without_escapes(text: str) -> str:
    """A text in which each quote begins or ends a string."""
    if "\\" not in text:
        return text
    # First the escaped backslashes, so that what then stands before a quote escapes it. (RFC 8259, 7)
    return text.replace("\\\\", "").replace('\\"', "")


def _outside_strings(text: str) -> str:
    return "".join(text.split('"')[::2])
