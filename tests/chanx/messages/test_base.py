"""The base classes refuse what cannot be told apart on the wire."""

from enum import Enum, StrEnum
from typing import Any, Final, Generic, Literal, TypeVar

import pytest
from pydantic import ValidationError

from chanx.exceptions import MessageDefinitionError
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from tests.chanx.support import News, Noticed, Say, exactly

ACTION: Final = "constant"
Data = TypeVar("Data")


class Word(StrEnum):
    HELLO = "hello"
    BYE = "bye"


class OlderWord(str, Enum):  # noqa: UP042 - as it was written before Python 3.11
    HELLO = "hello"


class NoText(Enum):
    HELLO = "hello"


def test_a_message_is_a_literal_action_and_a_payload() -> None:
    assert Say(payload="x").model_dump() == {"action": "say", "payload": "x"}
    assert Say.discriminator_values() == ["say"]
    with pytest.raises(ValidationError):
        Say.model_validate({"action": "other", "payload": "x"})


def test_a_group_message_knows_whose_it_is() -> None:
    assert News(payload="x").model_dump() == {
        "action": "news",
        "payload": "x",
        "is_mine": False,
        "is_current": False,
    }
    assert issubclass(BaseGroupMessage, BaseMessage)


def test_an_event_is_named_by_its_handler() -> None:
    assert Noticed(payload="x").model_dump() == {"handler": "noticed", "payload": "x"}
    assert Noticed.discriminator_values() == ["noticed"]


def test_an_action_may_have_several_values_and_be_an_enum() -> None:
    class Greeting(BaseMessage):
        action: Literal[Word.HELLO, Word.BYE]
        payload: None = None

    class OlderGreeting(BaseMessage):
        action: Literal[OlderWord.HELLO]
        payload: None = None

    class Both(BaseMessage):
        action: Literal["a", "b"] = "a"
        payload: None = None

    assert Greeting.discriminator_values() == ["hello", "bye"]
    assert type(Greeting.discriminator_values()[0]) is str
    for greeting, word in ((Greeting, Word.HELLO), (OlderGreeting, OlderWord.HELLO)):
        message = greeting.model_validate_json('{"action":"hello"}')
        assert message.action is word
    assert Both.discriminator_values() == ["a", "b"]


@pytest.mark.parametrize("base", [BaseMessage, BaseGroupMessage, BaseChannelEvent])
def test_a_base_class_without_a_discriminator_of_its_own_is_a_base_for_others(base: type[Any]) -> None:
    middle: Any = type("Middle", (base,), {"__module__": __name__, "__annotations__": {"payload": int}})
    assert middle.discriminator_values() == ()


def test_a_literal_comes_through_a_generic_base() -> None:
    class Carrier(BaseMessage, Generic[Data]):
        action: Literal["carrier"] = "carrier"
        payload: Data

    class Numbers(Carrier[list[int]]):
        pass

    assert Carrier[int].discriminator_values() == ["carrier"]
    assert Numbers.discriminator_values() == ["carrier"]
    assert Numbers(payload=[1]).payload == [1]


def test_a_quoted_annotation_is_read() -> None:
    class Quoted(BaseMessage):
        action: "Literal['quoted']" = "quoted"
        payload: None = None

    assert Quoted.discriminator_values() == ["quoted"]


@pytest.mark.parametrize(
    ("annotation", "problem"),
    [
        (str, "is not a Literal"),
        (Any, "is not a Literal"),
        (Word, "is not a Literal"),
        (Literal["a"] | None, "is not a Literal"),
        (Literal[1], "holds 1, which is not a text that can name a message"),
        (Literal["a", 2], "holds 2, which is not a text that can name a message"),
        (Literal[""], "holds '', which is not a text that can name a message"),
        (Literal[NoText.HELLO], "holds NoText.HELLO, which is no text itself: let NoText be a StrEnum"),
        (Literal[None], "holds None, which is not a text that can name a message"),
    ],
    ids=str,
)
@pytest.mark.parametrize(("base", "key"), [(BaseMessage, "action"), (BaseChannelEvent, "handler")])
def test_another_discriminator_is_refused_with_an_example(
    base: type[Any], key: str, annotation: Any, problem: str
) -> None:
    namespace = {"__module__": "chat.messages", "__qualname__": "NewMessage", "__annotations__": {key: annotation}}
    with pytest.raises(
        MessageDefinitionError,
        match=exactly(
            f"chat.messages.NewMessage: its `{key}` {problem}.\n"
            f'Write for instance: {key}: Literal["new_message"] = "new_message"'
        ),
    ):
        type("NewMessage", (base,), namespace)
