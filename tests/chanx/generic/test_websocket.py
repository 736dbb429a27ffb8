"""The life of one connection, and how its frames reach the handlers."""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Any, ClassVar, cast

import pytest
from channels.exceptions import StopConsumer
from pytest_django import Settings
from rest_framework.permissions import BasePermission

from chanx.exceptions import UndeclaredMessageError
from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import PongMessage
from chanx.testing import WebsocketCommunicator
from tests.chanx.support import (
    AUTHENTICATED,
    Count,
    Echo,
    OpenMixin,
    Said,
    Say,
    client,
    connected,
    groups_of,
    records,
    said,
    say,
)

Frame = dict[str, Any]


async def silent(communicator: WebsocketCommunicator) -> bool:
    return await communicator.receive_nothing(0.05)


class Nobody(BasePermission):
    message = "Not you."

    def has_permission(self, request: Any, view: Any) -> bool:
        return False


class Talk(OpenMixin, AsyncJsonWebsocketConsumer[Say | Count | PingMessage]):
    """Answers with as many frames as it is told."""

    @handler
    async def say(self, message: Say) -> Said:
        if message.payload == "fail":
            raise LookupError("a secret of the server")
        return Said(payload=message.payload)

    @handler
    async def count(self, message: Count) -> AsyncIterator[Said]:
        for number in range(message.payload):
            yield Said(payload=str(number))
            if number == 100:
                raise LookupError("a stream that breaks")


# -- frames --------------------------------------------------------------------------------------------------


async def test_the_authentication_frame_comes_first() -> None:
    communicator = client(Echo)
    await communicator.connect()
    assert await communicator.receive_json_from() == AUTHENTICATED
    assert await silent(communicator)
    await communicator.disconnect()


