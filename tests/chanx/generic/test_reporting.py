"""What clients, and the log, are told of frames that were refused, and of handlers that have failed."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest
from pydantic import field_validator

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from tests.chanx.support import Count, Echo, OpenMixin, Said, Say, connected, records, said, say

Frame = dict[str, Any]


class Talk(OpenMixin, AsyncJsonWebsocketConsumer[Say | Count]):
    """Fails when it is told to."""

    @handler
    async def say(self, message: Say) -> Said:
        if message.payload == "fail":
            raise LookupError("a secret of the server")
        return Said(payload=message.payload)

    @handler
    async def count(self, message: Count) -> AsyncIterator[Said]:
        yield Said(payload="1")
        raise LookupError("a secret of the server")


async def test_a_refused_frame_is_logged_by_the_kinds_of_its_errors(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "chanx.received")
    communicator = await connected(Echo)
    await communicator.send_json_to({"action": "say", "payload": ["a secret of the client"]})
    (error,) = (await communicator.receive_json_from())["payload"]
    assert error["type"] == "string_type"
    (logged,) = [each.getMessage() for each in caplog.records if each.name == "chanx.received"]
    assert logged == f"{Echo.spec.path} refused a frame: ['string_type']"
    await communicator.disconnect()


@pytest.mark.parametrize("frame", [say("fail"), {"action": "count", "payload": 102}], ids=["reply", "stream"])
async def test_a_failed_handler_is_told_by_an_id_that_the_log_knows(
    frame: Frame, caplog: pytest.LogCaptureFixture
) -> None:
    communicator = await connected(Talk)
    await communicator.send_json_to(frame)
    frames = await communicator.receive_until_action("error", inclusive=True)
    failure = frames[-1]["payload"]
    assert failure == {
        "detail": "Failed to process message",
        "code": "handler_failed",
        "error_id": failure["error_id"],
    }
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage() == (
        f"{Talk.spec.path} failed to process {frame['action']} (error_id {failure['error_id']})"
    )
    assert record.exc_info is not None
    assert record.exc_info[0] is LookupError
    assert (vars(record)["action"], vars(record)["error_id"]) == (frame["action"], failure["error_id"])
    await communicator.send_json_to(say("on"))
    assert await communicator.receive_json_from() == said("on")
    await communicator.disconnect()


async def test_a_validator_that_raises_what_it_should_not_is_a_failure_of_the_server(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Odd(BaseMessage):
        action: Literal["odd"] = "odd"
        payload: int

        @field_validator("payload")
        @classmethod
        def look_up(cls, value: int) -> int:
            raise KeyError(value)

    class Consumer(OpenMixin, AsyncJsonWebsocketConsumer[Odd | PingMessage]):
        @handler
        async def odd(self, message: Odd) -> None: ...

    communicator = await connected(Consumer)
    await communicator.send_json_to({"action": "odd", "payload": 4711})
    frame = await communicator.receive_json_from()
    assert frame["payload"] == {
        "detail": "Failed to process message",
        "code": "handler_failed",
        "error_id": frame["payload"]["error_id"],
    }
    assert records(caplog, "ERROR") == [
        f"{Consumer.spec.path} failed to process a frame (error_id {frame['payload']['error_id']})"
    ]
    await communicator.send_json_to({"action": "ping"})
    assert (await communicator.receive_json_from())["action"] == "pong"
    await communicator.disconnect()


async def test_a_handler_that_awaits_something_cancelled_has_failed_and_is_not_cancelled() -> None:
    class Consumer(OpenMixin, AsyncJsonWebsocketConsumer[Say | Count]):
        @handler
        async def say(self, message: Say) -> None:
            task = asyncio.create_task(asyncio.sleep(60))
            task.cancel()
            await task

        @handler
        async def count(self, message: Count) -> Said:
            return Said(payload="still here")

    communicator = await connected(Consumer)
    await communicator.send_json_to(say("x"))
    await communicator.send_json_to({"action": "count", "payload": 1})
    assert (await communicator.receive_json_from())["payload"]["code"] == "handler_failed"
    assert await communicator.receive_json_from() == said("still here")
    await communicator.disconnect()
