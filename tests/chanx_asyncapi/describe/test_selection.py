"""Documents about a part of the demo."""

import json
from typing import Any, Literal

import pytest
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseGroupMessage, BaseMessage
from chanx.routing import path
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import Options, describe
from chanx_asyncapi.overrides import asyncapi
from chanx_asyncapi.render import render
from chanx_asyncapi.validation import validate
from chat.consumers import ChatConsumer
from tests.chanx_asyncapi.describe.support import codes
from tests.contract.npm_parser import diagnostics

DOCUMENTS = {"talk": {"APPS": ["chat", "assistant"]}}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(), ["chat", "assistant", "notifications"]),
        (Options(apps=("chat",)), ["chat"]),
        (Options(apps=("notifications", "chat")), ["chat", "notifications"]),
        (Options(document="talk"), ["chat", "assistant"]),
        (Options(document="talk", apps=("chat", "notifications")), ["chat"]),
    ],
)
def test_filters_by_application(options: Options, expected: list[str]) -> None:
    with override_chanx_settings(DOCUMENTS=DOCUMENTS):
        description = describe(options=options)

    assert list(description.document.channels) == expected
    assert description.problems == ()


def test_a_part_is_whole_and_says_the_same_as_the_whole() -> None:
    whole = describe().document.to_wire()
    part = describe(options=Options(apps=("chat",))).document

    assert validate(part) == []
    assert diagnostics(render(part)) == []
    wire = part.to_wire()
    assert wire["channels"]["chat"] == whole["channels"]["chat"]
    assert wire["operations"].items() <= whole["operations"].items()
    for kind, components in wire["components"].items():
        assert components.items() <= whole["components"][kind].items()
    assert "assistant" not in json.dumps({**wire, "info": {}})


def test_a_channel_has_the_same_key_in_each_document() -> None:
    class Other(ChatConsumer): ...

    application = URLRouter([path("a/", Other, name="x"), path("b/", ChatConsumer, name="x")])

    whole, part = describe(application), describe(application, Options(apps=("chat",)))

    assert list(whole.document.channels) == ["x", "b"]
    assert list(part.document.channels) == ["b"]
    assert codes(whole) == codes(part) == ["asyncapi.W002"]


class Plain(AsyncWebsocketConsumer): ...


def application_with_foreign_routes() -> Any:
    class Base(ChatConsumer, abstract=True): ...

    return URLRouter([path("a/", Plain.as_asgi()), path("b/", Base), path("c/", ChatConsumer, name="chat")])


def test_problems_of_what_is_left_out_are_left_out() -> None:
    application = application_with_foreign_routes()

    assert codes(describe(application)) == ["asyncapi.W001", "asyncapi.E001"]
    assert codes(describe(application, Options(apps=("chat",)))) == []


def test_an_empty_document_is_a_problem() -> None:
    description = describe(options=Options(apps=("auth",)))

    assert description.document.channels == {}
    assert [str(problem) for problem in description.problems] == [
        "asyncapi.W012 [routing] the filters leave no channel, so the document is empty. "
        "Filter by the label of an application whose consumers are routed, or by a tag that they have."
    ]
    assert validate(description.document) == []


# -- tags ----------------------------------------------------------------------------------------------------


class Ask(BaseMessage):
    """Asks."""

    action: Literal["ask"] = "ask"
    payload: str


class Answer(BaseMessage):
    """Answers."""

    action: Literal["answer"] = "answer"
    payload: str


class Reset(BaseMessage):
    """Forgets everything."""

    action: Literal["reset"] = "reset"
    payload: None = None


class Done(BaseMessage):
    """It is done."""

    action: Literal["done"] = "done"
    payload: None = None


class News(BaseGroupMessage):
    """Something has happened."""

    action: Literal["news"] = "news"
    payload: str


@asyncapi(tags=["help"])
class Desk(AsyncJsonWebsocketConsumer[Ask | Reset, None, News]):
    """Answers questions."""

    @handler
    async def ask(self, message: Ask) -> Answer:
        """Asks something."""
        return Answer(payload="")

    @handler
    @asyncapi(tags=["operating", "help"])
    async def reset(self, message: Reset) -> Done:
        """Forgets all questions."""
        return Done()


@asyncapi(tags=["secret"])
class Vault(AsyncJsonWebsocketConsumer[Ask]):
    """Keeps secrets."""

    @handler
    async def ask(self, message: Ask) -> Answer:
        """Asks for a secret."""
        return Answer(payload="")


def tagged() -> Any:
    return URLRouter(
        [path("desk/", Desk, name="desk"), path("vault/", Vault, name="vault"), path("p/", Plain.as_asgi())]
    )


ALWAYS = ["desk.send.authentication", "desk.send.news", "desk.send.error"]


@pytest.mark.parametrize(
    ("tags", "operations"),
    [
        (["help"], ["desk.receive.ask", "desk.receive.reset", *ALWAYS]),
        (["operating"], ["desk.receive.reset", *ALWAYS]),
        (["secret"], ["vault.receive.ask", "vault.send.authentication", "vault.send.error"]),
    ],
)
def test_filters_by_tag(tags: list[str], operations: list[str]) -> None:
    with override_chanx_settings(DOCUMENTS={"part": {"TAGS": tags}}):
        named = describe(tagged(), Options(document="part"))
    asked = describe(tagged(), Options(tags=tuple(tags)))

    assert asked == named
    assert asked.problems == ()
    assert list(asked.document.operations) == operations
    assert validate(asked.document) == []
    assert diagnostics(render(asked.document)) == []


def test_both_filters_count() -> None:
    with override_chanx_settings(DOCUMENTS={"part": {"TAGS": ["operating", "secret"]}}):
        description = describe(tagged(), Options(document="part", tags=("help",)))

    assert list(description.document.operations) == ["desk.receive.reset", *ALWAYS]


def test_nothing_is_left_of_what_has_other_tags() -> None:
    document = describe(tagged(), Options(tags=("operating",))).document.to_wire()

    assert list(document["channels"]) == ["desk"]
    text = json.dumps(document)
    for name in ("vault", "secret", ".Ask", ".Answer", "receive.ask"):
        assert name not in text
    # Clients who reset get the news as well.
    assert "News" in text


def test_the_label_of_the_application_is_the_tag_of_a_consumer_without_tags() -> None:
    assert describe(options=Options(tags=("chat",))) == describe(options=Options(apps=("chat",)))


def test_a_tag_that_nothing_has() -> None:
    assert codes(describe(tagged(), Options(tags=("none",)))) == ["asyncapi.W012"]
