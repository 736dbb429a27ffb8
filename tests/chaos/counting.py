"""A consumer whose effects can be counted, whatever happens to its process. Django has to be set up before."""

import asyncio
import os
import random
import secrets
from typing import Literal

from pydantic import BaseModel

from chanx.deduplication import Deduplication
from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from tests.chaos.numbers import Number


class Add(BaseMessage):
    """Has an effect that can be counted."""

    action: Literal["add"] = "add"
    payload: Number


class Effect(BaseModel):
    number: int
    #: Another one each time that the handler runs.
    nonce: str


class Added(BaseMessage):
    """It has had its effect."""

    action: Literal["added"] = "added"
    payload: Effect


class Counter(AsyncJsonWebsocketConsumer[Add | PingMessage]):
    """Takes requests that may be sent again. The effect of each is a line in a file, which no kill undoes."""

    authentication_classes: AuthenticationClasses = ()
    permission_classes: PermissionClasses = ()
    deduplication = Deduplication(window=300, requests=100_000)

    @handler
    async def add(self, message: Add) -> Added:
        effect = Effect(number=message.payload.number, nonce=secrets.token_hex(8))
        await asyncio.sleep(random.uniform(0, 0.02))
        note(f"{effect.number} {effect.nonce}\n")
        await asyncio.sleep(random.uniform(0, 0.02))
        return Added(payload=effect)


def note(line: str) -> None:
    """Appends a line in one step, whoever else does."""
    file = os.open(os.environ["CHAOS_EFFECTS"], os.O_WRONLY | os.O_APPEND)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)
