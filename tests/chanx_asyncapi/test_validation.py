"""Validation: a document without findings, and each change to it that has one."""

import copy
import json
import re
import socket
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from chanx_asyncapi.problems import Code
from chanx_asyncapi.render import render
from chanx_asyncapi.spec import VERSIONS, Document, Version
from chanx_asyncapi.validation import validate
from tests.chanx_asyncapi.documents import small_document
from tests.contract.npm_parser import Diagnostic, diagnostics

_Change = Callable[[dict[str, Any]], None]

_ANSWER = "channels/chat/messages/answer"
_MOOD = "components/schemas/Answer/properties/mood"
_NEW: Any = {"type": "object"}


def _at(document: Any, path: str) -> Any:
    for key in filter(None, path.split("/")):
        document = document[int(key) if isinstance(document, list) else key]
    return document


def _set(path: str, value: Any) -> _Change:
    """Set what stands at ``path``; at the end of a list, append."""

    def change(document: dict[str, Any]) -> None:
        holder, _, key = path.rpartition("/")
        parent = _at(document, holder)
        if isinstance(parent, list):
            parent[int(key) :] = [copy.deepcopy(value)]
        else:
            parent[key] = copy.deepcopy(value)

    return change


def _remove(path: str) -> _Change:
    def change(document: dict[str, Any]) -> None:
        holder, _, key = path.rpartition("/")
        del _at(document, holder)[key]

    return change


def _all(*changes: _Change) -> _Change:
    def change(document: dict[str, Any]) -> None:
        for one in changes:
            one(document)

    return change


def _use(schema: Any) -> _Change:
    """Add ``schema`` as a property of a payload."""
    return _set("components/schemas/Ask/properties/new", schema)


_NEW_PROPERTY = "components/schemas/Ask/properties/new"


class _Case(NamedTuple):
    code: Code
    change: _Change
    where: str
    #: A part of the text.
    text: str


