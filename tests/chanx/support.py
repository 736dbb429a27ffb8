"""What the tests of the runtime share: a few messages, a consumer without guards, and ways to define and connect."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import pytest

from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.testing import WebsocketCommunicator


class Say(BaseMessage):
    """Something to say."""

    action: Literal["say"] = "say"
    payload: str


class Said(BaseMessage):
    """Something was said."""

    action: Literal["said"] = "said"
    payload: str


class Count(BaseMessage):
    action: Literal["count"] = "count"
    payload: int


class News(BaseGroupMessage):
    action: Literal["news"] = "news"
    payload: str


class Noticed(BaseChannelEvent):
    handler: Literal["noticed"] = "noticed"
    payload: str


class Alarmed(BaseChannelEvent):
    handler: Literal["alarmed"] = "alarmed"
    payload: int


class OpenMixin:
    """Lets everybody in, so that a test needs no database."""

    authentication_classes: AuthenticationClasses = ()
    permission_classes: PermissionClasses = ()


class Echo(OpenMixin, AsyncJsonWebsocketConsumer[Say | PingMessage]):
    """Answers with what was said."""

    outgoing_messages = Said

    async def receive_message(self, message: Say | PingMessage, **kwargs: Any) -> None:
        if isinstance(message, Say):
            await self.send_message(Said(payload=message.payload))


def say(text: str, **envelope: Any) -> dict[str, Any]:
    return {"action": "say", "payload": text, **envelope}


def said(text: str, **envelope: Any) -> dict[str, Any]:
    return {"action": "said", "payload": text, **envelope}


COMPLETE = {"action": "complete", "payload": None}
AUTHENTICATED = {
    "action": "authentication",
    "payload": {"status_code": 200, "status_text": "OK", "data": {"detail": "OK"}},
}


def client(
    consumer: Any,
    path: str = "/ws/",
    headers: Iterable[tuple[bytes, bytes]] | None = None,
    subprotocols: Sequence[str] | None = None,
) -> WebsocketCommunicator:
    """A client of a consumer class, or of any ASGI application."""
    return WebsocketCommunicator(
        getattr(consumer, "as_asgi", lambda: consumer)(), path, headers=headers, subprotocols=subprotocols
    )


async def connected(consumer: Any, path: str = "/ws/", **options: Any) -> WebsocketCommunicator:
    """A client that was let in, its authentication frame read."""
    communicator = client(consumer, path, **options)
    assert (await communicator.connect())[0]
    await communicator.assert_authenticated_status_ok()
    return communicator


async def refused(communicator: WebsocketCommunicator) -> tuple[dict[str, Any], int]:
    """The payload of the authentication frame, and the close code, of a client that is not let in."""
    assert (await communicator.connect())[0]
    frame = await communicator.receive_json_from()
    assert frame["action"] == "authentication"
    closed = await communicator.receive_output(5)
    assert closed["type"] == "websocket.close"
    return frame["payload"], closed["code"]


def groups_of(layer: Any) -> dict[str, Any]:
    """The groups that Channels' layer in memory knows, but for those in which each mailbox of a process is alone."""
    return {name: members for name, members in layer.groups.items() if not name.startswith("chanx.mailbox.")}


def exactly(text: str) -> str:
    """A pattern for ``pytest.raises(match=...)`` that allows nothing but ``text``."""
    return f"^{re.escape(text)}$"


def records(caplog: pytest.LogCaptureFixture, level: str) -> list[str]:
    """The texts that chanx has logged at one level."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelname == level and record.name.partition(".")[0] == "chanx"
    ]
