"""Every engine keeps the same promises about requests."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace

import pytest

from chanx.deduplication.base import Claim, Ledger, Limits, Request, Standing
from chanx.history.base import HistoryEngine

WIDE = Limits(window=60, requests=100, size=10_000)
POST = Request(client="alice", id="t:1", digest="d1")


def request(number: int, client: str = "alice") -> Request:
    return Request(client=client, id=f"n:{number}", digest=f"digest {number}")


async def standing(ledger: Ledger, what: Request = POST, holder: str = "other", limits: Limits = WIDE) -> Standing:
    return (await ledger.claim(what, holder, limits)).standing


async def handle(ledger: Ledger, what: Request, replies: str | None, limits: Limits = WIDE) -> None:
    assert await standing(ledger, what, "me", limits) is Standing.NEW
    await ledger.finish(what, "me", limits, replies)


async def until(ledger: Ledger, expected: Standing, what: Request, limits: Limits = WIDE) -> None:
    """Waits for what time brings about."""
    deadline = time.monotonic() + 20
    while await standing(ledger, what, "other", limits) is not expected:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.05)


async def test_a_request_is_claimed_once_and_its_replies_are_kept(ledger: Ledger) -> None:
    assert await ledger.claim(POST, "me", WIDE) == Claim(Standing.NEW)
    assert await ledger.claim(POST, "other", WIDE) == Claim(Standing.RUNNING)
    await ledger.finish(POST, "me", WIDE, '["{}"]')
    assert await ledger.claim(POST, "other", WIDE) == Claim(Standing.DONE, '["{}"]')
    assert await ledger.claim(POST, "me", WIDE) == Claim(Standing.DONE, '["{}"]')


async def test_of_many_at_once_one_gets_it(ledger: Ledger, new_engine: Callable[[], HistoryEngine]) -> None:
    engines = [new_engine() for _ in range(3)]
    claims = [engine.ledger().claim(POST, f"{number}", WIDE) for number, engine in enumerate(engines * 4)]
    found = [claim.standing for claim in await asyncio.gather(*claims)]
    assert sorted(found, key=lambda each: each.value) == [Standing.NEW] + [Standing.RUNNING] * 11
    for engine in engines:
        await engine.close()


async def test_a_claim_that_its_holder_repeats_succeeds_again(ledger: Ledger) -> None:
    assert await standing(ledger, POST, "me") is Standing.NEW
    assert await standing(ledger, POST, "me") is Standing.NEW
    assert await standing(ledger, POST) is Standing.RUNNING


async def test_replies_come_back_unchanged(ledger: Ledger) -> None:
    for number, replies in enumerate(["[]", '["é 🐍 \\u2028"]', '["' + "x" * 5000 + '"]']):
        await handle(ledger, request(number), replies)
        assert await ledger.claim(request(number), "other", WIDE) == Claim(Standing.DONE, replies)


async def test_another_frame_with_the_same_id_is_another_request(ledger: Ledger) -> None:
    assert await standing(ledger, POST, "me") is Standing.NEW
    assert await standing(ledger, replace(POST, digest="d2")) is Standing.CONFLICT
    await ledger.finish(POST, "me", WIDE, "[]")
    assert await standing(ledger, replace(POST, digest="d2")) is Standing.CONFLICT
    assert await standing(ledger, POST) is Standing.DONE


async def test_clients_and_ids_know_nothing_of_each_other(ledger: Ledger) -> None:
    ids = ["t:1", "n:1", "t:", "t: 1", "t:1 ", "t:é", "t:" + "x" * 64, "t:a|b", "T:1"]
    requests = [Request(client, each, "d") for client in ("alice", "Alice", "bob") for each in ids]
    for number, each in enumerate(requests):
        await handle(ledger, each, f"[{number}]")
    for number, each in enumerate(requests):
        assert await ledger.claim(each, "other", WIDE) == Claim(Standing.DONE, f"[{number}]")


async def test_a_holder_that_has_died_leaves_nobody_knowing(ledger: Ledger) -> None:
    assert await standing(ledger, POST, "me") is Standing.NEW
    await ledger.renew(POST, "me", WIDE, lease=0.3)
    assert await standing(ledger) is Standing.RUNNING
    await until(ledger, Standing.UNKNOWN, POST)
    assert await standing(ledger, replace(POST, digest="d2")) is Standing.CONFLICT


async def test_a_holder_that_was_only_late_still_ends_it(ledger: Ledger) -> None:
    assert await standing(ledger, POST, "me") is Standing.NEW
    await ledger.renew(POST, "me", WIDE, lease=0)
    assert await standing(ledger) is Standing.UNKNOWN
    await ledger.finish(POST, "me", WIDE, "[]")
    assert await standing(ledger) is Standing.DONE


async def test_only_the_holder_has_a_say(ledger: Ledger) -> None:
    assert await standing(ledger, POST, "me") is Standing.NEW
    await ledger.renew(POST, "other", WIDE, lease=0)
    await ledger.finish(POST, "other", WIDE, "[]")
    await ledger.release(POST, "other")
    assert await standing(ledger) is Standing.RUNNING
    await ledger.finish(POST, "me", WIDE, "[1]")
    for holder in ("me", "other"):
        await ledger.finish(POST, holder, WIDE, "[2]")
        await ledger.release(POST, holder)
    assert await ledger.claim(POST, "other", WIDE) == Claim(Standing.DONE, "[1]")


async def test_a_released_request_may_come_again(ledger: Ledger) -> None:
    assert await standing(ledger, POST, "me") is Standing.NEW
    await ledger.release(POST, "me")
    assert await standing(ledger, replace(POST, digest="d2")) is Standing.NEW


async def test_requests_are_forgotten_after_the_window(ledger: Ledger) -> None:
    narrow = replace(WIDE, window=0.3)
    await handle(ledger, POST, "[]", narrow)
    await until(ledger, Standing.NEW, POST, narrow)


async def test_the_window_begins_again_at_the_end(ledger: Ledger) -> None:
    narrow = replace(WIDE, window=0.3)
    assert await standing(ledger, POST, "me", narrow) is Standing.NEW
    await ledger.renew(POST, "me", WIDE)
    await asyncio.sleep(0.5)
    assert await standing(ledger, POST) is Standing.RUNNING
    await ledger.finish(POST, "me", WIDE, "[]")
    await asyncio.sleep(0.5)
    assert await standing(ledger, POST) is Standing.DONE


async def test_a_client_with_too_many_requests_is_told_when_there_is_room(ledger: Ledger) -> None:
    limits = Limits(window=0.5, requests=2, size=1000)
    for number in (1, 2):
        await handle(ledger, request(number), "[]", limits)
    full = await ledger.claim(request(3), "me", limits)
    assert full.standing is Standing.FULL
    assert 0 < full.wait <= 0.5
    # What is known stays known, and others have their own room.
    assert await standing(ledger, request(1), "other", limits) is Standing.DONE
    assert await standing(ledger, request(3, "bob"), "me", limits) is Standing.NEW
    await until(ledger, Standing.NEW, request(3), limits)


async def test_replies_make_room_for_new_ones_but_requests_do_not(ledger: Ledger) -> None:
    limits = replace(WIDE, size=100)
    for number in (1, 2, 3):
        await handle(ledger, request(number), '["' + "x" * 40 + '"]', limits)
    assert [await standing(ledger, request(number)) for number in (1, 2, 3)] == [
        Standing.FORGOTTEN,
        Standing.DONE,
        Standing.DONE,
    ]
    await handle(ledger, request(4), '["' + "x" * 96 + '"]', limits)
    assert [await standing(ledger, request(number)) for number in (1, 2, 3, 4)] == [Standing.FORGOTTEN] * 3 + [
        Standing.DONE
    ]


@pytest.mark.parametrize("replies", [None, '["' + "x" * 100 + '"]', '["' + "é" * 49 + '"]'])
async def test_replies_that_do_not_fit_are_not_kept(ledger: Ledger, replies: str | None) -> None:
    limits = replace(WIDE, size=100)
    await handle(ledger, request(1), "[]", limits)
    await handle(ledger, POST, replies, limits)
    assert await standing(ledger) is Standing.FORGOTTEN
    assert await standing(ledger, request(1)) is Standing.DONE


async def test_a_repeat_is_handled_where_the_ledger_has_been_there_all_the_time(
    ledger: Ledger, new_engine: Callable[[], HistoryEngine]
) -> None:
    epoch = await ledger.epoch()
    assert 0 < len(epoch) <= 20
    assert "." not in epoch
    another = new_engine()
    assert await another.ledger().epoch() == epoch
    await another.close()
    assert await standing(ledger, replace(POST, known_since=epoch)) is Standing.NEW


async def test_a_repeat_of_before_the_ledger_has_lost_its_memory_is_not_handled(ledger: Ledger) -> None:
    lost = replace(POST, known_since="before")
    assert await standing(ledger, lost) is Standing.UNKNOWN
    # It was not claimed by that; and whoever asks for the first time is served.
    await handle(ledger, POST, "[]")
    # What is there is true, whatever else was lost.
    assert await standing(ledger, lost) is Standing.DONE


async def test_nothing_is_left_behind_by_claims_that_fail(ledger: Ledger) -> None:
    narrow = Limits(window=60, requests=1, size=100)
    await standing(ledger, replace(POST, known_since="before"), "me", narrow)
    assert await standing(ledger, request(1), "me", narrow) is Standing.NEW