_CASES = [
    # The document as a whole
    _Case(Code.UNKNOWN_VERSION, _set("asyncapi", "2.6.0"), "asyncapi", "'2.6.0' is no version"),
    _Case(Code.UNKNOWN_VERSION, _set("asyncapi", ["3.1.0"]), "asyncapi", "['3.1.0'] is no version"),
    _Case(Code.UNKNOWN_VERSION, _remove("asyncapi"), "asyncapi", "None is no version"),
    _Case(Code.OFFICIAL_SCHEMA, _set("info/version", 1), "info/version", "must be of type string, is a number"),
    _Case(Code.OFFICIAL_SCHEMA, _set("info/version", True), "info/version", "must be of type string, is a boolean"),
    _Case(Code.OFFICIAL_SCHEMA, _set("info/tags", "a"), "info/tags", "must be of type array, is a string"),
    _Case(Code.OFFICIAL_SCHEMA, _set("channels", []), "channels", "must be of type object, is an array"),
    _Case(
        Code.OFFICIAL_SCHEMA,
        _set("info/description", None),
        "info/description",
        "is null; leave out what is absent",
    ),
    _Case(Code.OFFICIAL_SCHEMA, _remove("info"), "", "'info' is a required property"),
    _Case(Code.OFFICIAL_SCHEMA, _set("traits", []), "", "no such field here: 'traits'"),
    _Case(Code.OFFICIAL_SCHEMA, _set("x-two words", 1), "", "no such field here: 'x-two words'"),
    _Case(Code.OFFICIAL_SCHEMA, _set("info/contact/url", "no address"), "info/contact/url", "is not a 'uri'"),
    _Case(Code.OFFICIAL_SCHEMA, _set("info/contact/email", "nobody"), "info/contact/email", "is not a 'email'"),
    _Case(Code.OFFICIAL_SCHEMA, _set("channels/chat/adress", "/"), "channels/chat", "no such field here: 'adress'"),
    _Case(Code.OFFICIAL_SCHEMA, _set("channels/chat", 1), "channels/chat", "must be of type object, is a number"),
    _Case(
        Code.OFFICIAL_SCHEMA,
        _set("channels/chat/parameters/room_id/examples", [7]),
        "channels/chat/parameters/room_id/examples/0",
        "must be of type string",
    ),
    _Case(
        Code.OFFICIAL_SCHEMA,
        _set(f"{_ANSWER}/messageId", "a"),
        _ANSWER,
        "no such field here: 'messageId'",
    ),
    _Case(
        Code.OFFICIAL_SCHEMA,
        _set("operations/receiveAsk/operationId", "a"),
        "operations/receiveAsk",
        "no such field here: 'operationId'",
    ),
    _Case(
        Code.OFFICIAL_SCHEMA,
        _set("operations/receiveAsk/channel", {"address": "/"}),
        "operations/receiveAsk/channel",
        "'$ref' is a required property",
    ),
    _Case(
        Code.OFFICIAL_SCHEMA,
        _remove("components/securitySchemes/token/in"),
        "components/securitySchemes/token",
        "'in' is a required property",
    ),
    _Case(
        Code.OFFICIAL_SCHEMA,
        _set("components/securitySchemes/token/type", "apikey"),
        "components/securitySchemes/token",
        "fits none of the objects",
    ),
    _Case(
        Code.OFFICIAL_SCHEMA,
        _set("components/schemas/Refusal/discriminator", {"propertyName": "code"}),
        "components/schemas/Refusal/discriminator",
        "must be of type string, is an object",
    ),
    _Case(
        Code.OFFICIAL_SCHEMA,
        _set("components/schemas/Ask/properties/payload/maxLength", -1),
        "components/schemas/Ask/properties/payload/maxLength",
        "-1 is less than the minimum",
    ),
    _Case(
        Code.OFFICIAL_SCHEMA,
        _set("channels/chat/bindings/ws/bindingVersion", "9.9.9"),
        "channels/chat/bindings/ws/bindingVersion",
        "'9.9.9' is not one of ['0.1.0']",
    ),
    _Case(
        Code.OFFICIAL_SCHEMA,
        _set("channels/chat/bindings/ws/query", {"$ref": "#/components/schemas/Ask"}),
        "channels/chat/bindings/ws/query",
        "fits two of the objects",
    ),
    _Case(
        Code.UNRESOLVED_REFERENCE,
        _set("components/schemas/Ask/properties/payload", {"$ref": "#/components/schemas/Nothing"}),
        "components/schemas/Ask/properties/payload",
        "'#/components/schemas/Nothing' leads nowhere",
    ),
    _Case(
        Code.UNRESOLVED_REFERENCE,
        _use({"$ref": "#anchor"}),
        _NEW_PROPERTY,
        "'#anchor' leads nowhere",
    ),
    _Case(
        Code.UNRESOLVED_REFERENCE,
        _use({"$ref": "#/components/messages/ask"}),
        _NEW_PROPERTY,
        "leads to a message, where a schema is meant",
    ),
    _Case(
        Code.UNRESOLVED_REFERENCE,
        _use({"$ref": f"#/{_NEW_PROPERTY}"}),
        _NEW_PROPERTY,
        "leads back to itself",
    ),
    _Case(
        Code.UNRESOLVED_REFERENCE,
        _set("operations/receiveAsk/messages/1", {"$ref": "#/channels/chat/messages/nothing"}),
        "operations/receiveAsk/messages/1",
        "leads nowhere",
    ),
    _Case(
        Code.EXTERNAL_REFERENCE,
        _use({"$ref": "https://example.com/schema.json"}),
        _NEW_PROPERTY,
        "leads out of the document",
    ),
    _Case(Code.EXTERNAL_REFERENCE, _use({"$ref": "other.json#/a"}), _NEW_PROPERTY, "leads out of the document"),
    _Case(
        Code.REFERENCE_SIBLINGS,
        _use({"$ref": "#/components/schemas/Answer", "description": "a", "default": None}),
        _NEW_PROPERTY,
        "description, default beside $ref",
    ),
    _Case(
        Code.REFERENCE_SIBLINGS,
        _set("channels/chat/messages/ask/title", "Ask"),
        "channels/chat/messages/ask",
        "title beside $ref",
    ),
    _Case(
        Code.COMPONENT_KEY,
        _set("components/schemas/Two Words", 1),
        "components/schemas/Two Words",
        "consists of letters, digits",
    ),
    _Case(Code.COMPONENT_KEY, _set("components/messages/größe", {}), "components/messages/größe", "consists of"),
    _Case(Code.TRAITS, _set(f"{_ANSWER}/traits", [{"name": "a"}]), f"{_ANSWER}/traits", "some tools lose the messages"),
    _Case(
        Code.TRAITS,
        _set("operations/receiveAsk/traits", []),
        "operations/receiveAsk/traits",
        "some tools lose the messages",
    ),
    _Case(Code.DUPLICATE_TAG, _set("info/tags/1/name", "chat"), "info/tags/1", "two tags are called 'chat'"),
    _Case(
        Code.DUPLICATE_TAG,
        _set(f"{_ANSWER}/tags", [{"name": "a"}, {"name": "b"}, {"name": "a", "description": "c"}]),
        f"{_ANSWER}/tags/2",
        "two tags are called 'a'",
    ),
    _Case(
        Code.DUPLICATE_TAG,
        _all(
            _set("components/tags", {"chat": {"name": "chat"}}),
            _set("channels/chat/tags/1", {"$ref": "#/components/tags/chat"}),
        ),
        "channels/chat/tags/1",
        "two tags are called 'chat'",
    ),
    _Case(
        Code.UNUSED_COMPONENT,
        _set("components/schemas/New", _NEW),
        "components/schemas/New",
        "nothing refers to this schema",
    ),
    _Case(
        Code.UNUSED_COMPONENT,
        _set("components/schemas/New", {"items": {"$ref": "#/components/schemas/New"}}),
        "components/schemas/New",
        "nothing refers to this schema",
    ),
    _Case(
        Code.UNUSED_COMPONENT,
        _set("components/securitySchemes/other", {"type": "http", "scheme": "basic"}),
        "components/securitySchemes/other",
        "nothing refers to this security scheme",
    ),
    _Case(Code.INCOMPLETE_INFO, _remove("info/license"), "info/license", "the document has no license"),
    _Case(Code.INCOMPLETE_INFO, _set("info/description", ""), "info/description", "the document has no description"),
    _Case(Code.INCOMPLETE_INFO, _remove("info/contact"), "info/contact", "the document has no contact"),
    _Case(Code.INCOMPLETE_INFO, _set("info/tags", []), "info/tags", "the document has no tags"),
    # Servers and channels
    _Case(
        Code.NO_SERVERS,
        _all(_set("servers", {}), _remove("channels/chat/servers")),
        "servers",
        "the document has no server",
    ),
    _Case(Code.SERVER_HOST, _set("servers/local/host", "ws://localhost"), "servers/local/host", "'ws://localhost'"),
    _Case(Code.SERVER_HOST, _set("servers/local/host", "localhost/"), "servers/local/host", "'localhost/'"),
    _Case(Code.SERVER_HOST, _set("servers/local/host", "localhost/ws"), "servers/local/host", "'localhost/ws'"),
    _Case(Code.SERVER_PROTOCOL, _set("servers/local/protocol", "http"), "servers/local/protocol", "'http'"),
    _Case(
        Code.CHANNEL_KEY,
        _set("channels/a?b", {"address": "/a"}),
        "channels/a?b",
        "holds no '?' and no '#'",
    ),
    _Case(Code.CHANNEL_KEY, _set("channels/a#b", {"address": "/a"}), "channels/a#b", "holds no '?' and no '#'"),
    _Case(Code.CHANNEL_ADDRESS, _set("channels/new", {}), "channels/new", "has no address"),
    _Case(Code.CHANNEL_ADDRESS, _set("channels/new", {"address": None}), "channels/new", "has no address"),
    _Case(
        Code.CHANNEL_ADDRESS,
        _set("channels/new", {"address": "/a?b=c"}),
        "channels/new/address",
        "'/a?b=c' holds a query",
    ),
    _Case(
        Code.CHANNEL_ADDRESS,
        _set("channels/new", {"address": "/a#b"}),
        "channels/new/address",
        "'/a#b' holds a query or a fragment",
    ),
    _Case(
        Code.MISSING_PARAMETER,
        _set("channels/chat/address", "/ws/chat/{room_id}/{user-id}/"),
        "channels/chat/parameters",
        "{user-id} of the address is not described",
    ),
    _Case(
        Code.MISSING_PARAMETER,
        _remove("channels/chat/parameters"),
        "channels/chat/parameters",
        "{room_id} of the address is not described",
    ),
    _Case(
        Code.UNKNOWN_PARAMETER,
        _set("channels/chat/parameters/other", {"description": "a"}),
        "channels/chat/parameters/other",
        "{other} is not in the address",
    ),
    _Case(
        Code.CHANNEL_SERVER,
        _all(
            _set("components/servers", {"other": {"host": "localhost", "protocol": "ws"}}),
            _set("channels/chat/servers/1", {"$ref": "#/components/servers/other"}),
        ),
        "channels/chat/servers/1",
        "is not one of the document's servers",
    ),
    _Case(
        Code.SECURITY_REFERENCE,
        _set("operations/receiveAsk/security/1", {"type": "http", "scheme": "basic"}),
        "operations/receiveAsk/security/1",
        "a security requirement is a reference",
    ),
    _Case(
        Code.SECURITY_REFERENCE,
        _set("servers/local/security", [{"$ref": "#/servers/production/security/0"}]),
        "servers/local/security/0",
        "a security requirement is a reference",
    ),
    _Case(
        Code.WEBSOCKET_BINDING,
        _remove("channels/chat/bindings/ws/bindingVersion"),
        "channels/chat/bindings/ws",
        "does not say its version",
    ),
    _Case(
        Code.WEBSOCKET_BINDING,
        _set("channels/chat/bindings/ws/query", True),
        "channels/chat/bindings/ws/query",
        "query has to be the schema of an object",
    ),
    _Case(
        Code.WEBSOCKET_BINDING,
        _remove("channels/chat/bindings/ws/headers/properties"),
        "channels/chat/bindings/ws/headers",
        "headers has to be the schema of an object",
    ),
    # Operations and messages
    _Case(
        Code.OPERATION_CHANNEL,
        _all(
            _set("components/channels", {"other": {"address": "/"}}),
            _set(
                "operations/other",
                {"action": "send", "channel": {"$ref": "#/components/channels/other"}, "description": "a"},
            ),
        ),
        "operations/other/channel",
        "'#/components/channels/other' is not one of the document's channels",
    ),
    _Case(
        Code.OPERATION_MESSAGE,
        _set("operations/receiveAsk/messages/1", {"$ref": "#/components/messages/ask"}),
        "operations/receiveAsk/messages/1",
        "'#/components/messages/ask' is not a message of the operation's channel",
    ),
    _Case(
        Code.OPERATION_MESSAGE,
        _all(
            _set("channels/chat2", {"address": "/", "messages": {"ask": {"$ref": "#/components/messages/ask"}}}),
            _set(
                "operations/other",
                {
                    "action": "receive",
                    "channel": {"$ref": "#/channels/chat"},
                    "description": "The key of the other channel begins like the one of this.",
                    "messages": [{"$ref": "#/channels/chat2/messages/ask"}],
                },
            ),
        ),
        "operations/other/messages/0",
        "is not a message of the operation's channel",
    ),
    _Case(
        Code.REPLY_MESSAGE,
        _set("operations/receiveAsk/reply/messages/1", {"$ref": "#/components/messages/ask"}),
        "operations/receiveAsk/reply/messages/1",
        "is not a message of the reply's channel",
    ),
    _Case(
        Code.REPLY_CHANNEL,
        _remove("operations/receiveAsk/reply/channel"),
        "operations/receiveAsk/reply/channel",
        "its channel is the operation's",
    ),
    _Case(
        Code.REPLY_CHANNEL,
        _all(
            _set("channels/other", {"address": "/"}),
            _set("operations/sendRefusal/reply", {"channel": {"$ref": "#/channels/other"}}),
        ),
        "operations/sendRefusal/reply/channel",
        "its channel is the operation's",
    ),
    _Case(
        Code.REPLY_ADDRESS,
        _set("operations/receiveAsk/reply/address", {"location": "$message.payload#/a"}),
        "operations/receiveAsk/reply/address",
        "has no address of its own",
    ),
    _Case(
        Code.DEPRECATED_MESSAGE,
        _set(f"{_ANSWER}/deprecated", True),
        f"{_ANSWER}/deprecated",
        "has no 'deprecated' for messages",
    ),
    _Case(
        Code.CORRELATION_LOCATION,
        _set(f"{_ANSWER}/correlationId/location", "$message.header#/id"),
        f"{_ANSWER}/correlationId/location",
        "'$message.header#/id' is not in the payload",
    ),
    _Case(
        Code.EXAMPLE,
        _set(f"{_ANSWER}/examples/0/payload/payload/text", 7),
        f"{_ANSWER}/examples/0/payload/payload/text",
        "7 is not valid under any of the given schemas",
    ),
    _Case(
        Code.EXAMPLE,
        _set(f"{_ANSWER}/examples/0/payload/payload/more", [{"text": None}, {}]),
        f"{_ANSWER}/examples/0/payload/payload/more/1",
        "'text' is a required property",
    ),
    _Case(
        Code.EXAMPLE,
        _set(f"{_ANSWER}/examples/0/payload/payload/at", "2020-02-02"),
        f"{_ANSWER}/examples/0/payload/payload/at",
        "'2020-02-02' is not a 'date-time'",
    ),
    _Case(
        Code.EXAMPLE,
        _set("components/messages/ask/examples/1", {"payload": None}),
        "components/messages/ask/examples/1/payload",
        "None is not of type 'object'",
    ),
    _Case(
        Code.EXAMPLE,
        _set("components/messages/ask/examples/0/payload/payload", "x" * 1000),
        "components/messages/ask/examples/0/payload/payload",
        "xxx … xxx",
    ),
    _Case(
        Code.ACTION,
        _all(
            _set("channels/chat/messages/new", {"name": "new"}),
            _set("operations/sendRefusal/messages/1", {"$ref": "#/channels/chat/messages/new"}),
        ),
        "channels/chat/messages/new/payload",
        "the payload has no 'action'",
    ),
    _Case(
        Code.ACTION,
        _set(f"{_ANSWER}/payload/required", ["payload"]),
        f"{_ANSWER}/payload",
        "the payload does not require 'action'",
    ),
    _Case(
        Code.ACTION,
        _remove(f"{_ANSWER}/payload/properties/action/const"),
        f"{_ANSWER}/payload",
        "'action' of the payload is no constant string",
    ),
    _Case(
        Code.ACTION,
        _remove("components/schemas/TooMany/properties/action"),
        "channels/chat/messages/refusal/payload",
        "the payload has no 'action'",
    ),
    _Case(
        Code.ACTION,
        _set("x-envelope/actionKey", "type"),
        f"{_ANSWER}/payload",
        "the payload has no 'type'",
    ),
    _Case(
        Code.SCHEMA_FORMAT,
        _set(
            f"{_ANSWER}/headers",
            {"schemaFormat": "application/schema+json;version=draft-07", "schema": {"type": "object"}},
        ),
        f"{_ANSWER}/headers",
        "the schema is wrapped with a schemaFormat",
    ),
    _Case(
        Code.UNDESCRIBED_OPERATION,
        _remove("operations/receiveAsk/description"),
        "operations/receiveAsk",
        "the operation has no description",
    ),
    _Case(
        Code.UNDESCRIBED_OPERATION,
        _set("operations/receiveAsk/description", " \n"),
        "operations/receiveAsk",
        "the operation has no description",
    ),
    _Case(
        Code.UNUSED_MESSAGE,
        _set("channels/chat/messages/again", {"$ref": "#/components/messages/ask"}),
        "channels/chat/messages/again",
        "no operation receives or sends the message",
    ),
    # Schemas
    _Case(Code.LEFTOVER_DEFINITIONS, _use({"$defs": {"A": {}}}), f"{_NEW_PROPERTY}/$defs", "$defs inside"),
    _Case(
        Code.LEFTOVER_DEFINITIONS,
        _use({"definitions": {"A": {}}}),
        f"{_NEW_PROPERTY}/definitions",
        "definitions inside",
    ),
    _Case(
        Code.LATER_KEYWORD,
        _use({"type": "array", "prefixItems": [{"type": "string"}]}),
        f"{_NEW_PROPERTY}/prefixItems",
        "prefixItems is no keyword of draft-07",
    ),
    _Case(
        Code.LATER_KEYWORD,
        _use({"items": {"not": {"unevaluatedProperties": False}}}),
        f"{_NEW_PROPERTY}/items/not/unevaluatedProperties",
        "unevaluatedProperties is no keyword of draft-07",
    ),
    _Case(
        Code.REGULAR_EXPRESSION,
        _use({"type": "string", "pattern": "(?P<year>[0-9]+)"}),
        f"{_NEW_PROPERTY}/pattern",
        "a named group begins with '(?<'",
    ),
    _Case(
        Code.REGULAR_EXPRESSION,
        _use({"patternProperties": {"\\A[a-z]": {}}}),
        f"{_NEW_PROPERTY}/patternProperties",
        "'\\A' is no escape there",
    ),
    _Case(Code.UNTITLED_SCHEMA, _remove(f"{_MOOD}/title"), _MOOD, "an inline enum without title"),
    _Case(
        Code.UNTITLED_SCHEMA,
        _use({"anyOf": [{"type": "object", "properties": {"a": {}}}, {"type": "null"}]}),
        f"{_NEW_PROPERTY}/anyOf/0",
        "an inline object without title",
    ),
]


