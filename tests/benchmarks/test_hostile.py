"""The frames that are as expensive as can be, and what they may cost at most."""

import asyncio

from pytest_django import Settings

from tests.benchmarks.hostile.benchmark import LIMIT, hold_times
from tests.benchmarks.hostile.pathological import FULL, frames


def test_the_frames_are_full() -> None:
    assert all(FULL - 2000 < len(text.encode()) <= FULL for text in frames().values())


def test_no_frame_holds_the_event_loop(settings: Settings) -> None:
    """CPU time, of which a busy machine takes none away; the slowest takes about half of it."""
    held = asyncio.run(hold_times(2))
    assert {name: seconds for name, seconds in held.items() if seconds * 1000 >= LIMIT} == {}
