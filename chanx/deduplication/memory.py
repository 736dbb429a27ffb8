"""A ledger in the memory of one process."""

from dataclasses import dataclass, field
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
    replies: str | None = None


@dataclass(slots=True)
class _Client:
    #: By id, in the order of the claims.
    entries: dict[str, _Entry] = field(default_factory=dict[str, _Entry])
    #: Bytes of replies.
    size: int = 0


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
            entry = client.entries.get(request.id)
            if entry is not None:
                return _standing(entry, request, holder, now)
            if request.known_since not in (None, self._epoch):
                return Claim(Standing.UNKNOWN)
            if len(client.entries) >= limits.requests:
                return Claim(Standing.FULL, wait=min(each.end for each in client.entries.values()) - now)
            client.entries[request.id] = _Entry(request.digest, holder, now + LEASE, now + limits.window)
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
                client.size += len(replies.encode())
                for older in client.entries.values():
                    if client.size <= limits.size:
                        break
                    _drop_replies(client, older)
                entry.replies = replies

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


def _standing(entry: _Entry, request: Request, holder: str, now: float) -> Claim:
    if entry.digest != request.digest:
        return Claim(Standing.CONFLICT)
    if entry.holder is None:
        return Claim(Standing.FORGOTTEN) if entry.replies is None else Claim(Standing.DONE, entry.replies)
    if entry.holder == holder:
        return Claim(Standing.NEW)
    return Claim(Standing.RUNNING if now < entry.leased_until else Standing.UNKNOWN)


def _forget(client: _Client, now: float) -> None:
    for request, entry in tuple(client.entries.items()):
        if now >= entry.end:
            _drop_replies(client, entry)
            del client.entries[request]


def _drop_replies(client: _Client, entry: _Entry) -> None:
    if entry.replies is not None:
        client.size -= len(entry.replies.encode())
        entry.replies = None