@pytest.mark.parametrize("case", _CASES, ids=lambda case: f"{case.code}-{case.where}")
def test_one_mistake_is_one_finding(case: _Case) -> None:
    document = small_document()
    case.change(document)
    found = validate(document)
    problems = [problem for problem in found if problem.code == case.code]
    assert [str(problem) for problem in found if problem.code != case.code] == []
    assert case.text in problems[0].text
    assert problems[0].where == tuple(filter(None, case.where.split("/")))
    assert problems[0].way_out.endswith(".")


def test_every_code_of_validation_has_a_case() -> None:
    # Those of describing, and of making clients.
    describing = {code for code in Code if re.search(r"[EW][05]", code)}
    assert {case.code for case in _CASES} == set(Code) - describing


def test_the_small_document_has_no_finding() -> None:
    assert validate(small_document()) == []
    assert validate(Document.from_wire(small_document())) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_small_document_is_right_in_both_versions(version: Version) -> None:
    assert validate({**small_document(), "asyncapi": version}) == []


def test_the_official_parser_has_no_diagnostic_on_the_small_document() -> None:
    assert diagnostics(render(small_document(), format="json")) == []
    assert diagnostics(render(small_document(), format="yaml")) == []


def test_the_official_parser_has_only_its_hint_on_3_0_0() -> None:
    found = diagnostics(render({**small_document(), "asyncapi": "3.0.0"}))
    assert [(diagnostic.severity, diagnostic.code) for diagnostic in found] == [
        ("information", "asyncapi-latest-version")
    ]


