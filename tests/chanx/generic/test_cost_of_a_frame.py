"""What handling a frame costs, counted and not timed: a benchmark tells how fast it is, these tell why it stays so.

A thread hop costs more than all the rest of a small frame, a task or a turn of the event loop a good part of it.
"""

import asyncio
import gc
import json
import logging
import sys
from collections.abc import Awaitable, Callable, Generator, Sized
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import channels.db
import pytest
from asgiref.sync import SyncToAsync

import chanx
from chanx.generic import serving
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from tests.chanx.support import OpenMixin, Said, Say, say

FRAMES = 10
INVALID = {"action": "say", "payload": 5}


class Answers(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
    send_authentication_message = False

    @handler
    async def say(self, message: Say) -> Said:
        return Said(payload=message.payload)


class Steps:
    """Runs a coroutine, and counts how often it gives up control."""

    def __init__(self, work: Awaitable[None]) -> None:
        self._work = work
        self.count = 0

    def __await__(self) -> Generator[Any, Any, None]:
        steps = self._work.__await__()
        answer: Any = None
        while True:
            try:
                awaited = steps.send(answer)
            except StopIteration:
                return
            self.count += 1
            answer = yield awaited


class Socket:
    """A client that sends a frame whenever the connection has handled the one before."""

    def __init__(self, frames: list[str], calls: Sized = ()) -> None:
        events: list[dict[str, Any]] = [{"type": "websocket.receive", "text": frame} for frame in frames]
        self._events = [{"type": "websocket.connect"}, *events, {"type": "websocket.disconnect", "code": 1000}]
        self.sent: list[dict[str, Any]] = []
        #: How often the connection had given up control when each of the events was asked for, and of how many calls
        #: the test then knew.
        self.asked: list[tuple[int, int]] = []
        self._calls = calls

    async def receive(self) -> dict[str, Any]:
        self.asked.append((self.steps.count, len(self._calls)))
        return self._events.pop(0)

    async def send(self, event: dict[str, Any]) -> None:
        self.sent.append(event)

    async def serve(self, consumer: type[Any]) -> "Socket":
        scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": []}

        async def run() -> None:
            await consumer.as_asgi()(scope, self.receive, self.send)

        self.steps = Steps(run())
        await self.steps
        return self

    def per_frame(self) -> list[tuple[int, int]]:
        """How often the connection gave up control while it handled each of the frames, and how many calls it made."""
        return [
            (steps - steps_before, calls - calls_before)
            for (steps_before, calls_before), (steps, calls) in pairwise(self.asked[1:])
        ]


def counted(function: Callable[..., Any], calls: list[Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        calls.append(args)
        return function(*args, **kwargs)

    return call


@pytest.fixture(autouse=True)
def _by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine is no reason to let others have a turn, nor are the database connections of other tests."""
    monkeypatch.setattr(serving, "_FAIR_SECONDS", float("inf"))
    monkeypatch.setattr(serving, "connections_are_old", lambda: False)
    monkeypatch.setattr(channels.db, "close_old_connections", lambda: None)


@pytest.mark.parametrize(("frame", "action"), [(say("x"), "said"), (INVALID, "error")], ids=["valid", "invalid"])
async def test_a_frame_is_handled_without_giving_up_control(
    frame: dict[str, Any], action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No thread, no task, no turn of the event loop and no timer between a frame and its answer."""
    # The class is asked first: what is built once is not counted.
    await Socket([json.dumps(frame)]).serve(Answers)
    calls: list[Any] = []
    loop = asyncio.get_running_loop()
    for name in ("create_task", "run_in_executor", "call_soon", "call_soon_threadsafe", "call_later", "call_at"):
        monkeypatch.setattr(loop, name, counted(getattr(loop, name), calls))
    monkeypatch.setattr(SyncToAsync, "__call__", counted(SyncToAsync.__call__, calls))
    socket = await Socket([json.dumps(frame)] * FRAMES, calls).serve(Answers)
    answers = [json.loads(event["text"])["action"] for event in socket.sent if event["type"] == "websocket.send"]
    assert answers == [action] * FRAMES
    # With the first frame, the watchdog of the event loop may have to begin its rounds.
    assert socket.per_frame()[1:] == [(0, 0)] * (FRAMES - 1)


@pytest.mark.parametrize(("frame", "most"), [(say("x"), 18), (INVALID, 22)], ids=["valid", "invalid"])
async def test_a_frame_takes_few_calls_of_python(
    frame: dict[str, Any], most: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Each takes between 0.03 and 0.1 µs, which whoever adds one adds to each frame; all of it takes about 15.

    The log is as Django configures it.
    """
    caplog.set_level(logging.WARNING, "chanx")
    await Socket([json.dumps(frame)]).serve(Answers)
    package = str(Path(chanx.__file__).parent)
    calls: list[str] = []

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(package):
            calls.append(frame.f_code.co_qualname)

    socket = Socket([json.dumps(frame)] * FRAMES, calls)
    sys.setprofile(note)
    try:
        await socket.serve(Answers)
    finally:
        sys.setprofile(None)
    numbers = [number for _, number in socket.per_frame()[1:]]
    assert max(numbers) <= most, numbers


class Collected(Socket):
    """Counts what is garbage when the last frame has been handled, of what was none after the second one."""

    garbage: int | None = None

    async def receive(self) -> dict[str, Any]:
        event = await super().receive()
        if len(self.asked) == 4:
            gc.collect()
        elif event["type"] == "websocket.disconnect":
            self.garbage = gc.collect()
        return event


@pytest.mark.usefixtures("new_objects_only")
@pytest.mark.parametrize("frame", [say("x"), say("x", id=1), INVALID], ids=["valid", "with id", "invalid"])
async def test_a_frame_leaves_no_garbage_in_cycles(frame: dict[str, Any]) -> None:
    """It would bring forward the collections, which look at all that the process has loaded."""
    gc.disable()
    try:
        socket = Collected([json.dumps(frame)] * FRAMES)
        await socket.serve(Answers)
    finally:
        gc.enable()
    assert socket.garbage == 0


async def test_validation_and_encoding_happen_once(monkeypatch: pytest.MonkeyPatch) -> None:
    codec = Answers()._codec  # pyright: ignore[reportPrivateUsage]  # tested from inside
    validations: list[Any] = []
    encodings: list[Any] = []
    monkeypatch.setattr(codec, "_validate_json", counted(codec._validate_json, validations))  # pyright: ignore[reportPrivateUsage]  # tested from inside
    monkeypatch.setattr(codec, "encode", counted(codec.encode, encodings))
    await Socket([json.dumps(say(str(number))) for number in range(FRAMES)]).serve(Answers)
    assert [json.loads(text)["payload"] for (text,) in validations] == [str(number) for number in range(FRAMES)]
    assert [message.payload for message, _ in encodings] == [str(number) for number in range(FRAMES)]


async def test_requests_cost_nothing_where_they_are_not_deduplicated() -> None:
    """Not one call of what knows them again, from the handshake to the end of the connection."""
    files: set[str] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        files.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        socket = await Socket([json.dumps(say("x", id=number)) for number in range(FRAMES)]).serve(Answers)
    finally:
        sys.setprofile(None)
    assert len(socket.sent) == FRAMES + 1
    assert any(file.endswith("generic/receiving.py") for file in files)
    assert not [file for file in files if "deduplicat" in file]


async def test_others_have_a_turn_now_and_then() -> None:
    socket = await Socket([json.dumps(say("x"))] * 50).serve(Answers)
    assert sum(steps for steps, _ in socket.per_frame()) == 50 // serving._FAIR_SHARE  # pyright: ignore[reportPrivateUsage]  # tested from inside


async def test_others_have_a_turn_after_each_frame_that_took_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is sent leaves the process then; a server may keep it until the event loop goes on."""
    monkeypatch.setattr(serving, "_FAIR_SECONDS", -1.0)
    socket = await Socket([json.dumps(say("x"))] * FRAMES).serve(Answers)
    assert socket.per_frame() == [(1, 0)] * FRAMES
