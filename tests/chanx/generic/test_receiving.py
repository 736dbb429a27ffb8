"""What is done with one frame: held against the limits, handed in by an application, handled in its turn."""

import asyncio
from typing import Any

import pytest
from pytest_django import Settings

from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from tests.chanx.support import Echo, OpenMixin, Said, Say, connected, said, say


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('{"action":"say","payload":"' + "[" * 100 + '"}', None),  # brackets of a string are no levels
        ('{"action":"say","payload":' + "[" * 9 + "]" * 9 + "}", "string_type"),
        ('{"action":"say","payload":' + "[" * 10 + "]" * 10 + "}", "too_deep"),
        ('{"action":"say","payload":"' + "x" * 2_000 + '","more":' + "[" * 10 + "]" * 10 + "}", "too_deep"),
    ],
    ids=["in a string", "deep enough", "too deep", "too deep in a long one"],
)
async def test_frames_short_and_long_are_held_against_the_same_depth(
    text: str, code: str | None, settings: Settings
) -> None:
    settings.CHANX = {"MAX_DEPTH": 10}
    communicator = await connected(Echo)
    await communicator.send_to(text_data=text)
    answer = await communicator.receive_json_from()
    told = None if answer["action"] == "said" else [error["type"] for error in answer["payload"]]
    assert told == (code and [code])
    await communicator.disconnect()


async def test_receive_json_outside_of_a_turn_is_handled_in_its_own() -> None:
    class Reminded(Echo):
        async def post_authentication(self) -> None:
            self.reminder = asyncio.create_task(self.remind())

        async def remind(self) -> None:
            await asyncio.sleep(0.05)
            for text in ("1", "2"):
                await self.receive_json({"action": "say", "payload": text, "id": text})

    communicator = await connected(Reminded)
    frames = [await communicator.receive_json_from() for _ in range(2)]
    assert [(frame["payload"], frame["reply_to"]) for frame in frames] == [("1", "1"), ("2", "2")]
    await communicator.send_json_to(say("3"))
    assert await communicator.receive_json_from() == said("3")
    await communicator.disconnect()


async def test_receive_json_in_a_handler_is_handled_after_it() -> None:
    class Repeating(OpenMixin, AsyncJsonWebsocketConsumer[Say | PingMessage]):
        outgoing_messages = Said

        async def receive_message(self, message: Say | PingMessage, **kwargs: Any) -> None:
            match message:
                case Say(payload="first"):
                    await self.receive_json({"action": "say", "payload": "second"})
                    await self.send_message(Said(payload="first"))
                case Say():
                    await self.send_message(Said(payload=message.payload))
                case PingMessage():
                    pass

    communicator = await connected(Repeating)
    await communicator.send_json_to(say("first"))
    await communicator.send_json_to(say("third"))
    frames = [await communicator.receive_json_from() for _ in range(3)]
    assert frames == [said("first"), said("second"), said("third")]
    await communicator.disconnect()