def test_the_official_parser_finds_what_it_can_find() -> None:
    document = small_document()
    document["operations"]["receiveAsk"]["messages"] = [{"$ref": "#/components/messages/ask"}]
    assert diagnostics(render(document)) == [
        Diagnostic(
            severity="error",
            code="asyncapi3-operation-messages-from-referred-channel",
            message="Operation message does not belong to the specified channel.",
            path=("operations", "receiveAsk", "messages", "0"),
        )
    ]


def test_what_the_official_schema_refuses_is_reported_alone() -> None:
    document = small_document()
    document["servers"] = {}
    document["info"]["version"] = 1
    assert [problem.code for problem in validate(document)] == [Code.OFFICIAL_SCHEMA]


def test_findings_come_in_the_same_order_each_time() -> None:
    document = small_document()
    del document["channels"]["chat"]["parameters"]
    del document["operations"]["receiveAsk"]["description"]
    document["components"]["schemas"]["A"] = document["components"]["schemas"]["B"] = {}
    found = [str(problem) for problem in validate(document)]
    assert [line.split(" ")[0] for line in found] == [
        *("asyncapi.W101", "asyncapi.W101", "asyncapi.E206", "asyncapi.W301")
    ]
    assert found == [str(problem) for problem in validate(document)]


def test_validating_changes_nothing() -> None:
    document = small_document()
    _use({"type": "string", "pattern": "(?P<a>b)"})(document)
    before = copy.deepcopy(document)
    validate(document)
    assert document == before


