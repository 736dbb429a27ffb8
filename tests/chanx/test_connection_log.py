"""The records of one connection: what they hold, and how many there may be."""

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import Settings

from chanx import connection_log
from chanx.connection_log import HANDLERS, RECEIVED, SENT, ConnectionLog
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from tests.chanx.support import OpenMixin, Say, connected, say


class Clock:
    def __init__(self) -> None:
        self.seconds = 1000.0

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(connection_log, "time", clock)
    return clock


class Seen(logging.Handler):
    """What is written below ``chanx``, as a service writes it that collects JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def lines(self) -> list[dict[str, Any]]:
        known = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}
        return [
            json.loads(
                json.dumps(
                    {
                        "level": record.levelname,
                        "logger": record.name,
                        "text": record.getMessage(),
                        **{key: value for key, value in vars(record).items() if key not in known},
                    }
                )
            )
            for record in self.records
        ]


@pytest.fixture
def seen() -> Iterator[Seen]:
    root, handler = logging.getLogger("chanx"), Seen()
    level, propagate = root.level, root.propagate
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)
    root.propagate = propagate


def test_each_record_has_the_fields_of_its_connection(seen: Seen) -> None:
    first, second = ConnectionLog("chat.Chat"), ConnectionLog("chat.Chat")
    first.write(RECEIVED, logging.INFO, "received %s", "say", action="say")
    first.identify("auth.user:3")
    first.write(SENT, logging.WARNING, "sends")
    second.write(SENT, logging.INFO, "sends")
    common = {"consumer": "chat.Chat", "connection": first.connection}
    assert seen.lines == [
        {"level": "INFO", "logger": "chanx.received", "text": "chat.Chat received say", "action": "say", **common},
        {"level": "WARNING", "logger": "chanx.sent", "text": "chat.Chat sends", "user": "auth.user:3", **common},
        {
            "level": "INFO",
            "logger": "chanx.sent",
            "text": "chat.Chat sends",
            "consumer": "chat.Chat",
            "connection": second.connection,
        },
    ]
    assert first.connection != second.connection
    assert seen.records[0].filename == "test_connection_log.py"


def test_a_failure_has_its_traceback(seen: Seen) -> None:
    log = ConnectionLog("chat.Chat")
    try:
        raise RuntimeError("broken")
    except RuntimeError as error:
        log.failure(HANDLERS, "failed (error_id %s)", "e1", error_id="e1")
        assert seen.records[0].exc_info == (RuntimeError, error, error.__traceback__)
    assert seen.lines[0]["error_id"] == "e1"


def test_what_no_logger_wants_counts_for_nothing(
    seen: Seen, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CHANX = {"LOG_RECORDS_PER_MINUTE": 1}
    log = ConnectionLog("chat.Chat")
    monkeypatch.setattr(RECEIVED, "level", logging.WARNING)
    RECEIVED.manager._clear_cache()  # type: ignore[attr-defined]  # of logging, and not in its types
    for _ in range(5):
        log.write(RECEIVED, logging.INFO, "received")
    log.write(SENT, logging.INFO, "sends")
    log.finish()
    assert [line["text"] for line in seen.lines] == ["chat.Chat sends"]
    monkeypatch.undo()
    RECEIVED.manager._clear_cache()  # type: ignore[attr-defined]  # of logging, and not in its types


def test_records_beyond_the_bound_are_left_out_and_counted(seen: Seen, settings: Settings, clock: Clock) -> None:
    settings.CHANX = {"LOG_RECORDS_PER_MINUTE": 3}
    log = ConnectionLog("chat.Chat")
    for number in range(10):
        log.write(RECEIVED, logging.INFO, "received %d", number)
        clock.seconds += 1
    assert [line["text"] for line in seen.lines] == [f"chat.Chat received {number}" for number in range(3)]
    clock.seconds += 49.9
    log.write(RECEIVED, logging.INFO, "received too early")
    clock.seconds += 0.1
    log.write(RECEIVED, logging.INFO, "received again")
    told, again = seen.lines[3:]
    assert (told["level"], told["left_out"]) == ("WARNING", 8)
    assert told["text"] == "chat.Chat left out 8 records about a connection, more than LOG_RECORDS_PER_MINUTE allows"
    assert again["text"] == "chat.Chat received again"
    log.finish()
    assert len(seen.lines) == 5


def test_what_was_left_out_is_told_at_the_end(seen: Seen, settings: Settings, clock: Clock) -> None:
    settings.CHANX = {"LOG_RECORDS_PER_MINUTE": 1}
    log = ConnectionLog("chat.Chat")
    for _ in range(4):
        log.write(RECEIVED, logging.INFO, "received")
    log.finish()
    log.finish()
    assert [line.get("left_out") for line in seen.lines] == [None, 3]


def test_a_traceback_counts_as_ten(seen: Seen, settings: Settings, clock: Clock) -> None:
    settings.CHANX = {"LOG_RECORDS_PER_MINUTE": 25}
    log = ConnectionLog("chat.Chat")
    for _ in range(4):
        log.failure(HANDLERS, "failed")
    assert len(seen.lines) == 2
    for _ in range(10):
        log.write(RECEIVED, logging.INFO, "received")
    assert len(seen.lines) == 7


def test_without_a_bound_nothing_is_left_out(seen: Seen, settings: Settings) -> None:
    settings.CHANX = {"LOG_RECORDS_PER_MINUTE": None}
    log = ConnectionLog("chat.Chat")
    for _ in range(1000):
        log.write(RECEIVED, logging.INFO, "received")
    assert len(seen.lines) == 1000


class Fails(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
    @handler
    async def say(self, message: Say) -> None:
        raise RuntimeError("each time")


async def test_a_client_that_sends_nonsense_fills_no_disk(seen: Seen, settings: Settings) -> None:
    settings.CHANX = {"LOG_RECORDS_PER_MINUTE": 50, "SEND_MESSAGE_IMMEDIATELY": False}
    communicator = await connected(Fails)
    for number in range(300):
        await communicator.send_json_to(say("x") if number % 2 else {"action": f"\x1b{number}"})
        assert (await communicator.receive_json_from())["action"] == "error"
    await communicator.disconnect()
    lines = seen.lines
    assert len(lines) <= 51
    assert sum(record.exc_info is not None for record in seen.records) <= 5
    (told,) = [line for line in lines if "left_out" in line]
    # A refused frame: one record for it and one for the answer. A handled one: one, the traceback, and the answer.
    assert told["left_out"] + len(lines) - 1 == 1 + 150 * 2 + 150 * 3
    assert len({line["connection"] for line in lines}) == 1
    assert {"chanx.received", "chanx.handlers", "chanx.sent"} == {line["logger"] for line in lines}