async def test_a_ping_is_answered() -> None:
    communicator = await connected(Talk)
    await communicator.send_json_to({"action": "ping"})
    assert await communicator.receive_from() == '{"action":"pong","payload":null}'
    await communicator.disconnect()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"action":"say"}', {"type": "missing", "loc": ["say", "payload"], "msg": "Field required"}),
        ('{"payload":1}', {"type": "union_tag_not_found", "loc": [], "msg": "The key 'action' is missing"}),
        ("[1]", {"type": "invalid_envelope", "loc": [], "msg": "A frame must be a JSON object"}),
        ("7", {"type": "invalid_envelope", "loc": [], "msg": "A frame must be a JSON object"}),
    ],
)
async def test_a_frame_that_is_no_message_is_answered_with_the_errors(
    text: str, error: Frame, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    communicator = await connected(Talk)
    await communicator.send_to(text_data=text)
    assert await communicator.receive_json_from() == {"action": "error", "payload": [error]}
    assert f"{Talk.spec.path} refused a frame: ['{error['type']}']" in records(caplog, "INFO")
    # The connection lives on.
    await communicator.send_json_to(say("x"))
    assert await communicator.receive_json_from() == said("x")
    await communicator.disconnect()


async def test_a_binary_frame_is_refused() -> None:
    communicator = await connected(Talk)
    await communicator.send_to(bytes_data=b'{"action":"ping"}')
    assert await communicator.receive_json_from() == {
        "action": "error",
        "payload": [{"type": "binary_frame", "loc": [], "msg": "Frames must be text"}],
    }
    await communicator.disconnect()


@pytest.mark.parametrize("path", ["set by the setting", "set by the class"])
async def test_completion_frames_end_each_received_message(path: str, settings: Settings) -> None:
    if path == "set by the setting":
        settings.CHANX = {"SEND_COMPLETION": True}
        consumer: Any = Talk
    else:

        class Completing(Talk):
            send_completion = True

        consumer = Completing
    communicator = await connected(consumer)
    for frame in (say("x"), {"action": "count", "payload": 2}, {"action": "ping"}, {"action": "nope"}, say("fail")):
        await communicator.send_json_to(frame)
    actions = [(await communicator.receive_json_from())["action"] for _ in range(11)]
    assert actions == [
        *("said", "complete"),
        *("said", "said", "complete"),
        *("pong", "complete"),
        *("error", "complete"),
        *("error", "complete"),
    ]
    await communicator.disconnect()


async def test_a_class_may_switch_completion_off(settings: Settings) -> None:
    settings.CHANX = {"SEND_COMPLETION": True}

    class Quiet(Talk):
        send_completion = False

    communicator = await connected(Quiet)
    await communicator.send_json_to(say("x"))
    assert await communicator.receive_json_from() == said("x")
    assert await silent(communicator)
    await communicator.disconnect()


async def test_each_frame_of_a_handler_answers_the_id(settings: Settings) -> None:
    settings.CHANX = {"SEND_COMPLETION": True}
    communicator = await connected(Talk)
    await communicator.send_json_to({"action": "count", "payload": 2, "id": "a"})
    await communicator.send_json_to({"action": "say", "id": 7})
    await communicator.send_json_to(say("fail", id="f"))
    await communicator.send_json_to(say("without"))
    frames = [await communicator.receive_json_from() for _ in range(9)]
    assert [(frame["action"], frame.get("reply_to")) for frame in frames] == [
        *(("said", "a"), ("said", "a"), ("complete", "a")),
        *(("error", 7), ("complete", 7)),
        *(("error", "f"), ("complete", "f")),
        *(("said", None), ("complete", None)),
    ]
    assert "reply_to" not in frames[-1]
    await communicator.disconnect()


async def test_the_wire_format_of_the_settings(settings: Settings) -> None:
    settings.CHANX = {"MESSAGE_ACTION_KEY": "type", "CAMELIZE": True, "SEND_COMPLETION": True}
    communicator = client(Talk)
    await communicator.connect()
    payload = {"statusCode": 200, "statusText": "OK", "data": {"detail": "OK"}}
    assert await communicator.receive_json_from() == {"type": "authentication", "payload": payload}
    await communicator.send_json_to({"type": "say", "payload": "x", "id": 1})
    assert await communicator.receive_json_from() == {"type": "said", "payload": "x", "replyTo": 1}
    assert await communicator.receive_json_from() == {"type": "complete", "payload": None, "replyTo": 1}
    await communicator.send_json_to({"type": "say", "payload": "fail"})
    failure = (await communicator.receive_json_from())["payload"]
    assert set(failure) == {"detail", "code", "errorId"}
    await communicator.disconnect()


# -- order and bounds ----------------------------------------------------------------------------------------


async def test_a_burst_is_answered_in_order() -> None:
    class Uneven(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        @handler
        async def say(self, message: Say) -> Said:
            # The earlier, the slower.
            await asyncio.sleep(0.02 / (1 + int(message.payload)))
            return Said(payload=message.payload)

    communicator = await connected(Uneven)
    for number in range(20):
        await communicator.send_json_to(say(str(number)))
    answers = [(await communicator.receive_json_from())["payload"] for _ in range(20)]
    assert answers == [str(number) for number in range(20)]
    await communicator.disconnect()


async def test_no_more_frames_are_read_than_the_inbox_takes(settings: Settings) -> None:
    settings.CHANX = {"INBOX_SIZE": 3}
    gate = asyncio.Event()

    class Slow(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        @handler
        async def say(self, message: Say) -> Said:
            await gate.wait()
            return Said(payload=message.payload)

    communicator = await connected(Slow)
    for number in range(20):
        await communicator.send_json_to(say(str(number)))
    await asyncio.sleep(0.05)
    # One is handled, three wait, one waits for room, and Channels has asked for one more at most.
    assert communicator.input_queue.qsize() >= 14
    gate.set()
    answers = [(await communicator.receive_json_from())["payload"] for _ in range(20)]
    assert answers == [str(number) for number in range(20)]
    await communicator.disconnect()


# -- failures ------------------------------------------------------------------------------------------------


async def test_stop_consumer_from_a_handler_ends_the_connection_quietly(caplog: pytest.LogCaptureFixture) -> None:
    class Consumer(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        @handler
        async def say(self, message: Say) -> None:
            raise StopConsumer

    communicator = await connected(Consumer)
    await communicator.send_json_to(say("x"))
    await asyncio.wait_for(asyncio.shield(communicator.future), 2)
    assert communicator.future.done()
    assert communicator.future.exception() is None
    assert records(caplog, "ERROR") == []


# -- ways to write the handlers ------------------------------------------------------------------------------


async def test_receive_message_gets_the_message_typed() -> None:
    communicator = await connected(Echo)
    await communicator.send_json_to(say("hello"))
    assert await communicator.receive_json_from() == said("hello")
    await communicator.disconnect()


async def test_a_consumer_of_pings_alone_needs_no_code() -> None:
    class Heartbeat(OpenMixin, AsyncJsonWebsocketConsumer[PingMessage]): ...

    communicator = await connected(Heartbeat)
    await communicator.send_json_to({"action": "ping", "id": 1})
    assert await communicator.receive_json_from() == {"action": "pong", "payload": None, "reply_to": 1}
    await communicator.disconnect()


async def test_one_handler_may_take_several_messages_and_answer_or_not() -> None:
    class Consumer(OpenMixin, AsyncJsonWebsocketConsumer[Say | Count | PingMessage]):
        @handler
        async def any_of_them(self, message: Say | Count | PingMessage) -> Said | PongMessage | None:
            if isinstance(message, PingMessage):
                return PongMessage()
            return Said(payload=str(message.payload)) if message.payload else None

    communicator = await connected(Consumer)
    for frame in (say(""), say("a"), {"action": "count", "payload": 0}, {"action": "count", "payload": 3}):
        await communicator.send_json_to(frame)
    assert [await communicator.receive_json_from() for _ in range(2)] == [said("a"), said("3")]
    await communicator.send_json_to({"action": "ping"})
    assert (await communicator.receive_json_from())["action"] == "pong"
    await communicator.disconnect()


async def test_a_stream_is_sent_while_it_is_made() -> None:
    gates = [asyncio.Event(), asyncio.Event()]
    closed = asyncio.Event()

    class Stream(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        @handler
        async def say(self, message: Say) -> AsyncIterator[Said]:
            try:
                for number, gate in enumerate(gates):
                    yield Said(payload=str(number))
                    await gate.wait()
            finally:
                closed.set()

    communicator = await connected(Stream)
    await communicator.send_json_to(say("x", id="s"))
    assert await communicator.receive_json_from() == said("0", reply_to="s")
    assert await silent(communicator)
    gates[0].set()
    assert await communicator.receive_json_from() == said("1", reply_to="s")
    # A client that leaves in the middle ends the stream.
    await communicator.disconnect()
    assert closed.is_set()


# -- hooks of the Python data --------------------------------------------------------------------------------


class OverridesReceiveJson(Echo):
    async def receive_json(self, content: Frame, **kwargs: Any) -> None:
        await super().receive_json(content, **kwargs)


class OverridesDecodeJson(Echo):
    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        return json.loads(text_data)


class OverridesSendJson(Echo):
    async def send_json(self, content: Frame, close: bool | int = False) -> None:
        await super().send_json(content, close)


class OverridesEncodeJson(Echo):
    @classmethod
    async def encode_json(cls, content: Any) -> str:
        return json.dumps(content, separators=(",", ":"))


@pytest.mark.parametrize("send_completion", [True, False])
@pytest.mark.parametrize(
    "consumer", [OverridesReceiveJson, OverridesDecodeJson, OverridesSendJson, OverridesEncodeJson]
)
async def test_an_overridden_hook_changes_no_frame(
    consumer: type[Echo], send_completion: bool, settings: Settings
) -> None:
    """The fast path and the slow one give the same bytes for the same bytes."""
    settings.CHANX = {"SEND_COMPLETION": send_completion}
    texts = [
        '{"action":"say","payload":"x"}',
        '{"action":"say","payload":"ü","id":"a"}',
        '{"action":"say","payload":1,"id":2}',
        '{"action":"say","payload":"x","id":[3]}',
        '{"action":"nope","id":4}',
        '["say"]',
        "not json",
        '{"action":"say",',
        '{"action":"say","payload":NaN,"id":5}',
        '{"action":"say","payload":"x","payload":"y","id":6}',
        '{"action":"say","payload":"x","other":{"a":1,"a":2},"id":7}',
        '{"action":"say","payload":"\\ud800"}',
        '{"action":"say","payload":"\\u0000"}',
        '{"action":"say","payload":%s}' % ("1" * 5000),
        '{"action":"say","payload":-0}',
        "",
    ]
    received: list[list[str]] = []
    for each in (Echo, consumer):
        communicator = await connected(each)
        for text in texts:
            # Not send_to(), which takes an empty text for none.
            await communicator.send_input({"type": "websocket.receive", "text": text})
        frames = len(texts) * (2 if send_completion else 1)
        received.append([str(await communicator.receive_from()) for _ in range(frames)])
        await communicator.disconnect()
    assert [json.loads(text) for text in received[0]] == [json.loads(text) for text in received[1]]


async def test_a_class_without_such_a_hook_makes_no_python_data_of_its_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(cls: object, data: object) -> None:
        raise AssertionError(data)

    for hook in ("decode_json", "encode_json"):
        monkeypatch.setattr(AsyncJsonWebsocketConsumer, hook, classmethod(refuse))
    communicator = await connected(Echo)
    for frame_id in (1, None):
        await communicator.send_json_to(say("x") if frame_id is None else say("x", id=frame_id))
        assert (await communicator.receive_json_from())["payload"] == "x"
    await communicator.disconnect()


async def test_what_receive_json_changes_reaches_the_handler() -> None:
    class Shouting(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        outgoing_messages = Said

        async def receive_json(self, content: Frame, **kwargs: Any) -> None:
            await super().receive_json({**content, "payload": content["payload"].upper()}, suffix="!", **kwargs)

        async def receive_message(self, message: Say, **kwargs: Any) -> None:
            await self.send_message(Said(payload=message.payload + kwargs["suffix"]))

    communicator = await connected(Shouting)
    await communicator.send_json_to(say("hello", id=1))
    assert await communicator.receive_json_from() == said("HELLO!", reply_to=1)
    await communicator.disconnect()


@pytest.mark.undescribed_frames("they are no JSON")
async def test_a_class_may_speak_another_text_format() -> None:
    """decode_json and encode_json are the two sides of it; neither is asked to read what the other wrote."""

    class Prefixed(Echo):
        @classmethod
        async def decode_json(cls, text_data: str) -> Any:
            return json.loads(text_data.removeprefix("IN "))

        @classmethod
        async def encode_json(cls, content: Any) -> str:
            return "OUT " + json.dumps(content)

    communicator = client(Prefixed)
    await communicator.connect()
    assert json.loads(str(await communicator.receive_from()).removeprefix("OUT ")) == AUTHENTICATED
    await communicator.send_to(text_data="IN " + json.dumps(say("x", id=1)))
    assert json.loads(str(await communicator.receive_from()).removeprefix("OUT ")) == said("x", reply_to=1)
    await communicator.disconnect()


async def test_what_a_class_cannot_read_it_does_not_handle() -> None:
    """A hook may check a signature, or decrypt: a text that it refuses must not go round it."""

    class Signed(Echo):
        @classmethod
        async def decode_json(cls, text_data: str) -> Any:
            signature, _, text = text_data.partition(" ")
            if signature != "signed":
                raise ValueError("not signed")
            return json.loads(text)

    communicator = await connected(Signed)
    await communicator.send_json_to(say("unsigned"))
    refused = {"type": "invalid_json", "loc": [], "msg": "The frame cannot be read"}
    assert await communicator.receive_json_from() == {"action": "error", "payload": [refused]}
    await communicator.send_to(text_data="signed " + json.dumps(say("x")))
    assert await communicator.receive_json_from() == said("x")
    await communicator.disconnect()


async def test_what_a_hook_has_read_is_held_to_the_same_limits() -> None:
    """In another format than JSON, the text itself says little about what is in it."""
    contents: list[Any] = [
        say("\ud800"),
        {"action": "say", "payload": float("nan")},
        {"action": "say", "payload": 10**5000},
        {"action": "say", "payload": "x", "\ud800": 1},
    ]
    deep: Any = "x"
    for _ in range(70):
        deep = [deep]
    contents += [{"action": "say", "payload": deep}, ["say"], say("x")]

    class Numbered(Echo):
        @classmethod
        async def decode_json(cls, text_data: str) -> Any:
            return contents[int(text_data)]

    communicator = await connected(Numbered)
    found: list[Any] = []
    for number in range(len(contents)):
        await communicator.send_to(text_data=str(number))
        frame = await communicator.receive_json_from()
        found.append(frame["payload"][0]["type"] if frame["action"] == "error" else frame)
    assert found[:4] == ["invalid_json", "invalid_number", "invalid_number", "invalid_json"]
    assert found[4:] == ["too_deep", "invalid_envelope", said("x")]
    await communicator.disconnect()


async def test_a_hook_that_fails_ends_no_connection(caplog: pytest.LogCaptureFixture) -> None:
    class Shouting(Echo):
        @classmethod
        async def decode_json(cls, text_data: str) -> Any:
            return {"say": say("x"), "list": [1]}[text_data]

        async def receive_json(self, content: Frame, **kwargs: Any) -> None:
            await super().receive_json({**content, "payload": content["payload"].upper()}, **kwargs)

    class Unreadable(Echo):
        async def receive_json(self, content: Frame, **kwargs: Any) -> None:
            await super().receive_json({**content, "payload": object()}, **kwargs)

    for consumer, texts in ((Shouting, ["nothing", "say"]), (Unreadable, ['{"action":"say"}'])):
        caplog.clear()
        communicator = await connected(consumer)
        for text in texts:
            await communicator.send_to(text_data=text)
        frame = await communicator.receive_json_from()
        assert frame["payload"]["code"] == "handler_failed"
        (logged,) = records(caplog, "ERROR")
        assert frame["payload"]["error_id"] in logged
        if consumer is Shouting:
            assert await communicator.receive_json_from() == said("X")
        await communicator.disconnect()


async def test_hooks_see_no_frame_that_is_refused_anyway() -> None:
    seen: list[Any] = []

    class Watching(Echo):
        async def receive_json(self, content: Frame, **kwargs: Any) -> None:
            seen.append(content)
            await super().receive_json(content, **kwargs)

    communicator = await connected(Watching)
    for text in ('{"action":"say","payload":NaN}', '{"id":1,"id":2}', '["say"]', "nonsense"):
        await communicator.send_to(text_data=text)
        assert (await communicator.receive_json_from())["action"] == "error"
    assert seen == []
    await communicator.disconnect()


# -- the ends of a connection --------------------------------------------------------------------------------


class Waiting(OpenMixin, AsyncJsonWebsocketConsumer[Say | Count]):
    """A handler that ends when it is cancelled; what happened is written down for each test anew."""

    outgoing_messages = Said
    events: ClassVar[list[str]] = []

    async def receive_message(self, message: Say | Count, **kwargs: Any) -> None:
        if isinstance(message, Count):
            await asyncio.sleep(0.01)  # long enough for the next frame to wait in the inbox
            self.events.append("closing")
            await self.close(4000 + message.payload)
            await self.send_message(Said(payload="too late"))
            return
        self.events.append(f"start {message.payload}")
        await self.send_message(Said(payload="started"))
        try:
            await asyncio.sleep(60)
        finally:
            self.events.append(f"end {message.payload}")

    async def disconnect(self, code: int) -> None:
        self.events.append(f"disconnect {code} {self.groups}")


@pytest.fixture
def events() -> list[str]:
    Waiting.events.clear()
    return Waiting.events


async def test_a_disconnect_cancels_the_handler_and_drops_what_waits(events: list[str]) -> None:
    communicator = await connected(Waiting)
    await communicator.send_json_to(say("a"))
    await communicator.send_json_to(say("b"))
    await communicator.receive_json_from()
    await communicator.disconnect(1001)
    assert events == ["start a", "end a", "disconnect 1001 []"]


async def test_close_from_a_handler_sends_the_code_and_drops_what_waits(events: list[str]) -> None:
    communicator = await connected(Waiting)
    for frame in ({"action": "count", "payload": 123}, say("a")):
        await communicator.send_json_to(frame)
    await communicator.assert_closed(4123)
    assert await silent(communicator)
    await communicator.send_json_to(say("b"))
    await communicator.disconnect(4123)
    assert events == ["closing", "disconnect 4123 []"]


async def test_a_handler_that_ignores_its_cancellation_does_not_keep_the_connection() -> None:
    class Stubborn(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        outgoing_messages = Said

        async def receive_message(self, message: Say, **kwargs: Any) -> None:
            await self.send_message(Said(payload="started"))
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)

    communicator = await connected(Stubborn)
    await communicator.send_json_to(say("x"))
    await communicator.receive_json_from()
    await communicator.disconnect(timeout=2)
    assert communicator.future.done()


async def test_the_tasks_of_a_connection_end_with_it() -> None:
    before = asyncio.all_tasks()
    communicator = await connected(Waiting)
    await communicator.send_json_to(say("x"))
    await communicator.receive_json_from()
    assert asyncio.all_tasks() != before
    await communicator.disconnect()
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


async def test_groups_are_still_known_in_disconnect_and_left_already(events: list[str]) -> None:
    class Grouped(Waiting):
        groups = ["class"]  # noqa: RUF012 - as Channels documents it

        async def build_groups(self) -> list[str]:
            return ["built"]

        async def disconnect(self, code: int) -> None:
            await super().disconnect(code)
            layer: Any = self.channel_layer
            events.append(str(sorted(groups_of(layer))))

    communicator = await connected(Grouped)
    await communicator.disconnect()
    assert events == ["disconnect 1000 ['class', 'built']", "[]"]


# -- after authentication ------------------------------------------------------------------------------------


async def test_post_authentication_runs_when_the_client_is_in_its_groups_and_told_so() -> None:
    class Welcoming(Echo):
        async def build_groups(self) -> list[str]:
            return ["lobby"]

        async def post_authentication(self) -> None:
            layer: Any = self.channel_layer
            await self.send_message(Said(payload=f"welcome to {sorted(groups_of(layer))}"))

    communicator = await connected(Welcoming)
    assert await communicator.receive_json_from() == said("welcome to ['lobby']")
    await communicator.disconnect()


@pytest.mark.parametrize("hook", ["post_authentication", "build_groups"])
async def test_a_failure_after_authentication_closes_without_detail(
    hook: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(self: object) -> None:
        raise LookupError("a secret of the server")

    communicator = client(type("Failing", (Echo,), {hook: fail, "__module__": "chat"}))
    await communicator.connect()
    frames = await communicator.receive_all_json(0.2)
    assert frames == ([AUTHENTICATED] if hook == "post_authentication" else [])
    assert records(caplog, "ERROR") == ["chat.Failing failed after authentication"]
    await communicator.send_json_to(say("x"))
    assert await silent(communicator)
    await communicator.disconnect()


async def test_an_undeclared_message_in_post_authentication_is_raised_into_the_test() -> None:
    class Greeting(Talk):
        async def post_authentication(self) -> None:
            await self.send_message(Count(payload=1))

    communicator = await connected(Greeting)
    with pytest.raises(UndeclaredMessageError, match=r"sends tests\.chanx\.support\.Count, which it does not declare"):
        await communicator.receive_json_from()


@pytest.mark.parametrize("path", ["set by the setting", "set by the class"])
async def test_no_authentication_frame_where_it_is_switched_off(path: str, settings: Settings) -> None:
    if path == "set by the setting":
        settings.CHANX = {"SEND_AUTHENTICATION_MESSAGE": False}
        consumer: Any = Echo
    else:

        class Silent(Echo):
            send_authentication_message = False

        consumer = Silent
    communicator = client(consumer)
    assert await communicator.connect() == (True, None)
    await communicator.send_json_to(say("x"))
    assert await communicator.receive_json_from() == said("x")
    await communicator.disconnect()


# -- refused -------------------------------------------------------------------------------------------------


class Guarded(Waiting):
    authentication_classes: AuthenticationClasses = ()
    permission_classes: PermissionClasses = (Nobody,)


async def test_frames_before_and_after_a_failed_authentication_are_never_executed(events: list[str]) -> None:
    communicator = client(Guarded)
    await communicator.send_input({"type": "websocket.connect"})
    await communicator.send_json_to(say("before"))
    assert (await communicator.receive_output())["type"] == "websocket.accept"
    frame = await communicator.receive_json_from()
    assert frame["payload"] == {"status_code": 403, "status_text": "Forbidden", "data": {"detail": "Not you."}}
    await communicator.assert_closed(4403)
    await communicator.send_json_to(say("after"))
    assert await silent(communicator)
    await communicator.disconnect()
    assert [event for event in events if not event.startswith("disconnect")] == []


async def test_a_frame_that_comes_during_authentication_is_executed_after_it(events: list[str]) -> None:
    communicator = client(Waiting)
    await communicator.send_input({"type": "websocket.connect"})
    await communicator.send_json_to(say("early"))
    assert (await communicator.receive_output())["type"] == "websocket.accept"
    assert await communicator.receive_json_from() == AUTHENTICATED
    assert await communicator.receive_json_from() == said("started")
    await communicator.disconnect()
    assert events[0] == "start early"


async def test_a_frame_before_the_connect_event_is_never_executed(events: list[str]) -> None:
    """No server sends one; were there one that did, it would still be no way around the authentication."""
    communicator = client(Waiting)
    await communicator.send_json_to(say("too early"))
    assert await silent(communicator)
    await communicator.disconnect()
    assert events == []


async def test_a_refusal_without_the_frame_still_has_its_code(settings: Settings) -> None:
    settings.CHANX = {"SEND_AUTHENTICATION_MESSAGE": False}
    communicator = client(Guarded)
    await communicator.connect()
    await communicator.assert_closed(4403)
    await communicator.disconnect()


async def test_before_accept_a_refusal_is_an_http_status_where_the_server_can(
    settings: Settings, events: list[str]
) -> None:
    settings.CHANX = {"AUTHENTICATE_BEFORE_ACCEPT": True}
    communicator = client(Guarded)
    communicator.scope["extensions"] = {"websocket.http.response": {}}
    await communicator.send_input({"type": "websocket.connect"})
    assert await communicator.receive_output() == {
        "type": "websocket.http.response.start",
        "status": 403,
        "headers": [(b"content-type", b"application/json")],
    }
    assert await communicator.receive_output() == {
        "type": "websocket.http.response.body",
        "body": b'{"detail":"Not you."}',
    }
    await communicator.send_json_to(say("after"))
    assert await silent(communicator)
    await communicator.disconnect()
    assert events == []


async def test_before_accept_a_refusal_is_a_close_where_the_server_cannot(settings: Settings) -> None:
    settings.CHANX = {"AUTHENTICATE_BEFORE_ACCEPT": True}
    communicator = client(Guarded)
    accepted, _ = await communicator.connect()
    assert not accepted
    await communicator.disconnect()


async def test_before_accept_success_looks_the_same(settings: Settings) -> None:
    settings.CHANX = {"AUTHENTICATE_BEFORE_ACCEPT": True}
    communicator = client(Echo, subprotocols=["other", "chanx.v1"])
    assert await communicator.connect() == (True, "chanx.v1")
    assert await communicator.receive_json_from() == AUTHENTICATED
    await communicator.send_json_to(say("x"))
    assert await communicator.receive_json_from() == said("x")
    await communicator.disconnect()


# -- logging -------------------------------------------------------------------------------------------------


async def log_of(consumer: Any, caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.set_level(logging.INFO)
    communicator = await connected(consumer)
    for frame in (say("x"), {"action": "ping"}):
        await communicator.send_json_to(frame)
        await communicator.receive_json_from()
    await communicator.disconnect()
    return [text.rpartition(".")[2] for text in records(caplog, "INFO")]


async def test_received_and_sent_messages_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert await log_of(Talk, caplog) == [
        "Talk sends authentication",
        "Talk received say",
        "Talk sends said",
        "Talk received ping",
        "Talk sends pong",
    ]


@pytest.mark.parametrize(
    ("setting", "value", "left"),
    [
        ("LOG_RECEIVED_MESSAGE", False, ["sends authentication", "sends said", "sends pong"]),
        ("LOG_SENT_MESSAGE", False, ["received say", "received ping"]),
        ("LOG_IGNORED_ACTIONS", ["say", "pong", "authentication"], ["sends said", "received ping"]),
    ],
)
@pytest.mark.parametrize("by_class", [True, False])
async def test_logging_is_chosen_by_setting_or_class(
    setting: str, value: Any, left: list[str], by_class: bool, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    consumer: Any = Talk
    if by_class:
        consumer = type("Talk", (Talk,), {setting.lower(): value, "__module__": "chat"})
    else:
        settings.CHANX = {setting: value}
    assert await log_of(consumer, caplog) == [f"Talk {text}" for text in left]


async def test_disconnect_is_not_called_for_a_client_that_was_never_let_in() -> None:
    """What it would do is done on behalf of somebody: say goodbye to a group, for instance, as ``self.user``."""
    left: list[str] = []

    class Leaving(Talk):
        groups = ["class"]  # noqa: RUF012 - as Channels documents it

        async def disconnect(self, code: int) -> None:
            left.append(str(self.user))
            await self.send_to_groups({"action": "left"})

    class Guarded(Leaving):
        permission_classes: PermissionClasses = (Nobody,)

    stranger = client(Guarded)
    await stranger.connect()
    assert (await stranger.receive_json_from())["payload"]["status_code"] == 403
    await stranger.assert_closed(4403)
    await stranger.disconnect()
    assert left == []

    guest = await connected(Leaving)
    await guest.disconnect()
    assert left == ["AnonymousUser"]


# -- limits --------------------------------------------------------------------------------------------------


class Parsing(Talk):
    """Counts the frames that it has parsed itself."""

    parsed: ClassVar[list[str]] = []

    @classmethod
    async def decode_json(cls, text_data: str) -> Any:
        cls.parsed.append(text_data)
        return json.loads(text_data)


@pytest.mark.parametrize("consumer", [Talk, Parsing])
@pytest.mark.parametrize(("asgi", "code"), [({"spec_version": "2.5"}, 1009), ({}, 4009)], ids=["uvicorn", "daphne"])
async def test_a_frame_over_the_size_closes_before_anybody_parses_it(
    consumer: Any, asgi: dict[str, str], code: int
) -> None:
    communicator = client(consumer)
    cast("dict[str, Any]", communicator.scope)["asgi"] = asgi
    Parsing.parsed.clear()
    await communicator.connect()
    await communicator.assert_authenticated_status_ok()
    await communicator.send_to(text_data='{"action": "ping"}' + " " * 65_536)
    await communicator.assert_closed(code)
    assert Parsing.parsed == []
    await communicator.disconnect()


@pytest.mark.parametrize("consumer", [Talk, Parsing])
async def test_a_frame_over_the_depth_is_refused_before_anybody_parses_it(consumer: Any) -> None:
    communicator = await connected(consumer)
    Parsing.parsed.clear()
    await communicator.send_to(text_data="[" * 65_536)
    frame = await communicator.receive_json_from()
    assert frame["payload"] == [{"type": "too_deep", "loc": [], "msg": "More than 64 levels of nesting"}]
    assert Parsing.parsed == []
    await communicator.send_json_to({"action": "ping"})
    assert (await communicator.receive_json_from())["action"] == "pong"
    await communicator.disconnect()


async def test_a_service_chooses_its_limits(settings: Settings) -> None:
    settings.CHANX = {"MAX_MESSAGE_SIZE": None, "MAX_DEPTH": 1}
    communicator = await connected(Talk)
    await communicator.send_to(text_data='{"action": "ping"}' + " " * 1_000_000)
    assert (await communicator.receive_json_from())["action"] == "pong"
    await communicator.send_to(text_data='{"action": "ping", "payload": {}}')
    assert (await communicator.receive_json_from())["payload"][0]["type"] == "too_deep"
    await communicator.disconnect()
