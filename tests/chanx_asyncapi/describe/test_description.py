"""Whole documents: valid for everybody, complete, the same bytes each time, and never spoilt by one bad consumer."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from pytest_django import Settings
from rest_framework.permissions import AllowAny

from chanx.close_codes import CLOSE_CODES
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.routing import path, re_path
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import Options, describe
from chanx_asyncapi.describe.names import class_path
from chanx_asyncapi.render import render
from chanx_asyncapi.spec import VERSIONS, Version
from chanx_asyncapi.validation import validate
from tests.chanx_asyncapi.describe import torture
from tests.chanx_asyncapi.describe.support import codes, described, service, subschemas
from tests.chanx_asyncapi.describe.torture import everything
from tests.contract.npm_parser import diagnostics

ROOT = Path(__file__).parents[3]
WIRES: list[dict[str, Any]] = [
    {},
    {"CAMELIZE": True, "MESSAGE_ACTION_KEY": "type", "SEND_COMPLETION": True, "SEND_AUTHENTICATION_MESSAGE": False},
]


class Ask(BaseMessage):
    """Asks."""

    action: Literal["ask"] = "ask"
    payload: str


class Answer(BaseMessage):
    """Answers."""

    action: Literal["answer"] = "answer"
    payload: str


class Undocumented(BaseMessage):
    action: Literal["undocumented"] = "undocumented"
    payload: str


class Unwritable(BaseMessage):
    """Holds a function."""

    action: Literal["unwritable"] = "unwritable"
    payload: Callable[[], int]


class Plain(AsyncWebsocketConsumer): ...


def good_consumer() -> type[Any]:
    class Good(AsyncJsonWebsocketConsumer[Ask | PingMessage]):
        """A good one."""

        @handler
        async def ask(self, message: Ask) -> Answer:
            return Answer(payload=message.payload)

    return Good


# -- valid ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec_version", VERSIONS)
@pytest.mark.parametrize("chanx", WIRES)
def test_the_torture_service_has_no_problem(chanx: dict[str, Any], spec_version: Version) -> None:
    with override_chanx_settings(**chanx):
        description = describe(torture.application(), Options(spec_version=spec_version))

    assert description.problems == ()
    assert validate(description.document) == []


def test_the_demo_has_no_problem() -> None:
    description = describe()

    assert description.problems == ()
    assert validate(description.document) == []


def test_the_torture_service_is_large() -> None:
    assert len(torture.consumers()) >= 140


def test_no_keyword_of_a_later_draft_is_left_in_a_schema() -> None:
    document = describe(URLRouter([*everything.ROUTES])).document.to_wire()

    for schema in subschemas(document["components"]["schemas"]):
        assert not {"$defs", "prefixItems", "contentSchema"} & set(schema)
        assert "$ref" not in schema or len(schema) == 1
        assert not isinstance(schema.get("discriminator"), dict)


# -- the same bytes ------------------------------------------------------------------------------------------


def test_the_same_code_gives_the_same_bytes() -> None:
    assert render(describe(torture.application()).document) == render(describe(torture.application()).document)


def test_another_process_with_other_hashes_gives_the_same_bytes() -> None:
    code = (
        "import django; django.setup();"
        "from tests.chanx_asyncapi.describe.torture import application;"
        "from chanx_asyncapi.describe import describe; from chanx_asyncapi.render import render;"
        "print(render(describe(application()).document), end='')"
    )

    def document(seed: str) -> str:
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, ROOT / "management"))),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        command = [sys.executable, "-c", code]
        return subprocess.run(command, env=environment, capture_output=True, check=True, encoding="utf-8").stdout

    assert document("1") == document("2")


def test_a_second_service_renames_nothing() -> None:
    one, two = good_consumer(), good_consumer()
    alone = described(one)
    both = describe(service(one, two)).document.to_wire()

    assert both["channels"]["c0"] == alone["channels"]["c0"]
    for kind in ("schemas", "messages"):
        assert alone["components"][kind].items() <= both["components"][kind].items()
    assert alone["operations"].items() <= both["operations"].items()


# -- complete ------------------------------------------------------------------------------------------------


def test_operations_and_replies() -> None:
    operations = described(good_consumer())["operations"]

    assert list(operations) == ["c0.receive.ask", "c0.receive.ping", "c0.send.authentication", "c0.send.error"]
    assert operations["c0.receive.ask"] == {
        "action": "receive",
        "channel": {"$ref": "#/channels/c0"},
        "description": "Asks.",
        "security": [
            {"$ref": "#/components/securitySchemes/tokenAuth"},
            {"$ref": "#/components/securitySchemes/cookieAuth"},
        ],
        "messages": [{"$ref": "#/channels/c0/messages/ask"}],
        "reply": {
            "channel": {"$ref": "#/channels/c0"},
            "messages": [{"$ref": "#/channels/c0/messages/answer"}, {"$ref": "#/channels/c0/messages/error"}],
        },
    }


def test_a_stream_is_marked_at_its_reply() -> None:
    operations = describe(torture.application()).document.to_wire()["operations"]

    assert operations["everything.receive.strict"]["reply"]["x-stream"] is True
    assert "x-stream" not in operations["everything.receive.all"]["reply"]


def test_a_message() -> None:
    messages = describe(torture.application()).document.to_wire()["components"]["messages"]

    strict = messages[f"{everything.__name__}.Strict"]
    assert strict == {
        "name": "strict",
        "title": "Strict",
        "description": "Nothing else is allowed.",
        "contentType": "application/json",
        "correlationId": {
            "location": "$message.payload#/id",
            "description": "Chosen by the client; what answers the message carries it.",
        },
        "payload": {"$ref": f"#/components/schemas/{everything.__name__}.Strict"},
        "examples": [
            {
                "name": "example-1",
                "summary": "Given by the authors of the service.",
                "payload": {"action": "strict", "payload": {"snake_case_name": 2}},
            }
        ],
    }
    sent = messages[f"{everything.__name__}.Strict-sent"]
    assert sent["correlationId"]["location"] == "$message.payload#/reply_to"
    assert messages[f"{everything.__name__}.Old"]["x-deprecated"] is True
    assert "correlationId" not in messages[f"{everything.__name__}.Several"]


def test_what_clients_find_at_the_root() -> None:
    with override_chanx_settings(CAMELIZE=True, MESSAGE_ACTION_KEY="type"):
        document = described(good_consumer())

    assert document["x-envelope"] == {
        "actionKey": "type",
        "payloadKey": "payload",
        "idKey": "id",
        "replyToKey": "replyTo",
        "idMaxLength": 64,
    }
    assert [each["code"] for each in document["x-close-codes"]] == [int(code) for code in CLOSE_CODES]
    assert document["x-close-codes"][0] == {
        "code": 1001,
        "daphne": 4001,
        "name": "going_away",
        "meaning": "The server is going away.",
        "retry": "backoff",
    }


@pytest.mark.parametrize(
    ("base_url", "given", "expected"),
    [
        (None, None, {"host": "localhost:8000", "protocol": "ws"}),
        (None, "wss://a.example/x", {"host": "a.example", "protocol": "wss", "pathname": "/x"}),
        ("wss://b.example", "wss://a.example", {"host": "b.example", "protocol": "wss"}),
    ],
)
def test_the_server(base_url: str | None, given: str | None, expected: dict[str, str]) -> None:
    with override_chanx_settings(WEBSOCKET_BASE_URL=base_url):
        document = describe(service(good_consumer()), Options(server_url=given)).document.to_wire()

    assert document["servers"] == {"default": expected}


def test_a_consumer_without_schemes_has_no_security() -> None:
    class Open(AsyncJsonWebsocketConsumer[PingMessage]):
        authentication_classes = ()
        permission_classes = (AllowAny,)

    document = described(Open)

    assert all("security" not in operation for operation in document["operations"].values())
    assert "securitySchemes" not in document["components"]
    assert document["channels"]["c0"]["x-security-optional"] is True


# -- problems ------------------------------------------------------------------------------------------------


def test_a_plain_consumer_is_reported_and_left_out() -> None:
    description = describe(service(good_consumer(), Plain.as_asgi()))

    assert list(description.document.channels) == ["c0"]
    assert [str(problem) for problem in description.problems] == [
        f"asyncapi.W001 [routing > /1/] {__name__}.Plain answers here, which is no chanx consumer; the document lacks "
        "it. Derive it from chanx.generic.websocket.AsyncJsonWebsocketConsumer."
    ]


def test_a_bad_message_costs_no_other_consumer() -> None:
    class Bad(AsyncJsonWebsocketConsumer[Unwritable]):
        @handler
        async def unwritable(self, message: Unwritable) -> None: ...

    good = good_consumer()
    description = describe(service(good, Bad))

    assert codes(description) == ["asyncapi.E002"]
    assert validate(description.document) == []
    wire = description.document.to_wire()
    assert wire["channels"]["c0"] == described(good)["channels"]["c0"]
    assert list(wire["channels"]["c1"]["messages"]) == ["unwritable", "error", "authentication"]


def test_a_consumer_with_wrong_attributes_costs_no_other() -> None:
    class Bad(AsyncJsonWebsocketConsumer[PingMessage]):
        permission_classes = 7  # type: ignore[assignment]  # that is the case

    description = describe(service(Bad, good_consumer()))

    assert list(description.document.channels) == ["c1"]
    assert [str(problem) for problem in description.problems] == [
        f"asyncapi.E001 [routing > {class_path(Bad)}] the consumer cannot be described: TypeError: 'int' object is "
        "not iterable. See that its attributes are what AsyncJsonWebsocketConsumer says they are."
    ]


def test_an_abstract_consumer_on_a_route_is_reported() -> None:
    class Base(AsyncJsonWebsocketConsumer[PingMessage], abstract=True): ...

    assert codes(describe(service(Base))) == ["asyncapi.E001"]


def test_routing_that_cannot_be_read_is_a_problem() -> None:
    class Broken:
        @property
        def inner(self) -> Any:
            raise RuntimeError("no routes today")

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    description = describe(URLRouter([path("a", good_consumer()), path("b", Broken())]))

    assert list(description.document.channels) == ["a"]
    assert codes(description) == ["asyncapi.E001"]
    assert "no routes today" in description.problems[0].text


def test_an_application_without_websockets_has_an_empty_document() -> None:
    description = describe(ProtocolTypeRouter({}))

    assert description.document.channels == {}
    assert description.problems == ()
    assert diagnostics(render(description.document)) == []


def test_a_missing_application_is_a_problem(settings: Settings) -> None:
    settings.ASGI_APPLICATION = "nowhere.application"

    assert codes(describe()) == ["asyncapi.E001"]


def test_silence_is_reported() -> None:
    class Silent(AsyncJsonWebsocketConsumer[Undocumented]):
        async def receive_message(self, message: Undocumented, **kwargs: Any) -> None: ...

    description = describe(service(Silent))

    assert codes(description) == ["asyncapi.W009", "asyncapi.W004"]
    assert str(description.problems[1]) == (
        f"asyncapi.W004 [routing > {__name__}.test_silence_is_reported.Silent > undocumented] no docstring says what "
        "the received message 'undocumented' is for. Write one for Undocumented, or for its handler."
    )
    operation = description.document.to_wire()["operations"]["c0.receive.undocumented"]
    assert operation["description"] == "Receives the message 'undocumented'."


def test_problems_of_one_consumer_on_two_routes_are_told_once() -> None:
    class Silent(AsyncJsonWebsocketConsumer[Undocumented]):
        async def receive_message(self, message: Undocumented, **kwargs: Any) -> None: ...

    description = describe(service(Silent, Silent))

    assert list(description.document.channels) == ["c0", "c1"]
    assert codes(description) == ["asyncapi.W009", "asyncapi.W004"]


def test_a_pattern_of_a_route_that_javascript_refuses_is_reported() -> None:
    description = describe(URLRouter([re_path(r"^(?P<room>(?i:a))/$", good_consumer(), name="a")]))

    assert codes(description) == ["asyncapi.E403"]
    assert validate(description.document) == []


def test_the_document_is_json() -> None:
    document = describe(torture.application()).document

    assert json.loads(render(document)) == document.to_wire()
