"""The protocol page: every frame that it shows is seen, every table is held against the code."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any, ClassVar, Literal

import pytest
from pydantic import BaseModel
from rest_framework import exceptions
from rest_framework.permissions import AllowAny, BasePermission

from chanx.close_codes import CLOSE_CODES
from chanx.generic.authenticator import PermissionClasses
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.testing import WebsocketCommunicator
from chanx.utils.settings import override_chanx_settings
from tests.docs.conftest import router
from tests.docs.pages import ROOT, blocks
from tests.docs.transcripts import matches

PAGE = "docs/protocol.md"


class Text(BaseModel):
    text: str


class Say(BaseMessage):
    action: Literal["say"] = "say"
    payload: Text


class Fail(BaseMessage):
    action: Literal["fail"] = "fail"
    payload: None = None


class Wait(BaseMessage):
    action: Literal["wait"] = "wait"
    payload: float


class Delivered(BaseMessage):
    action: Literal["delivered"] = "delivered"
    payload: Text


class Said(BaseGroupMessage):
    action: Literal["said"] = "said"
    payload: Text


class ServiceConsumer(AsyncJsonWebsocketConsumer[Say | Fail | Wait | PingMessage, None, Said]):
    permission_classes: PermissionClasses = (AllowAny,)
    groups: ClassVar[list[str]] = ["service"]  # type: ignore[misc]  # Channels' attribute is an instance's as well

    @handler
    async def say(self, message: Say) -> Delivered:
        await self.send_group_message(Said(payload=message.payload))
        return Delivered(payload=message.payload)

    @handler
    async def fail(self, message: Fail) -> AsyncIterator[Delivered]:
        yield Delivered(payload=Text(text="before"))
        raise RuntimeError("on purpose")

    @handler
    async def wait(self, message: Wait) -> Delivered:
        await asyncio.sleep(message.payload)
        return Delivered(payload=Text(text=f"waited {message.payload}"))


class EagerConsumer(ServiceConsumer):
    """Sends to its group, and then to its client, right after authentication."""

    outgoing_messages = (Delivered,)

    async def post_authentication(self) -> None:
        await self.send_group_message(Said(payload=Text(text="hello")), exclude_current=False)
        await asyncio.sleep(0.05)
        await self.send_message(Delivered(payload=Text(text="first")))


async def _connected(consumer: Any = ServiceConsumer) -> WebsocketCommunicator:
    client = WebsocketCommunicator(consumer.as_asgi(), "/")
    await client.connect()
    await client.assert_authenticated_status_ok()
    return client


async def _frames(client: WebsocketCommunicator, count: int) -> list[Any]:
    return [await client.receive_json_from() for _ in range(count)]


@override_chanx_settings(SEND_COMPLETION=True)
async def test_every_frame_that_the_page_shows() -> None:
    client, other = WebsocketCommunicator(ServiceConsumer.as_asgi(), "/"), await _connected()
    await client.connect()
    seen: list[Any] = await _frames(client, 1)
    sent: list[Any] = [
        {"action": "say", "payload": {"text": "Hello"}, "id": 1},
        {"action": "say", "payload": {}, "id": 2},
        {"action": "fail", "id": 3},
        {"action": "ping"},
    ]
    for frame in sent:
        await client.send_json_to(frame)
    seen += await _frames(client, 9)
    seen += await _frames(other, 2)
    with override_chanx_settings(MAX_FRAME_RATE=1.0, MAX_FRAME_BURST=1):
        hasty = await _connected()
    for number in (6, 7):
        await hasty.send_json_to({"action": "ping", "id": number})
    seen += await _frames(hasty, 3)
    for block in blocks(PAGE, language="json"):
        shown = json.loads(block.text)
        assert any(matches(frame, shown) for frame in [*seen, *sent]), f"{block.place} was not seen: {shown}"
    for each in (client, other, hasty):
        await each.disconnect()


_TOO_LONG = json.dumps({"action": "ping", "id": "x" * 65})


@pytest.mark.parametrize(
    ("frame", "kind", "loc"),
    [
        (b"binary", "binary_frame", []),
        ("[" * 65 + "]" * 65, "too_deep", []),
        ("{", "invalid_json", []),
        ("", "invalid_json", []),
        ("[1]", "invalid_envelope", []),
        ("null", "invalid_envelope", []),
        ('"text"', "invalid_envelope", []),
        (_TOO_LONG, "invalid_id", ["id"]),
        ('{"action": "ping", "id": null}', "invalid_id", ["id"]),
        ('{"action": "ping", "id": true}', "invalid_id", ["id"]),
        ('{"action": "ping", "id": 9223372036854775808}', "invalid_id", ["id"]),
        ("{}", "union_tag_not_found", []),
        ('{"action": "sing"}', "union_tag_invalid", []),
        ('{"action": ["ping"]}', "union_tag_invalid", []),
        ('{"action": "ping", "payload": NaN}', "invalid_number", []),
        ('{"action": "ping", "other": [1e999]}', "invalid_number", []),
        ('{"action": "fail", "action": "ping"}', "duplicate_key", []),
        ('{"action": "say", "payload": {"text": "\\ud800"}}', "invalid_json", []),
        ('{"action": "say", "payload": {"text": 1}}', "string_type", ["say", "payload", "text"]),
    ],
)
async def test_what_is_refused(frame: str | bytes, kind: str, loc: list[str]) -> None:
    client = await _connected()
    if isinstance(frame, bytes):
        await client.send_to(bytes_data=frame)
    else:
        # Channels' client takes an empty text for none at all.
        await client.send_input({"type": "websocket.receive", "text": frame})
    refused = await client.receive_json_from()
    (error,) = refused.pop("payload")
    assert refused == {"action": "error"}
    assert (error["type"], error["loc"]) == (kind, loc)
    await client.send_json_to({"action": "ping"})
    assert await client.receive_json_from() == {"action": "pong", "payload": None}
    await client.disconnect()
    if kind != "string_type":
        assert f"`{kind}` | `{json.dumps(loc)}` |" in (ROOT / PAGE).read_text()


async def test_details_of_the_envelope() -> None:
    client = await _connected()
    for frame, action in (
        ('{"action": "ping", "unknown": 1, "unknown": {"action": 1, "action": 2}}', "pong"),
        ('{"action": "ping", "unknown": 1}', "pong"),
        ('{"action": "ping", "id": 9223372036854775807}', "pong"),
    ):
        await client.send_to(text_data=frame)
        assert (await client.receive_json_from())["action"] == action
    await client.send_to(text_data=json.dumps({"action": "y" * 200}))
    text = (await client.receive_json_from())["payload"][0]["msg"]
    assert "y" * 64 in text
    assert "y" * 65 not in text
    assert "known are" not in text
    await client.disconnect()


async def test_replies_in_order_and_the_group_in_between() -> None:
    client, other = await _connected(), await _connected()
    await client.send_json_to({"action": "wait", "payload": 0.2, "id": "slow"})
    await client.send_json_to({"action": "ping", "id": "quick"})
    await asyncio.sleep(0.05)
    await other.send_json_to({"action": "say", "payload": {"text": "meanwhile"}})
    said, slow, quick = await _frames(client, 3)
    assert said["action"] == "said"
    assert (slow["reply_to"], quick["reply_to"]) == ("slow", "quick")
    for each in (client, other):
        await each.disconnect()


async def test_the_first_frames_of_a_connection() -> None:
    client = await _connected(EagerConsumer)
    first, said = await _frames(client, 2)
    assert (first["action"], said["action"]) == ("delivered", "said")
    await client.disconnect()


class _Decision(BasePermission):
    """Decides slowly, as the address says."""

    def has_permission(self, request: Any, view: Any) -> bool:
        refusal = _REFUSALS[view.kwargs["outcome"]]
        if isinstance(refusal, Exception):
            raise refusal
        return refusal is True


_REFUSALS: dict[str, Any] = {
    "allowed": True,
    "denied": False,
    "missing": exceptions.NotFound(),
    "throttled": exceptions.Throttled(wait=7),
    "unsupported": exceptions.UnsupportedMediaType("x"),
    "broken": RuntimeError("on purpose"),
}


class DecidedConsumer(ServiceConsumer):
    permission_classes = (_Decision,)
    authentication_classes = ()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("outcome", "status", "code"),
    [
        ("denied", 403, 4403),
        ("missing", 404, 4404),
        ("throttled", 429, 4429),
        ("unsupported", 415, 4400),
        ("broken", 500, 4500),
    ],
)
async def test_outcomes_of_the_handshake(outcome: str, status: int, code: int) -> None:
    client = WebsocketCommunicator(router("<str:outcome>/", DecidedConsumer), f"/{outcome}/")
    # Sent before anything is decided: dropped, since the answer is no.
    await client.connect()
    await client.send_json_to({"action": "ping"})
    frame = await client.receive_json_from()
    assert frame["payload"]["status_code"] == status
    if outcome == "broken":
        assert frame["payload"]["data"] == {"detail": "Internal server error"}
    if outcome == "throttled":
        assert "7 seconds" in frame["payload"]["data"]["detail"]
    await client.assert_closed(code)
    assert await client.receive_nothing()


async def test_frames_that_come_early_are_handled_afterwards() -> None:
    client = WebsocketCommunicator(ServiceConsumer.as_asgi(), "/")
    for event in (
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": '{"action": "ping", "id": 1}'},
        {"type": "websocket.receive", "text": '{"action": "ping", "id": 2}'},
    ):
        await client.send_input(event)
    assert (await client.receive_output())["type"] == "websocket.accept"
    authentication, *pongs = await _frames(client, 3)
    assert authentication["action"] == "authentication"
    assert [pong["reply_to"] for pong in pongs] == [1, 2]
    await client.disconnect()


@override_chanx_settings(SEND_AUTHENTICATION_MESSAGE=False)
async def test_without_an_authentication_frame() -> None:
    client = WebsocketCommunicator(router("<str:outcome>/", DecidedConsumer), "/denied/")
    await client.connect()
    await client.assert_closed(4403)


@override_chanx_settings(AUTHENTICATE_BEFORE_ACCEPT=True)
async def test_refused_before_it_is_accepted() -> None:
    client = WebsocketCommunicator(router("<str:outcome>/", DecidedConsumer), "/denied/")
    assert (await client.connect())[0] is False
    client = WebsocketCommunicator(router("<str:outcome>/", DecidedConsumer), "/denied/")
    client.scope["extensions"] = {"websocket.http.response": {}}
    await client.send_input({"type": "websocket.connect"})
    start, body = [await client.receive_output() for _ in range(2)]
    assert (start["type"], start["status"]) == ("websocket.http.response.start", 403)
    assert json.loads(body["body"])["detail"]


@pytest.mark.parametrize(
    ("offered", "selected"), [(["chanx.v1"], "chanx.v1"), (["other"], None), (["chanx.bearer.x"], None), ([], None)]
)
async def test_the_selected_subprotocol(offered: list[str], selected: str | None) -> None:
    client = WebsocketCommunicator(ServiceConsumer.as_asgi(), "/", subprotocols=offered)
    assert await client.connect() == (True, selected)
    await client.disconnect()


def test_the_close_codes() -> None:
    rows = re.findall(r"^\| (\d{4}) \| (\d{4}) \| (.+?) \| (.+?) \|$", (ROOT / PAGE).read_text(), re.MULTILINE)
    words = {
        "backoff": "yes, with backoff",
        "no": "no",
        "after_token_refresh": "once, with a fresh token",
        "after_retry_after": "yes, after the time it was told",
    }
    assert rows == [
        (str(int(info.code)), str(info.daphne), info.meaning, words[info.retry]) for info in CLOSE_CODES.values()
    ]
