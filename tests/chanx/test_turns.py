"""A turn is interrupted once, whoever asks for it and however often."""

import asyncio

import pytest

from chanx.turns import Interruption, Turn, current_turn


@pytest.mark.parametrize("why", Interruption)
async def test_an_interruption_cancels_the_task_and_says_why(why: Interruption) -> None:
    task: asyncio.Task[object] = asyncio.create_task(asyncio.sleep(60))
    turn = Turn(task)
    assert turn.interruption is None
    turn.interrupt(why)
    await asyncio.wait([task], timeout=2)
    assert task.cancelled()
    assert turn.interruption is why


async def test_a_second_interruption_changes_nothing() -> None:
    cleaned = asyncio.Event()

    async def handle() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            cleaned.set()

    task: asyncio.Task[object] = asyncio.create_task(handle())
    await asyncio.sleep(0)
    turn = Turn(task)
    turn.interrupt(Interruption.TIMEOUT)
    await asyncio.sleep(0)
    turn.interrupt(Interruption.GONE)
    assert task.cancelling() == 1
    await asyncio.wait([task], timeout=2)
    assert cleaned.is_set(), "the second one has cut the cleaning short"
    assert turn.interruption is Interruption.TIMEOUT


async def test_the_turn_reaches_the_tasks_that_a_handler_starts() -> None:
    async def seen() -> Turn | None:
        return current_turn.get()

    assert current_turn.get() is None
    turn = Turn(asyncio.create_task(asyncio.sleep(0)))
    token = current_turn.set(turn)
    started = asyncio.create_task(seen())
    current_turn.reset(token)
    assert await started is turn
    assert current_turn.get() is None
