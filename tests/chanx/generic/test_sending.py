"""Sending to the client of one connection, and the report of messages that nobody declared."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from pytest_django import Settings

from chanx.exceptions import UndeclaredMessageError
from chanx.generic.handlers import handler
from chanx.generic.sending import TESTING_SCOPE_KEY
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import CompleteMessage, ErrorMessage, PongMessage
from chanx.testing import WebsocketCommunicator
from tests.chanx.support import Count, News, OpenMixin, Said, Say, client, connected, exactly, records, said, say


class Sender(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
    """Does what a test tells it."""

    outgoing_messages = Said

    async def receive_message(self, message: Say, **kwargs: Any) -> None:
        await self.act()

    async def act(self) -> None: ...


def acting(act: Callable[[Any], Any], base: type[Any] = Sender, **namespace: Any) -> Any:
    return type("Acting", (base,), {"act": act, "__module__": "chat", **namespace})


async def told(consumer: Any, **envelope: Any) -> WebsocketCommunicator:
    communicator = await connected(consumer)
    await communicator.send_json_to(say("go", **envelope))
    return communicator


async def test_send_json_sends_a_dictionary_as_it_is(settings: Settings) -> None:
    settings.CHANX = {"CAMELIZE": True}

    async def act(self: Sender) -> None:
        await self.send_json(said("x", snake_case={"inner_key": [1, None]}))

    communicator = await told(acting(act), id="q")
    assert await communicator.receive_json_from() == said("x", snake_case={"inner_key": [1, None]}, replyTo="q")
    await communicator.disconnect()


async def test_what_is_no_number_is_sent_as_null() -> None:
    """As models do it: NaN is no JSON, and no parser of a browser would read it."""

    async def act(self: Sender) -> None:
        await self.send_json(said("x", numbers=[float("nan"), float("-inf"), 1.5]))

    communicator = await told(acting(act))
    assert await communicator.receive_json_from() == said("x", numbers=[None, None, 1.5])
    await communicator.disconnect()


@pytest.mark.undescribed_frames("the action is made up")
async def test_an_action_that_somebody_else_has_chosen_is_one_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def act(self: Sender) -> None:
        await self.send_json(said("x", action="said\nERROR \x1b[31m" + "x" * 1000))

    communicator = await told(acting(act))
    await communicator.receive_json_from()
    logged = records(caplog, "INFO")[-1]
    assert logged == "chat.Acting sends said\\nERROR \\x1b[31m" + "x" * 48 + "…"
    await communicator.disconnect()


async def test_send_json_keeps_a_reply_to_of_its_own() -> None:
    async def act(self: Sender) -> None:
        await self.send_json(said("x", reply_to="mine"))

    communicator = await told(acting(act), id="q")
    assert await communicator.receive_json_from() == said("x", reply_to="mine")
    await communicator.disconnect()


@pytest.mark.parametrize(("close", "code"), [(True, 1000), (4100, 4100)])
async def test_send_json_may_close_afterwards(close: bool | int, code: int) -> None:
    async def act(self: Sender) -> None:
        await self.send_json(said("last"), close=close)
        await self.send_json(said("never"))

    communicator = await told(acting(act))
    assert await communicator.receive_json_from() == said("last")
    event = await communicator.receive_output()
    assert (event["type"], event.get("code") or 1000) == ("websocket.close", code)
    assert await communicator.receive_nothing(0.05)
    await communicator.disconnect()


async def test_close_sends_one_close_frame() -> None:
    async def act(self: Sender) -> None:
        await self.close(4100, reason="first")
        await self.close(4200)

    communicator = await told(acting(act))
    event = await communicator.receive_output()
    assert (event["type"], event["code"], event["reason"]) == ("websocket.close", 4100, "first")
    assert await communicator.receive_nothing(0.05)
    await communicator.disconnect()


async def test_a_task_that_a_handler_started_still_answers_its_id() -> None:
    tasks: list[asyncio.Task[None]] = []

    async def act(self: Sender) -> None:
        async def later() -> None:
            await asyncio.sleep(0.01)
            await self.send_message(Said(payload="later"))

        tasks.append(asyncio.create_task(later()))

    communicator = await told(acting(act), id="q")
    assert await communicator.receive_json_from() == said("later", reply_to="q")
    await communicator.disconnect()


async def test_sending_to_a_client_that_is_gone_does_nothing() -> None:
    """ASGI servers raise OSError for it (uvicorn: ClientDisconnected), and the disconnect event is on its way."""
    failures: list[BaseException] = []
    gone = False

    async def act(self: Sender) -> None:
        nonlocal gone
        gone = True
        try:
            await self.send_message(Said(payload="x"))
            await self.send_message(Said(payload="y"))
        except BaseException as error:
            failures.append(error)
            raise

    application = acting(act).as_asgi()

    async def server(scope: Any, receive: Any, send: Any) -> None:
        async def send_or_fail(event: Any) -> None:
            if gone:
                raise OSError("gone")
            await send(event)

        await application(scope, receive, send_or_fail)

    communicator = await told(server)
    assert await communicator.receive_nothing(0.05)
    await communicator.disconnect()
    assert failures == []


@pytest.mark.parametrize("by_class", [True, False])
@pytest.mark.parametrize("immediately", [True, False])
async def test_other_tasks_have_a_turn_after_each_message_unless_switched_off(
    immediately: bool, by_class: bool, settings: Settings
) -> None:
    turns: list[str] = []

    async def act(self: Sender) -> None:
        async def other() -> None:
            turns.append("other")

        task = asyncio.create_task(other())
        await self.send_message(Said(payload="x"))
        turns.append("handler")
        await task

    consumer = acting(act)
    if by_class:
        consumer.send_message_immediately = immediately
    else:
        settings.CHANX = {"SEND_MESSAGE_IMMEDIATELY": immediately}
    communicator = await told(consumer)
    await communicator.receive_json_from()
    await communicator.disconnect()
    assert turns == (["other", "handler"] if immediately else ["handler", "other"])


# -- undeclared messages -------------------------------------------------------------------------------------


async def send_count(self: Sender) -> None:
    await self.send_message(Count(payload=1))
    await self.send_message(Said(payload="after"))


REPORT = (
    "chat.Acting sends tests.chanx.support.Count, which it does not declare; clients cannot know of it.\n"
    "Name it in the return annotation of the @handler that sends it, in `outgoing_messages`, "
    "or in the OG parameter of the consumer."
)


async def test_an_undeclared_message_is_raised_into_a_test() -> None:
    communicator = await told(acting(send_count))
    with pytest.raises(UndeclaredMessageError, match=exactly(REPORT)):
        await communicator.receive_json_from()


async def test_what_a_handler_returns_is_checked_as_well() -> None:
    class Returning(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        @handler
        async def say(self, message: Say) -> Said:
            return Count(payload=1)  # type: ignore[return-value]  # the mistake under test

    communicator = await told(Returning)
    with pytest.raises(UndeclaredMessageError, match=r"Returning sends tests\.chanx\.support\.Count"):
        await communicator.receive_json_from()


async def without_test_marker(consumer: Any) -> WebsocketCommunicator:
    communicator = client(consumer)
    cast("Any", communicator.scope).pop(TESTING_SCOPE_KEY)
    await communicator.connect()
    await communicator.assert_authenticated_status_ok()
    await communicator.send_json_to(say("go"))
    return communicator


@pytest.mark.undescribed_frames("the message is not declared")
@pytest.mark.parametrize(("debug", "logged"), [(True, [REPORT]), (False, [])])
async def test_elsewhere_it_is_sent_and_logged_in_debug_alone(
    debug: bool, logged: list[str], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DEBUG = debug
    communicator = await without_test_marker(acting(send_count))
    assert await communicator.receive_json_from() == {"action": "count", "payload": 1}
    assert await communicator.receive_json_from() == said("after")
    assert records(caplog, "WARNING") == logged
    await communicator.disconnect()


@pytest.mark.parametrize(("policy", "logged"), [("log", [REPORT]), ("ignore", [])])
@pytest.mark.undescribed_frames("the message is not declared")
async def test_the_setting_decides_everywhere(
    policy: str, logged: list[str], settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.CHANX = {"UNDECLARED_MESSAGES": policy}
    communicator = await without_test_marker(acting(send_count))
    assert (await communicator.receive_json_from())["action"] == "count"
    assert records(caplog, "WARNING") == logged
    await communicator.disconnect()


async def test_the_setting_may_raise_everywhere(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.CHANX = {"UNDECLARED_MESSAGES": "raise"}
    communicator = await without_test_marker(acting(send_count))
    with pytest.raises(UndeclaredMessageError):
        await communicator.receive_json_from()
    assert records(caplog, "WARNING") == []


@pytest.mark.undescribed_frames("the message is not declared")
async def test_a_class_that_declares_nothing_is_only_logged_about(caplog: pytest.LogCaptureFixture) -> None:
    """An application that was written for the seed's API runs unchanged, its tests included."""

    class Old(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
        async def receive_message(self, message: Say, **kwargs: Any) -> None:
            await self.send_message(Said(payload="x"))

    communicator = await told(Old)
    assert await communicator.receive_json_from() == said("x")
    assert len(records(caplog, "WARNING")) == 1
    await communicator.disconnect()


class Pinged(OpenMixin, AsyncJsonWebsocketConsumer[Say | PingMessage]):
    """A sender that receives pings as well, whose answer needs no declaration."""

    outgoing_messages = Said

    async def receive_message(self, message: Say | PingMessage, **kwargs: Any) -> None:
        await self.act()

    async def act(self) -> None: ...


@pytest.mark.parametrize("message", [PongMessage(), ErrorMessage(payload={"detail": "No"})], ids=repr)
async def test_the_messages_of_chanx_need_no_declaration(message: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def act(self: Pinged) -> None:
        await self.send_message(message)

    communicator = await told(acting(act, Pinged))
    assert (await communicator.receive_json_from())["action"] == message.action
    assert records(caplog, "WARNING") == []
    await communicator.disconnect()


@pytest.mark.parametrize("message", [PongMessage(), CompleteMessage()], ids=repr)
async def test_those_that_the_class_never_sends_need_one(message: Any) -> None:
    """No document mentions a pong where nobody can ping, or completion where it is switched off."""

    async def act(self: Sender) -> None:
        await self.send_message(message)

    communicator = await told(acting(act))
    with pytest.raises(UndeclaredMessageError, match=type(message).__name__):
        await communicator.receive_json_from()


async def test_group_messages_are_declared_by_their_parameter() -> None:
    class Relaying(OpenMixin, AsyncJsonWebsocketConsumer[Say, None, News]):
        @handler
        async def say(self, message: Say) -> None:
            await self.send_message(News(payload="direct"))

    communicator = await told(Relaying)
    assert json.loads(str(await communicator.receive_from())) == {
        "action": "news",
        "payload": "direct",
        "is_mine": False,
        "is_current": False,
    }
    await communicator.disconnect()
