"""The close codes that chanx sends, each with its meaning and whether a client may come back.

RFC 6455, 7.4.2: 1000-2999 belong to the protocol, 4000-4999 to applications. The 44xx codes repeat the HTTP
status that the same refusal has over HTTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

Retry = Literal["no", "backoff", "after_token_refresh", "after_retry_after"]
"""What a client may do after the close: stay away, come back with full-jitter backoff, come back once with a
fresh token, or come back after the ``retry_after`` seconds that it was told."""


class CloseCode(IntEnum):
    """Why the server closed a connection."""

    GOING_AWAY = 1001
    MESSAGE_TOO_BIG = 1009
    SERVER_FAILURE = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    PROTOCOL_VIOLATION = 4400
    NOT_AUTHENTICATED = 4401
    FORBIDDEN = 4403
    NOT_FOUND = 4404
    TIMED_OUT = 4408
    THROTTLED = 4429
    HANDSHAKE_FAILURE = 4500


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCodeInfo:
    """A close code as clients need to know it.

    ``daphne`` is the code that means the same where the server is daphne, which lets an application close only
    with 1000 or 3000-4999.
    """

    code: CloseCode
    meaning: str
    retry: Retry

    @property
    def daphne(self) -> int:
        return int(self.code) if self.code >= 3000 else int(self.code) + 3000


def _info(code: CloseCode, retry: Retry, meaning: str) -> CloseCodeInfo:
    return CloseCodeInfo(code=code, retry=retry, meaning=meaning)


CLOSE_CODES: Mapping[CloseCode, CloseCodeInfo] = {
    info.code: info
    for info in (
        _info(CloseCode.GOING_AWAY, "backoff", "The server is going away."),
        _info(CloseCode.MESSAGE_TOO_BIG, "no", "A frame was over the size limit."),
        _info(CloseCode.SERVER_FAILURE, "backoff", "The server failed."),
        _info(CloseCode.SERVICE_RESTART, "backoff", "The server is restarting."),
        _info(
            CloseCode.TRY_AGAIN_LATER,
            "backoff",
            "The server is overloaded, the client reads too slowly, or the channel layer is unavailable.",
        ),
        _info(CloseCode.PROTOCOL_VIOLATION, "no", "The client broke the protocol or the request was refused."),
        _info(
            CloseCode.NOT_AUTHENTICATED,
            "after_token_refresh",
            "The credentials are missing, wrong, expired or revoked.",
        ),
        _info(CloseCode.FORBIDDEN, "no", "The user may not open this connection."),
        _info(CloseCode.NOT_FOUND, "no", "The object that the address names does not exist."),
        _info(CloseCode.TIMED_OUT, "backoff", "A heartbeat or a token refresh came too late."),
        _info(CloseCode.THROTTLED, "after_retry_after", "Too many frames, connections or subscriptions."),
        _info(CloseCode.HANDSHAKE_FAILURE, "backoff", "The server failed while it authenticated the client."),
    )
}


def close_code_for(scope: Mapping[str, Any], code: int) -> int:
    """The number to close with on the server that made ``scope``; a code of the application's own stays what it is.

    daphne refuses 10xx codes from an application, and is the one server that states no ASGI spec version; a
    server that states none gets the 40xx twin, which every server allows.
    """
    states_version = "spec_version" in scope.get("asgi", {})
    return int(code) if states_version or code not in _OWN_CODES else CLOSE_CODES[CloseCode(code)].daphne


def refuse_close_code(code: int) -> None:
    """Raises ValueError for a number with which no connection can be closed on every server."""
    if code != 1000 and code not in _OWN_CODES and not 3000 <= code <= 4999:
        raise ValueError(f"{code} is no close code: use 1000, 3000 to 4999, or one of CloseCode.")


_OWN_CODES = frozenset(map(int, CloseCode))
