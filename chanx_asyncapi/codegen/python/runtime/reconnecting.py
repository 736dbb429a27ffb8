"""Whether to come back, and when. Decides without I/O."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .description import Rule
from .options import Retry

#: Codes without a line in the document. RFC 6455, 7.4.1: those of mistakes that the next connection would repeat.
_FOR_GOOD = frozenset({1000, 1002, 1003, 1007, 1008, 1009, 1010, 1015})
#: What a refused handshake means: the close code of the same refusal after an accepted one (docs/protocol.md).
_OF_STATUS: Mapping[int, int] = {
    400: 4400,
    401: 4401,
    403: 4401,
    404: 4404,
    410: 4404,
    429: 4429,
}
#: … and those that the protocol says without a document.
_KNOWN: Mapping[int, Rule] = {
    4400: "no",
    4401: "after_token_refresh",
    4404: "no",
    4429: "after_retry_after",
}
_ABNORMAL = 1006


@dataclass(frozen=True, slots=True)
class Close:
    """How a connection ended."""

    code: int = _ABNORMAL
    reason: str = ""
    #: Seconds that the server has asked for.
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """The next attempt."""

    #: Seconds before it.
    delay: float
    #: With new credentials.
    refresh: bool = False


class Reconnecting:
    """Remembers how often it was tried in vain."""

    def __init__(
        self,
        retry: Retry | None,
        codes: Mapping[int, Rule],
        *,
        can_refresh: bool,
        random: Callable[[], float],
    ) -> None:
        self._retry = retry
        self._codes = codes
        self._can_refresh = can_refresh
        self._random = random
        self._attempt = 0
        self._refreshed = False

    def after(self, close: Close, *, lasted: float) -> Again | None:
        """The next attempt after a connection that was open for ``lasted`` seconds; None: stay away."""
        if self._retry is None:
            return None
        if lasted >= self._retry.stable:
            self._attempt, self._refreshed = 0, False
        rule = self._rule(close.code)
        if rule == "no" or (
            rule == "after_token_refresh" and (self._refreshed or not self._can_refresh)
        ):
            return None
        if self._retry.attempts is not None and self._attempt >= self._retry.attempts:
            return None
        delay = self._retry.delay(self._attempt, self._random())
        self._attempt += 1
        if rule == "after_retry_after":
            delay += close.retry_after or 0
        if rule == "after_token_refresh":
            self._refreshed = True
        return Again(delay, refresh=rule == "after_token_refresh")

    def _rule(self, code: int) -> Rule:
        if code in self._codes:
            return self._codes[code]
        if code in _KNOWN:
            return _KNOWN[code]
        # What a service closes with on its own account, it means.
        return "no" if code in _FOR_GOOD or code >= 4000 else "backoff"


def close_of_status(status: int, retry_after: str | None) -> Close:
    """How a handshake ended that was answered with a status of HTTP."""
    seconds = (
        float(retry_after)
        if retry_after is not None and retry_after.isascii() and retry_after.isdigit()
        else None
    )
    return Close(
        _OF_STATUS.get(status, _ABNORMAL),
        f"the handshake was refused with HTTP {status}",
        seconds,
    )
