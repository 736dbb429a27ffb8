"""A ledger in the database. A unique row for each request decides who handles it."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from channels.db import database_sync_to_async
from django.db import IntegrityError, transaction
from django.db.models import Count, Min, QuerySet, Sum
from django.utils import timezone

from chanx.deduplication.base import LEASE, Claim, Ledger, Limits, Request, Standing, is_to_be_kept
from chanx.history.database.models import HandledRequest

#: Seconds for which a process relies on the epoch that it has read: a database forgets only when people make it.
_EPOCH_TTL: Final = 3600.0


class DatabaseLedger(Ledger):
    """Shared by every process that uses the same database.

    Claims are committed on their own: a handler's transaction has no part in them.

    :param using: alias of the database.
    :param read_epoch: reads it from the database.
    """

    def __init__(self, using: str, read_epoch: Callable[[], str]) -> None:
        self._using = using
        self._read_epoch = read_epoch
        self._epoch = ""
        self._epoch_end = 0.0

    async def epoch(self) -> str:
        return await database_sync_to_async(self._current_epoch)()

    async def claim(self, request: Request, holder: str, limits: Limits) -> Claim:
        return await database_sync_to_async(self._claim)(request, holder, limits)

    async def renew(self, request: Request, holder: str, limits: Limits, *, lease: float = LEASE) -> None:
        await database_sync_to_async(self._renew)(request, holder, limits, lease)

    async def finish(self, request: Request, holder: str, limits: Limits, replies: str | None) -> None:
        await database_sync_to_async(self._finish)(request, holder, limits, replies)

    async def release(self, request: Request, holder: str) -> None:
        await database_sync_to_async(self._held(request, holder).delete)()

    def forget_expired(self) -> int:
        """Deletes what has outlived its time, of every client; returns the number of rows."""
        return self._rows().filter(ends_at__lte=timezone.now()).delete()[0]

    def _rows(self) -> QuerySet[HandledRequest]:
        return HandledRequest.objects.using(self._using)

    def _held(self, request: Request, holder: str) -> QuerySet[HandledRequest]:
        return self._rows().filter(client=request.client, frame_id=request.id, holder=holder)

    def _current_epoch(self) -> str:
        if time.monotonic() >= self._epoch_end:
            self._epoch = self._read_epoch()
            self._epoch_end = time.monotonic() + _EPOCH_TTL
        return self._epoch

    def _claim(self, request: Request, holder: str, limits: Limits) -> Claim:
        epoch = self._current_epoch()
        try:
            with transaction.atomic(using=self._using):
                return self._find_or_make(request, holder, limits, epoch)
        except IntegrityError:
            # Somebody else was faster, and is committed.
            with transaction.atomic(using=self._using):
                return self._find_or_make(request, holder, limits, epoch)

    def _find_or_make(self, request: Request, holder: str, limits: Limits, epoch: str) -> Claim:
        now = timezone.now()
        mine = self._rows().filter(client=request.client)
        # First, and also where there is nothing to delete: SQLite lets a transaction that has read not write any more
        # when another one has written meanwhile.
        mine.filter(ends_at__lte=now).delete()
        row = mine.filter(frame_id=request.id).first()
        if row is not None:
            return _standing(row, request, holder, now)
        if request.known_since not in (None, epoch):
            return Claim(Standing.UNKNOWN)
        remembered = mine.aggregate(number=Count("pk"), first=Min("ends_at"))
        if remembered["number"] >= limits.requests:
            return Claim(Standing.FULL, wait=(remembered["first"] - now).total_seconds())
        self._rows().create(
            client=request.client,
            frame_id=request.id,
            digest=request.digest,
            holder=holder,
            leased_until=now + timedelta(seconds=LEASE),
            ends_at=now + timedelta(seconds=limits.window),
        )
        return Claim(Standing.NEW)

    def _renew(self, request: Request, holder: str, limits: Limits, lease: float) -> None:
        now = timezone.now()
        ends_at = now + timedelta(seconds=limits.window)
        self._held(request, holder).update(leased_until=now + timedelta(seconds=lease), ends_at=ends_at)

    def _finish(self, request: Request, holder: str, limits: Limits, replies: str | None) -> None:
        ends_at = timezone.now() + timedelta(seconds=limits.window)
        kept = replies if replies is not None and is_to_be_kept(replies, limits) else ""
        with transaction.atomic(using=self._using):
            updated = self._held(request, holder).update(
                holder="", replies=kept, size=len(kept.encode()), ends_at=ends_at
            )
            if updated and kept:
                self._make_room(request, limits)

    def _make_room(self, request: Request, limits: Limits) -> None:
        with_replies = self._rows().filter(client=request.client, size__gt=0)
        size = with_replies.aggregate(size=Sum("size"))["size"] or 0
        if size <= limits.size:
            return
        for row in with_replies.exclude(frame_id=request.id).order_by("ends_at").defer("replies"):
            with_replies.filter(pk=row.pk).update(replies="", size=0)
            size -= row.size
            if size <= limits.size:
                return


def _standing(row: HandledRequest, request: Request, holder: str, now: datetime) -> Claim:
    if row.digest != request.digest:
        return Claim(Standing.CONFLICT)
    if not row.holder:
        return Claim(Standing.DONE, row.replies) if row.replies else Claim(Standing.FORGOTTEN)
    if row.holder == holder:
        return Claim(Standing.NEW)
    return Claim(Standing.RUNNING if now < row.leased_until else Standing.UNKNOWN)
