"""A history in the database: for development, and for services whose groups are not busy.

Each message locks the row of its group until it is kept, so the messages of one group come one after the other, in all
processes.
"""

from datetime import timedelta
from typing import Final

from channels.db import database_sync_to_async
from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils import timezone

from chanx.deduplication.base import Ledger
from chanx.exceptions import SettingError
from chanx.history.base import (
    POSITION_TTL,
    Appended,
    Bounds,
    Entry,
    HistoryEngine,
    Missed,
    Position,
    check_key,
    gap_between,
    new_epoch,
)
from chanx.history.database.ledger import DatabaseLedger
from chanx.history.database.models import HistoryEntry, HistoryGroup, HistoryKey
from chanx.history.database.presence import DatabasePresence
from chanx.presence.base import PresenceEngine

#: How exactly it is known when a group was last asked for; much shorter than POSITION_TTL.
_USE_NOTED: Final = timedelta(days=1)


class DatabaseHistory(HistoryEngine):
    """Shared by every process that uses the same database. Needs ``chanx.history.database`` in INSTALLED_APPS.

    A message that is appended inside of a transaction is kept when that is committed.

    :param using: alias of the database.

    Raises :class:`~chanx.exceptions.SettingError` where its application is not installed.
    """

    def __init__(self, using: str = DEFAULT_DB_ALIAS) -> None:
        if not apps.is_installed("chanx.history.database"):
            raise SettingError("DatabaseHistory has no tables: add 'chanx.history.database' to INSTALLED_APPS.")
        self._using = using
        self._ledger = DatabaseLedger(using, self._epoch)

    async def append(self, group: str, body: str, bounds: Bounds, *, key: str | None = None) -> Appended:
        check_key(key)
        return await database_sync_to_async(self._append)(group, body, bounds, key)

    async def position(self, group: str) -> Position:
        return await database_sync_to_async(self._position)(group)

    async def since(self, group: str, position: Position, *, limit: int) -> Missed:
        return await database_sync_to_async(self._since)(group, position, limit)

    def ledger(self) -> Ledger:
        return self._ledger

    def presence(self) -> PresenceEngine:
        return DatabasePresence(self._using)

    def forget_expired(self) -> int:
        """Deletes what has outlived its time, and returns the number of rows; for a periodic task."""
        now = timezone.now()
        entries = HistoryEntry.objects.using(self._using)
        deleted = 0
        for row in HistoryGroup.objects.using(self._using).filter(entries__isnull=False).distinct().iterator():
            if _is_over(row):
                deleted += entries.filter(group=row, seq__lte=row.seq).delete()[0]
        deleted += HistoryKey.objects.using(self._using).filter(ends_at__lte=now).delete()[0]
        deleted += self._ledger.forget_expired()
        unused = now - timedelta(seconds=POSITION_TTL)
        return deleted + HistoryGroup.objects.using(self._using).filter(used_at__lte=unused).delete()[0]

    def _append(self, group: str, body: str, bounds: Bounds, key: str | None) -> Appended:
        with transaction.atomic(using=self._using):
            row = self._locked(group)
            if key is not None and (seen := self._seen(row, key)) is not None:
                return Appended(Position(row.epoch, seen), is_new=False)
            entries = HistoryEntry.objects.using(self._using)
            if _is_over(row):
                entries.filter(group=row).delete()
            row.seq += 1
            row.appended_at = timezone.now()
            row.ttl = bounds.ttl
            row.save(using=self._using, update_fields=("seq", "appended_at", "ttl"))
            entries.create(group=row, seq=row.seq, body=body)
            entries.filter(group=row, seq__lte=row.seq - bounds.size).delete()
            if key is not None:
                HistoryKey.objects.using(self._using).create(
                    group=row,
                    key=key,
                    epoch=row.epoch,
                    seq=row.seq,
                    ends_at=row.appended_at + timedelta(seconds=bounds.ttl),
                )
            return Appended(Position(row.epoch, row.seq), is_new=True)

    def _position(self, group: str) -> Position:
        row = self._row(group)
        return Position(row.epoch, row.seq)

    def _since(self, group: str, position: Position, limit: int) -> Missed:
        # The row first: a message that is appended in between is one of the entries, and beyond the row's offset. Who
        # reads on until both are equal has missed none.
        row = self._row(group)
        entries: tuple[Entry, ...] = ()
        if not _is_over(row):
            found = HistoryEntry.objects.using(self._using).filter(group=row, seq__gt=position.seq).order_by("seq")
            entries = tuple(Entry(each.seq, each.body) for each in found[:limit])
        current = Position(row.epoch, row.seq)
        gap = gap_between(position, current, entries[0].seq if entries else None)
        return Missed(current, () if gap else entries, gap)

    def _epoch(self) -> str:
        """Of a group that no channel layer would allow: what the database has lost, it has lost of all groups."""
        return self._position(":").epoch

    def _row(self, group: str) -> HistoryGroup:
        """The row of a group, for reading. Writes but once a day that it is in use: it is read all the time."""
        row = HistoryGroup.objects.using(self._using).filter(name=group).first()
        if row is not None and row.used_at > timezone.now() - _USE_NOTED:
            return row
        with transaction.atomic(using=self._using):
            return self._locked(group)

    def _locked(self, group: str) -> HistoryGroup:
        """The row of a group, which nobody else changes before the transaction ends."""
        rows = HistoryGroup.objects.using(self._using)
        now = timezone.now()
        # An UPDATE locks the row everywhere; SELECT … FOR UPDATE would lock nothing in SQLite.
        if not rows.filter(name=group).update(used_at=now):
            rows.get_or_create(name=group, defaults={"epoch": new_epoch(), "used_at": now})
            rows.filter(name=group).update(used_at=now)
        return rows.get(name=group)

    def _seen(self, row: HistoryGroup, key: str) -> int | None:
        """The offset of the message that has come with an idempotency key."""
        keys = HistoryKey.objects.using(self._using).filter(group=row, key=key)
        found = keys.filter(epoch=row.epoch, ends_at__gt=timezone.now()).first()
        if found is None:
            keys.delete()
            return None
        return found.seq


def _is_over(row: HistoryGroup) -> bool:
    """Whether the messages of a group have outlived their time."""
    return row.appended_at is not None and timezone.now() >= row.appended_at + timedelta(seconds=row.ttl)
