"""No message makes a consumer fail, end, or say what its document lacks: the short form of ``make fuzz``.

The long form is the same program with more messages; see :mod:`tests.hostile.fuzz`.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from random import Random
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hostile.fuzz import VALID, Fuzzer, FuzzError, Target, fuzz, targets
from tests.hostile.fuzz_service import Rich
from tests.servers import ROOT

#: How many messages; the Makefile says it.
MESSAGES: Final = int(os.environ.get("FUZZ_MESSAGES", "50000"))


def test_random_messages() -> None:
    """In a process of its own, where nobody else holds the frames against the document."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.fuzz", "--messages", str(MESSAGES)],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'management'}",
            "DJANGO_SETTINGS_MODULE": "tests.contract.settings",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-5000:]
    counted = {
        name: int(number)
        for number, _, name in (line.strip().partition(" ") for line in done.stdout.splitlines())
        if number.isdigit()
    }
    # What it has reached: a fuzzer that only makes noise finds nothing.
    for answer in (
        "taken",
        "pong",
        "too_deep",
        "invalid_json",
        "duplicate_key",
        "missing",
        "union_tag_invalid",
        "closed",
    ):
        assert counted[answer] * 2000 >= MESSAGES, (answer, counted)


def _replaced(message: Mapping[str, Any], key: str, value: Any) -> str:
    return json.dumps({**message, key: value})


JSON: Final[st.SearchStrategy[Any]] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=5) | st.dictionaries(st.text(max_size=8), inside, max_size=5),
    max_leaves=20,
)
FRAMES: Final[st.SearchStrategy[str]] = st.one_of(
    st.text(max_size=200),
    JSON.map(json.dumps),
    st.builds(_replaced, st.sampled_from(VALID), st.sampled_from(["action", "payload", "id", "other"]), JSON),
)


@pytest.mark.django_db
def test_messages_of_hypothesis() -> None:
    """Fewer, but a failure comes as the smallest message that makes it."""
    (plain, *_) = targets()

    @settings(
        max_examples=150, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    @given(st.lists(FRAMES, min_size=1, max_size=20))
    def answered(frames: list[str]) -> None:
        events = [{"type": "websocket.receive", "text": frame.encode("utf-8", "replace").decode()} for frame in frames]
        asyncio.run(_answered(plain, events))

    answered()


async def _answered(target: Target, events: list[dict[str, Any]]) -> None:
    from django.test import override_settings

    with override_settings(CHANX=target.chanx):
        await target.take(events)


def test_the_same_seed_makes_the_same() -> None:
    first, second = (Fuzzer(Random(5)).events() for _ in range(2))
    assert [next(first) for _ in range(300)] == [next(second) for _ in range(300)]


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("raises", "handler_failed|logged"),
        pytest.param(
            "undescribed", "no sent message", marks=pytest.mark.undescribed_frames("it is what must be found")
        ),
        ("ends", "ended|StopConsumer"),
        ("silent", "no answer"),
    ],
)
def test_it_finds_what_is_wrong(fault: str, complaint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fuzzer that never fails proves nothing: each kind of failure once, on purpose."""
    from channels.exceptions import StopConsumer

    async def wrong(self: Any, message: Any, **kwargs: Any) -> None:
        if fault == "raises":
            raise RuntimeError("on purpose")
        if fault == "ends":
            raise StopConsumer
        if fault == "undescribed":
            await self._send_text('{"action":"secret"}', "secret", is_last=False)

    (plain, *_) = targets()
    monkeypatch.setattr(Rich, "receive_message", wrong)
    with pytest.raises(FuzzError, match=complaint):
        asyncio.run(fuzz(2000, 1, [plain]))
