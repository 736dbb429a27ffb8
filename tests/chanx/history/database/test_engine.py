"""What only a database does: it keeps rows until somebody deletes them."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chanx.history.base import POSITION_TTL, Bounds, Position
from chanx.history.database.engine import DatabaseHistory
from chanx.history.database.models import HistoryEntry, HistoryGroup, HistoryKey

pytestmark = pytest.mark.django_db(transaction=True)


def append(group: str, bounds: Bounds, *, key: str | None = None) -> None:
    async_to_sync(DatabaseHistory().append)(group, "{}", bounds, key=key)


def count() -> tuple[int, int, int]:
    return HistoryGroup.objects.count(), HistoryEntry.objects.count(), HistoryKey.objects.count()


def test_what_has_outlived_its_time_is_deleted() -> None:
    append("old", Bounds(size=9, ttl=0.000001), key="one")
    append("young", Bounds(size=9, ttl=600), key="one")
    assert count() == (2, 2, 2)
    assert DatabaseHistory().forget_expired() == 2
    # The numbering stays: who has missed nothing is told so.
    assert count() == (2, 1, 1)
    assert DatabaseHistory().forget_expired() == 0


def test_a_numbering_that_nobody_asks_for_is_deleted_at_last() -> None:
    append("room", Bounds(size=9, ttl=600))
    HistoryGroup.objects.update(used_at=timezone.now() - timedelta(seconds=POSITION_TTL + 1))
    DatabaseHistory().forget_expired()
    assert count() == (0, 0, 0)


def test_who_looks_for_messages_writes_nothing() -> None:
    """Each process looks into each of its groups every five seconds."""
    append("room", Bounds(size=9, ttl=600))
    engine = DatabaseHistory()
    begin = Position(async_to_sync(engine.position)("room").epoch, 0)
    with CaptureQueriesContext(connection) as queries:
        missed = async_to_sync(engine.since)("room", begin, limit=9)
    assert [entry.body for entry in missed.entries] == ["{}"]
    assert [query["sql"].partition(" ")[0] for query in queries] == ["SELECT", "SELECT"]


def test_that_a_group_is_in_use_is_noted_once_a_day() -> None:
    append("room", Bounds(size=9, ttl=600))
    for age, is_noted in ((timedelta(hours=23), False), (timedelta(hours=25), True)):
        before = timezone.now() - age
        HistoryGroup.objects.update(used_at=before)
        async_to_sync(DatabaseHistory().position)("room")
        assert (HistoryGroup.objects.get().used_at > before) == is_noted


def test_old_rows_are_deleted_by_the_next_message() -> None:
    for _ in range(5):
        append("room", Bounds(size=3, ttl=600))
    assert list(HistoryEntry.objects.order_by("seq").values_list("seq", flat=True)) == [3, 4, 5]
