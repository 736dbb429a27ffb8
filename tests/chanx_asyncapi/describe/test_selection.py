"""Documents about a part of the demo."""

import json
from typing import Any

import pytest
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter

from chanx.routing import path
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import Options, describe
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
        "Filter by the label of an application whose consumers are routed."
    ]
    assert validate(description.document) == []
