"""Keeps credentials out of the logs of servers, which write down the address of each handshake."""

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import unquote_plus

#: What names of parameters that carry credentials have in them, in lower case.
_SENSITIVE: Final = ("ticket", "token", "auth", "jwt", "secret", "passw", "pwd", "key", "sig", "session", "credential")

#: A parameter, its name and its value. The parts share no character, so that the time is linear, whatever a stranger
#: has asked for.
_PARAMETER: Final = re.compile(r"([?&])([^\s?&=#\"']+)=([^\s&#\"']+)")

#: What stands in place of a value.
REDACTED: Final = "[redacted]"


class RedactQueryFilter(logging.Filter):
    """Replaces the values of query parameters that look like credentials, in the texts of log records.

    For the handlers of an ASGI server's loggers, in Django's LOGGING::

        "filters": {"redact": {"()": "chanx.redaction.RedactQueryFilter"}},

    A name looks like one when it has ``token``, ``ticket``, ``auth``, ``key`` or the like in it. ``parameters`` are
    more names, which count exactly as they are written.
    """

    def __init__(self, name: str = "", parameters: Iterable[str] = ()) -> None:
        super().__init__(name)
        self._parameters = frozenset(parameters)

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets each record through, without credentials in its message and arguments."""
        # One by one: uvicorn's formatter wants the arguments of its access log as they were.
        if isinstance(record.args, Mapping):
            record.args = {name: self._redacted(value) for name, value in record.args.items()}
        elif record.args:
            record.args = tuple(map(self._redacted, record.args))
        try:
            text = record.getMessage()
        except (TypeError, ValueError, KeyError):
            return True  # the handler will tell that the arguments do not fit
        if (redacted := self._redacted(text)) != text:
            record.msg, record.args = redacted, ()
        return True

    def _redacted(self, value: Any) -> Any:
        return _PARAMETER.sub(self._replacement, value) if isinstance(value, str) and "=" in value else value

    def _replacement(self, parameter: re.Match[str]) -> str:
        separator, written, _ = parameter.groups()
        name = unquote_plus(written)
        if name in self._parameters or any(part in name.lower() for part in _SENSITIVE):
            return f"{separator}{written}={REDACTED}"
        return parameter.group()
