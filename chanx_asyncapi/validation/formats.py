"""The formats of strings that we check. Our own list: jsonschema's depends on what else happens to be installed."""

import datetime
import ipaddress
import re
from collections.abc import Callable
from typing import Final

from jsonschema import FormatChecker

# RFC 3986, 2: the characters of a URI, after a scheme (3.1).
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")
_UUID: Final = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
# RFC 3339, 5.6: a date-time has an offset, which fromisoformat() does not ask for.
_DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def _string(pattern: re.Pattern[str] | None, parse: Callable[[str], object] = str) -> Callable[[object], bool]:
    """Return a check for strings that ``pattern`` matches and ``parse`` accepts."""

    def check(value: object) -> bool:
        # JSON Schema Validation (draft-07), 7.1: a format says nothing about values of other types.
        if not isinstance(value, str):
            return True
        if pattern is not None and not pattern.fullmatch(value):
            return False
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return check


FORMATS: Final = FormatChecker(formats=())
FORMATS.checks("uri")(_string(_URI))
FORMATS.checks("email")(_string(_EMAIL))
FORMATS.checks("date")(_string(_DATE, datetime.date.fromisoformat))
FORMATS.checks("date-time")(_string(_DATE_TIME, lambda text: datetime.datetime.fromisoformat(text.upper())))
FORMATS.checks("uuid")(_string(_UUID))
FORMATS.checks("ipv4")(_string(None, ipaddress.IPv4Address))
FORMATS.checks("ipv6")(_string(None, ipaddress.IPv6Address))
