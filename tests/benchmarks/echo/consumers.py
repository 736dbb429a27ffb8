"""The same small echo service, written on plain Channels and on chanx."""

from typing import Any, Literal

from channels.generic.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from pydantic import BaseModel

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage


class Text(BaseModel):
    text: str
    tags: list[str] = []


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: Text


class Said(BaseMessage):
    action: Literal["said"] = "said"
    payload: Text


class PlainEcho(ChannelsConsumer):
    """Untyped: what a Django team has without chanx."""

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        await self.send_json({"action": "said", "payload": content["payload"]})


class PlainTypedEcho(ChannelsConsumer):
    """Typed by hand: pydantic called in the consumer."""

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        message = Say.model_validate(content)
        await self.send_json(Said(payload=message.payload).model_dump(mode="json"))


class ChanxEcho(AsyncJsonWebsocketConsumer[Say]):
    """Typed by declaration."""

    authentication_classes = ()
    permission_classes = ()
    send_authentication_message = False
    log_received_message = False
    log_sent_message = False

    @handler
    async def say(self, message: Say) -> Said:
        return Said(payload=message.payload)
