"""What only a database does: it keeps rows until somebody deletes them."""

from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.utils import timezone

from chanx.deduplication.base import Claim, Limits, Request, Standing
from chanx.history.database.engine import DatabaseHistory
from chanx.history.database.ledger import DatabaseLedger
from chanx.history.database.models import HandledRequest

pytestmark = pytest.mark.django_db(transaction=True)

LIMITS = Limits(window=60, requests=10, size=100)
POST = Request("alice", "n:1", "d")


def claim(engine: DatabaseHistory, request: Request = POST, limits: Limits = LIMITS) -> Claim:
    return async_to_sync(engine.ledger().claim)(request, "me", limits)


def test_what_has_outlived_its_time_is_deleted() -> None:
    engine = DatabaseHistory()
    claim(engine)
    claim(engine, Request("bob", "n:1", "d"))
    HandledRequest.objects.filter(client="bob").update(ends_at=timezone.now())
    assert engine.forget_expired() == 1
    assert HandledRequest.objects.get().client == "alice"
    # Of the client itself, its next request deletes them.
    HandledRequest.objects.update(ends_at=timezone.now())
    claim(engine, Request("alice", "n:2", "d"))
    assert HandledRequest.objects.get().frame_id == "n:2"


def test_the_epoch_is_read_once_and_the_row_stays_as_long_as_it_is_used() -> None:
    engine = DatabaseHistory()
    epoch = async_to_sync(engine.ledger().epoch)()
    engine.forget_expired()
    assert async_to_sync(DatabaseHistory().ledger().epoch)() == epoch


def test_somebody_who_was_faster_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look and the insertion, another process has claimed it: the database refuses the second row."""
    engine = DatabaseHistory()
    async_to_sync(engine.ledger().claim)(POST, "faster", LIMITS)
    looks: list[Request] = []
    find_or_make = DatabaseLedger._find_or_make  # pyright: ignore[reportPrivateUsage]  # tested from inside

    def as_if_too_early(self: DatabaseLedger, request: Request, *others: Any) -> Claim:
        looks.append(request)
        if len(looks) > 1:
            return find_or_make(self, request, *others)
        now = timezone.now()
        HandledRequest.objects.create(client="alice", frame_id="n:1", leased_until=now, ends_at=now)
        raise AssertionError("there are two rows")

    monkeypatch.setattr(DatabaseLedger, "_find_or_make", as_if_too_early)
    assert claim(engine) == Claim(Standing.RUNNING)
    assert len(looks) == 2
    assert HandledRequest.objects.count() == 1