def test_what_is_data_is_not_taken_for_a_reference_or_a_schema() -> None:
    document = small_document()
    data = {"$ref": "https://example.com/nowhere", "$defs": {}, "prefixItems": 1, "enum": [{"$ref": 1}]}
    document["x-data"] = data
    _use({"default": data, "enum": [data], "title": "Data", "x-data": data})(document)
    _use({"title": "Names", "properties": {name: {} for name in data}})(document)
    assert validate(document) == []


def test_a_reference_to_a_key_with_slashes_and_blanks_is_followed() -> None:
    document = small_document()
    key = "a/b~c%2F d"
    document["channels"] = {key: document["channels"]["chat"]}
    text = render(document).replace("#/channels/chat", "#/channels/a~1b~0c%252F%20d")
    assert validate(json.loads(text)) == []


def test_examples_are_held_against_schemas_whose_patterns_python_cannot_read() -> None:
    document = small_document()
    _use({"type": "string", "pattern": r"^\p{L}+$", "maxLength": 3})(document)
    _set("components/messages/ask/examples/0/payload/new", "long")(document)
    assert [problem.where[-1] for problem in validate(document)] == ["new"]


def test_names_of_properties_that_python_cannot_read_do_not_end_the_validation() -> None:
    document = small_document()
    _use({"patternProperties": {r"^\p{L}+$": {"type": "integer"}}, "additionalProperties": False})(document)
    _set("components/messages/ask/examples/0/payload/new", {"a": 1})(document)
    assert validate(document) == []


