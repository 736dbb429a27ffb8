"""What only the memory of a process does: it forgets by itself."""

import pytest

from chanx.deduplication.base import Limits, Request, Standing
from chanx.deduplication.memory import MemoryLedger
from tests.chanx.history.test_memory import Clock

LIMITS = Limits(window=60, requests=10, size=100)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr("chanx.deduplication.memory.monotonic", made)
    return made


async def test_clients_that_never_come_again_are_forgotten(clock: Clock) -> None:
    ledger = MemoryLedger()
    for number in range(5):
        request = Request(f"client {number}", "n:1", "d")
        await ledger.claim(request, "me", LIMITS)
        await ledger.finish(request, "me", LIMITS, "[]")
        clock.now += 10
    assert ledger.size() == 5
    clock.now += 30
    # Another client asks: then all are looked at. Three of the five are older than a minute.
    await ledger.claim(Request("another", "n:1", "d"), "me", LIMITS)
    assert ledger.size() == 3


async def test_bytes_of_what_is_over_are_free_again(clock: Clock) -> None:
    ledger = MemoryLedger()
    for number in range(3):
        request = Request("alice", f"n:{number}", "d")
        await ledger.claim(request, "me", LIMITS)
        await ledger.finish(request, "me", LIMITS, "x" * 60)
        clock.now += 61
    assert (await ledger.claim(Request("alice", "n:2", "d"), "other", LIMITS)).standing is Standing.NEW


async def test_each_process_has_an_epoch_of_its_own() -> None:
    assert await MemoryLedger().epoch() != await MemoryLedger().epoch()
