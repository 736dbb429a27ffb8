"""Which of chanx's own messages a consumer sends."""

from typing import Any

import pytest
from pytest_django import Settings

from chanx.generic.handlers import handler
from chanx.generic.system_messages import SYSTEM_MESSAGES, system_messages
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from tests.chanx.support import News, Say

pytestmark = pytest.mark.usefixtures("registry")

ALWAYS = {"authentication", "error"}


class Base(AsyncJsonWebsocketConsumer[Say]):
    async def receive_message(self, message: BaseMessage, **kwargs: Any) -> None: ...


def actions(consumer: Any) -> set[str]:
    return {action for message in system_messages(consumer.spec) for action in message.discriminator_values()}


def test_each_is_known_by_its_action() -> None:
    resuming = {"positions", "resumed"}
    assert set(SYSTEM_MESSAGES) == {"authentication", "complete", "error", "group_complete", "pong", *resuming}


def test_a_consumer_authenticates_and_refuses() -> None:
    assert actions(Base) == ALWAYS


@pytest.mark.parametrize(("setting", "attribute"), [(False, None), (True, False)])
def test_without_an_authentication_frame(setting: bool, attribute: bool | None, settings: Settings) -> None:
    settings.CHANX = {"SEND_AUTHENTICATION_MESSAGE": setting}

    class Silent(Base):
        send_authentication_message = attribute

    assert actions(Silent) == {"error"}


def test_a_ping_is_answered_where_it_is_received() -> None:
    class Pinged(AsyncJsonWebsocketConsumer[Say | PingMessage]):
        async def receive_message(self, message: Say | PingMessage, **kwargs: Any) -> None: ...

    assert actions(Pinged) == {*ALWAYS, "pong"}


def test_handlers_say_themselves_what_answers_a_ping() -> None:
    class Swallowing(AsyncJsonWebsocketConsumer[PingMessage]):
        @handler
        async def ping(self, message: PingMessage) -> None: ...

    assert actions(Swallowing) == ALWAYS


@pytest.mark.parametrize(("setting", "attribute"), [(False, True), (True, None)])
def test_completion_where_it_is_switched_on(setting: bool, attribute: bool | None, settings: Settings) -> None:
    settings.CHANX = {"SEND_COMPLETION": setting}

    class Completing(Base):
        send_completion = attribute

    assert actions(Completing) == {*ALWAYS, "complete"}


@pytest.mark.parametrize("how", ["group message", "groups", "build_groups"])
def test_group_completion_where_something_may_be_relayed(how: str, settings: Settings) -> None:
    settings.CHANX = {"SEND_COMPLETION": True}

    class Relaying(AsyncJsonWebsocketConsumer[Say, None, News]):
        async def receive_message(self, message: Say, **kwargs: Any) -> None: ...

    class Fixed(Base):
        groups = ["everybody"]  # noqa: RUF012 - as Channels declares it

    class Building(Base):
        async def build_groups(self) -> list[str]:
            return ["everybody"]

    consumer = {"group message": Relaying, "groups": Fixed, "build_groups": Building}[how]
    assert actions(consumer) == {*ALWAYS, "complete", "group_complete"}