def test_a_wrapped_payload_is_one_finding_and_not_one_about_its_action_as_well() -> None:
    document = small_document()
    payload = document["channels"]["chat"]["messages"]["answer"]["payload"]
    wrapped = {"schemaFormat": "application/schema+json;version=draft-07", "schema": payload}
    document["channels"]["chat"]["messages"]["answer"] = {"payload": wrapped}
    codes = [problem.code for problem in validate(document) if problem.code != Code.UNUSED_COMPONENT]
    assert codes == [Code.SCHEMA_FORMAT]


@pytest.mark.parametrize("envelope", [None, "action", {}, {"actionKey": None}])
def test_without_an_envelope_the_action_is_called_action(envelope: object) -> None:
    document = small_document()
    document["x-envelope"] = envelope
    assert validate(document) == []


def test_components_may_have_extensions() -> None:
    document = small_document()
    document["components"]["x-notes"] = {"any key": 1}
    assert validate(document) == []


@pytest.mark.parametrize(
    ("path", "reference"),
    [
        ("info/tags/2", "#/components/tags/none"),
        ("channels/chat/servers/1", "#/servers/none"),
        ("operations/none", "#/components/operations/none"),
        ("operations/sendRefusal/reply", "#/components/replies/none"),
    ],
)
def test_a_reference_that_leads_nowhere_is_the_only_finding_about_it(path: str, reference: str) -> None:
    document = small_document()
    _set(path, {"$ref": reference})(document)
    assert [problem.code for problem in validate(document)] == [Code.UNRESOLVED_REFERENCE]


