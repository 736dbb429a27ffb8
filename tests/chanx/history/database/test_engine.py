"""What only a database does: it keeps rows until somebody deletes them."""

from datetime import timedelta

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from chanx.history.base import POSITION_TTL, Bounds
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


def test_old_rows_are_deleted_by_the_next_message() -> None:
    for _ in range(5):
        append("room", Bounds(size=3, ttl=600))
    assert list(HistoryEntry.objects.order_by("seq").values_list("seq", flat=True)) == [3, 4, 5]
