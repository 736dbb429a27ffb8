"""A ledger in the memory of one process."""

from dataclasses import dataclass, field
from math import inf
from threading import Lock
from time import monotonic

from chanx.deduplication.base import LEASE, Claim, Ledger, Limits, Request, Standing, is_to_be_kept, new_epoch


@dataclass(slots=True)
class _Entry:
    digest: str
    #: None once the request was handled.
    holder: str | None
    #: When the lease lapses, and when the request is forgotten, in seconds of the clock.
    leased_until: float
    end: float


@dataclass(slots=True)
class _Client:
    #: By id.
    entries: dict[str, _Entry] = field(default_factory=dict[str, _Entry])
    #: By id, the oldest first; and their bytes.
    replies: dict[str, str] = field(default_factory=dict[str, str])
    size: int = 0
    #: Before this moment there is nothing to forget.
    next_end: float = inf


class MemoryLedger(Ledger):
    """Forgets everything when the process ends. All event loops of the process share it."""

    def __init__(self) -> None:
        self._epoch = new_epoch()
        self._clients: dict[str, _Client] = {}
        self._lock = Lock()
        self._next_sweep = 0.0

    async def epoch(self) -> str:
        return self._epoch

    async def claim(self, request: Request, holder: str, limits: Limits) -> Claim:
        with self._lock:
            now = monotonic()
            if now >= self._next_sweep:
                self._sweep(now)
            client = self._clients.setdefault(request.client, _Client())
            _forget(client, now)
            if request.id in client.entries:
                return _standing(client, request, holder, now)
            if request.known_since not in (None, self._epoch):
                return Claim(Standing.UNKNOWN)
            if len(client.entries) >= limits.requests:
                return Claim(Standing.FULL, wait=min(each.end for each in client.entries.values()) - now)
            client.entries[request.id] = _Entry(request.digest, holder, now + LEASE, now + limits.window)
            client.next_end = min(client.next_end, now + limits.window)
            return Claim(Standing.NEW)

    async def renew(self, request: Request, holder: str, limits: Limits, *, lease: float = LEASE) -> None:
        with self._lock:
            if (entry := self._held(request, holder)) is not None:
                now = monotonic()
                entry.leased_until = now + lease
                entry.end = now + limits.window

    async def finish(self, request: Request, holder: str, limits: Limits, replies: str | None) -> None:
        with self._lock:
            if (entry := self._held(request, holder)) is None:
                return
            entry.holder = None
            entry.end = monotonic() + limits.window
            if replies is not None and is_to_be_kept(replies, limits):
                client = self._clients[request.client]
                client.replies[request.id] = replies
                client.size += len(replies.encode())
                while client.size > limits.size:
                    _drop_replies(client, next(iter(client.replies)))

    async def release(self, request: Request, holder: str) -> None:
        with self._lock:
            if self._held(request, holder) is not None:
                del self._clients[request.client].entries[request.id]

    def size(self) -> int:
        """How many requests are remembered."""
        return sum(len(client.entries) for client in self._clients.values())

    def _held(self, request: Request, holder: str) -> _Entry | None:
        client = self._clients.get(request.client)
        entry = None if client is None else client.entries.get(request.id)
        return entry if entry is not None and entry.holder == holder else None

    def _sweep(self, now: float) -> None:
        self._next_sweep = now + 60
        for name, client in tuple(self._clients.items()):
            _forget(client, now)
            if not client.entries:
                del self._clients[name]


def _standing(client: _Client, request: Request, holder: str, now: float) -> Claim:
    entry = client.entries[request.id]
    if entry.digest != request.digest:
        return Claim(Standing.CONFLICT)
    if entry.holder is None:
        replies = client.replies.get(request.id)
        return Claim(Standing.FORGOTTEN) if replies is None else Claim(Standing.DONE, replies)
    if entry.holder == holder:
        return Claim(Standing.NEW)
    return Claim(Standing.RUNNING if now < entry.leased_until else Standing.UNKNOWN)


def _forget(client: _Client, now: float) -> None:
    if now < client.next_end:
        return
    for request, entry in tuple(client.entries.items()):
        if now >= entry.end:
            _drop_replies(client, request)
            del client.entries[request]
    client.next_end = min((entry.end for entry in client.entries.values()), default=inf)


def _drop_replies(client: _Client, request: str) -> None:
    client.size -= len(client.replies.pop(request, "").encode())