def test_an_operation_whose_channel_leads_nowhere_is_one_finding() -> None:
    document = small_document()
    channel = {"$ref": "#/channels/none"}
    document["operations"]["other"] = {"action": "send", "channel": channel, "description": "a"}
    assert [problem.where for problem in validate(document)] == [("operations", "other", "channel")]


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {"$ref": "#/components/schemas/Ask"},
        {"allOf": [{"$ref": "#/components/schemas/Answer"}], "description": "a"},
        {"type": "array", "items": [{"$ref": "#/components/schemas/Answer"}], "additionalItems": False},
        {"type": "object", "additionalProperties": {"type": "integer"}},
        {"allOf": [{"properties": {"a": {}}}, {"if": {"properties": {"a": {}}}, "then": {"properties": {}}}]},
    ],
)
def test_schemas_that_are_right(schema: object) -> None:
    document = small_document()
    _use(schema)(document)
    assert validate(document) == []


def test_a_recursive_payload_is_read_once() -> None:
    document = small_document()
    document["components"]["schemas"]["Refusal"]["oneOf"].append({"$ref": "#/components/schemas/Refusal"})
    assert validate(document) == []


def test_an_operation_without_messages_uses_all_of_its_channel() -> None:
    document = small_document()
    document["operations"] = {
        "any": {"action": "send", "channel": {"$ref": "#/channels/chat"}, "description": "Anything."}
    }
    assert validate(document) == []


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("validation touched the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    document = small_document()
    _use({"$ref": "http://json-schema.org/draft-07/schema#"})(document)
    document["channels"]["chat"]["messages"]["answer"]["payload"]["properties"]["payload"] = {
        "allOf": [{"$ref": "http://localhost/schema.json"}]
    }
    codes = {problem.code for problem in validate(document)}
    assert codes == {Code.EXTERNAL_REFERENCE, Code.UNUSED_COMPONENT}
