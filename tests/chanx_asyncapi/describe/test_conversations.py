"""What a connection carries, by the declarations of its consumer and the settings."""

from collections.abc import AsyncIterator
from typing import Any, Literal

import pytest

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import ErrorMessage
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe.conversations import Conversation, Frame, conversation, message_name


class Ask(BaseMessage):
    """Asks."""

    action: Literal["ask"] = "ask"
    payload: str


class Answer(BaseMessage):
    """Answers."""

    action: Literal["answer"] = "answer"
    payload: str


class Aside(BaseMessage):
    action: Literal["aside"] = "aside"
    payload: str


class News(BaseGroupMessage):
    """News."""

    action: Literal["news"] = "news"
    payload: str


class Noticed(BaseChannelEvent):
    """An event."""

    handler: Literal["noticed"] = "noticed"
    payload: str


def base(incoming: Any, event: Any = None, group: Any = None) -> Any:
    """``AsyncJsonWebsocketConsumer`` with generic arguments that a test computes."""
    return AsyncJsonWebsocketConsumer[incoming, event, group]


def received(talk: Conversation) -> dict[str, list[str]]:
    """The keys of the replies, by the key of what they answer."""
    return {talk.keys[each.frame]: [talk.keys[reply] for reply in each.replies] for each in talk.received}


def sent(talk: Conversation) -> list[str]:
    return [talk.keys[each.frame] for each in talk.sent]


def test_replies_are_what_the_handler_returns_and_the_error() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[Ask | PingMessage]):
        @handler
        async def ask(self, message: Ask) -> Answer | Aside | None:
            """Answers a question."""

    talk = conversation(Consumer.spec)

    assert received(talk) == {"ask": ["answer", "aside", "error"], "ping": ["pong", "error"]}
    assert sent(talk) == ["authentication", "error"]
    assert talk.received[0].description == "Answers a question."
    assert not talk.received[0].streams


def test_a_generator_streams() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[Ask]):
        @handler
        async def ask(self, message: Ask) -> AsyncIterator[Answer]:
            yield Answer(payload="")

    (ask,) = conversation(Consumer.spec).received

    assert ask.streams
    assert ask.description == "Asks."


def test_a_ping_of_a_class_with_receive_message_is_answered_by_a_pong() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[Ask | PingMessage]):
        async def receive_message(self, message: Ask | PingMessage, **kwargs: Any) -> None: ...

    assert received(conversation(Consumer.spec)) == {"ask": ["error"], "ping": ["pong", "error"]}


def test_a_handler_of_pings_says_itself_what_it_answers() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[PingMessage]):
        @handler
        async def ping(self, message: PingMessage) -> None: ...

    assert received(conversation(Consumer.spec)) == {"ping": ["error"]}


def test_group_messages_event_replies_and_outgoing_messages_are_sent() -> None:
    class Consumer(base(Ask, Noticed, News)):  # type: ignore[misc]  # a base that is computed
        outgoing_messages = (Aside,)

        @handler
        async def ask(self, message: Ask) -> None: ...

        @handler
        async def noticed(self, event: Noticed) -> Answer:
            """Passes it on."""
            return Answer(payload=event.payload)

    talk = conversation(Consumer.spec)

    assert sent(talk) == ["authentication", "answer", "news", "aside", "error"]
    assert {talk.keys[each.frame]: each.description for each in talk.sent}["aside"] is None


def test_an_event_handler_describes_a_message_without_docstring() -> None:
    class Consumer(base(PingMessage, Noticed)):  # type: ignore[misc]  # a base that is computed
        @handler
        async def noticed(self, event: Noticed) -> Aside:
            """Passes it on."""
            return Aside(payload=event.payload)

    talk = conversation(Consumer.spec)

    assert {talk.keys[each.frame]: each.description for each in talk.sent}["aside"] == "Passes it on."


@pytest.mark.parametrize(
    ("setting", "attribute", "expected"),
    [(True, None, True), (False, True, True), (True, False, False), (False, None, False)],
)
def test_completion_is_announced_where_it_is_switched_on(setting: bool, attribute: bool | None, expected: bool) -> None:
    class Consumer(base(PingMessage, None, News)):  # type: ignore[misc]  # a base that is computed
        send_completion = attribute

    with override_chanx_settings(SEND_COMPLETION=setting):
        talk = conversation(Consumer.spec)

    assert ("complete" in received(talk)["ping"]) is expected
    assert ("complete" in sent(talk)) is expected
    assert ("group_complete" in sent(talk)) is expected


def test_no_group_completion_without_groups() -> None:
    class Alone(AsyncJsonWebsocketConsumer[PingMessage]): ...

    class Grouped(AsyncJsonWebsocketConsumer[PingMessage]):
        async def build_groups(self) -> list[str]:
            return ["everybody"]

    class Fixed(AsyncJsonWebsocketConsumer[PingMessage]):
        groups = ["everybody"]  # noqa: RUF012 - as Channels declares it

    with override_chanx_settings(SEND_COMPLETION=True):
        found = [("group_complete" in sent(conversation(each.spec))) for each in (Alone, Grouped, Fixed)]

    assert found == [False, True, True]


def test_authentication_is_left_out_where_it_is_switched_off() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[PingMessage]):
        send_authentication_message = False

    class Follows(AsyncJsonWebsocketConsumer[PingMessage]): ...

    assert sent(conversation(Consumer.spec)) == ["error"]
    with override_chanx_settings(SEND_AUTHENTICATION_MESSAGE=False):
        assert sent(conversation(Follows.spec)) == ["error"]


def test_one_action_in_both_directions_makes_two_keys() -> None:
    class Echoed(BaseMessage):
        action: Literal["ask"] = "ask"
        payload: str

    class Consumer(AsyncJsonWebsocketConsumer[Ask]):
        @handler
        async def ask(self, message: Ask) -> Echoed:
            return Echoed(payload=message.payload)

    keys = conversation(Consumer.spec).keys

    assert keys[Frame(Ask, "received")] == "ask"
    assert keys[Frame(Echoed, "sent")].endswith(".Echoed-sent")


def test_a_users_own_error_and_the_systems_are_both_there() -> None:
    class OwnError(ErrorMessage):
        payload: str

    class Consumer(AsyncJsonWebsocketConsumer[Ask]):
        @handler
        async def ask(self, message: Ask) -> OwnError:
            return OwnError(payload=message.payload)

    keys = conversation(Consumer.spec).keys

    assert {Frame(OwnError, "sent"), Frame(ErrorMessage, "sent")} <= set(keys)
    assert len(set(keys.values())) == len(keys)


def test_a_message_with_several_actions_is_called_by_its_class() -> None:
    class Either(BaseMessage):
        action: Literal["a", "b"]
        payload: None = None

    assert message_name(Either) == "Either"
    assert message_name(Ask) == "ask"


def test_what_is_sent_where_groups_are_heard_may_be_relayed() -> None:
    class Alone(AsyncJsonWebsocketConsumer[Ask]):
        @handler
        async def ask(self, message: Ask) -> Answer: ...  # type: ignore[empty-body]  # never called

    class Grouped(Alone):
        groups = ["everybody"]  # noqa: RUF012 - as Channels declares it

    assert conversation(Alone.spec).relayed == frozenset()
    relayed = conversation(Grouped.spec).relayed
    assert Frame(Answer, "sent") in relayed
    assert Frame(Ask, "received") not in relayed
