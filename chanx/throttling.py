"""DRF's throttles for the messages of a connection."""

from collections.abc import Sequence
from typing import Any, Final

from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle


class History:
    """What a throttle of one connection remembers; in place of a cache, where nobody else would look for it."""

    def __init__(self) -> None:
        self._held: Any = None

    def get(self, key: str, default: Any) -> Any:
        return default if self._held is None else self._held

    def set(self, key: str, value: Any, timeout: float) -> None:
        self._held = value


class ConnectionRateThrottle(SimpleRateThrottle):
    """Counts the messages of one connection, in the memory of its process.

    The rate is that of the scope ``connection`` in DEFAULT_THROTTLE_RATES, or the ``rate`` of a subclass.
    """

    scope = "connection"

    def __init__(self) -> None:
        super().__init__()
        # A consumer makes its throttles once for each connection.
        self.cache: Any = History()

    def get_cache_key(self, request: Request, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": "own"}


#: What is in the memory of this process: asking it takes microseconds.
_IN_MEMORY: Final = (LocMemCache, DummyCache, History)


def may_wait(throttle: BaseThrottle) -> bool:
    """Whether asking a throttle may take long enough to hold up an event loop: if its cache is elsewhere, or unknown.

    A subclass that asks anything else must not derive from DRF's SimpleRateThrottle.
    """
    if not isinstance(throttle, SimpleRateThrottle):
        return True
    # Django's `caches` are behind proxies; a bound method knows the cache itself.
    cache: Any = throttle.cache
    return not isinstance(getattr(cache.get, "__self__", None), _IN_MEMORY)


def wait_for(throttles: Sequence[BaseThrottle], request: Request, view: Any) -> float | None:
    """Asks all throttles, as DRF does; None when all agree, otherwise the seconds after which they may.

    Zero where the one that refuses does not say.
    """
    # All of them count, also behind one that refuses.
    waits = [throttle.wait() for throttle in throttles if not throttle.allow_request(request, view)]
    return max((wait or 0 for wait in waits), default=None)
