"""The services on plain Channels, where each consumer calls pydantic by hand."""

from typing import Any

from pydantic import ValidationError

from tests.benchmarks.targets import plain
from tests.benchmarks.targets.messages import RECEIVED, Place, Posted, Say, answer, refusal
from tests.benchmarks.targets.payloads import Text


class Echo(plain.Echo):
    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        try:
            message: Say | Place = RECEIVED.validate_python(content)
        except ValidationError as error:
            await self.send_json(refusal(error).model_dump(mode="json"))
        else:
            await self.send_json(answer(message).model_dump(mode="json"))


class Room(plain.Room):
    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        message = Say.model_validate(content)
        event = {"type": "posted", "payload": message.payload.model_dump(mode="json")}
        await self.channel_layer.group_send(self.room, event)

    async def posted(self, event: Any) -> None:
        posted = Posted(payload=Text.model_validate(event["payload"]))
        await self.send_json(posted.model_dump(mode="json"))


application = plain.services(Echo, Room)
