"""Keys that an object of a JSON text holds twice, which it must not. (RFC 7493, 2.3)

What reads the first one and what reads the last one, a proxy and chanx for instance, would see different messages.
"""

import json
from collections import Counter
from collections.abc import Container
from typing import Any

Pairs = list[tuple[str, Any]]


class _RepeatedKey(Exception):  # noqa: N818 - it is found, nothing has failed
    """Ends the parser's work."""


def repeated_key(text: str, among: Container[str] | None = None) -> str | None:
    """The first key that is there twice: in the outermost object, if ``among`` names keys, in any object otherwise.

    None when there is none, and when the text is no JSON.
    """
    outermost: Pairs = []

    def note(pairs: Pairs) -> None:
        nonlocal outermost
        # An object is complete after those inside of it: the last one is the outermost.
        outermost = pairs
        if among is None and len({key for key, _ in pairs}) < len(pairs):
            raise _RepeatedKey

    try:
        json.JSONDecoder(object_pairs_hook=note).decode(text)
    except _RepeatedKey:
        pass
    except (ValueError, RecursionError):
        return None
    counted = Counter(key for key, _ in outermost)
    return next((key for key, times in counted.items() if times > 1 and (among is None or key in among)), None)
