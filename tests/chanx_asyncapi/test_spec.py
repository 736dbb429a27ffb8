"""The objects of the specification: what they read, what they write, what they refuse."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chanx_asyncapi import spec
from chanx_asyncapi.spec import (
    Channel,
    ChannelBindings,
    Components,
    Document,
    HttpApiKeySecurityScheme,
    Info,
    Message,
    MessageExample,
    OAuth2SecurityScheme,
    OAuthFlow,
    OAuthFlows,
    Operation,
    OperationReply,
    Parameter,
    PlainSecurityScheme,
    Reference,
    Server,
    SpecObject,
    Tag,
    WebSocketChannelBinding,
)
from tests.chanx_asyncapi.documents import small_document
from tests.contract.npm_parser import NODE_MODULES, MissingToolError

_SPECIFICATION = "https://www.asyncapi.com/docs/reference/specification/v3.1.0#"
_BINDINGS = "https://github.com/asyncapi/bindings/blob/master/websockets/README.md#"

_OBJECTS = [
    value for name in spec.__all__ if isinstance(value := getattr(spec, name), type) and issubclass(value, SpecObject)
]
_CONCRETE = [value for value in _OBJECTS if value not in (spec.SpecObject, spec.ExtensibleObject)]


def _info(**more: Any) -> dict[str, Any]:
    return {"asyncapi": "3.1.0", "info": {"title": "T", "version": "1"}, **more}


def test_a_document_reads_and_writes_the_same_json() -> None:
    wire = small_document()
    document = Document.from_wire(wire)
    assert document.to_wire() == wire
    assert Document.from_wire(document.to_wire()) == document


def test_serialising_with_pydantic_gives_the_same_json() -> None:
    document = Document.from_wire(small_document())
    assert document.model_dump(mode="json") == document.to_wire()
    assert json.loads(document.model_dump_json()) == document.to_wire()


def test_fields_are_written_in_declared_order_whatever_the_order_they_were_given_in() -> None:
    channel = Channel(messages={"b": Message(), "a": Message()}, address="/", extensions={"x-z": 1, "x-a": 2})
    assert list(channel.to_wire()) == ["address", "messages", "x-z", "x-a"]
    assert list(channel.to_wire()["messages"]) == ["b", "a"]


def test_python_names_become_the_specifications_names() -> None:
    assert HttpApiKeySecurityScheme(name="token", in_="query").to_wire() == {
        "type": "httpApiKey",
        "name": "token",
        "in": "query",
    }
    assert Document(
        asyncapi="3.0.0",
        info=Info(title="T", version="1", terms_of_service="https://example.com"),
        components=Components(security_schemes={"a": Reference(ref="#/b")}),
    ).to_wire() == {
        "asyncapi": "3.0.0",
        "info": {"title": "T", "version": "1", "termsOfService": "https://example.com"},
        "components": {"securitySchemes": {"a": {"$ref": "#/b"}}},
    }
    flows = OAuthFlows(client_credentials=OAuthFlow(token_url="https://example.com", available_scopes={"a": "b"}))
    assert OAuth2SecurityScheme(flows=flows).to_wire() == {
        "type": "oauth2",
        "flows": {"clientCredentials": {"tokenUrl": "https://example.com", "availableScopes": {"a": "b"}}},
    }


@pytest.mark.parametrize(
    ("channel", "wire"),
    [
        pytest.param(Channel(), {}, id="absent"),
        pytest.param(Channel(description=None, bindings=None), {}, id="None means absent"),
        pytest.param(Channel(address=None), {"address": None}, id="null where it means something"),
        pytest.param(Channel(messages={}, servers=()), {"messages": {}, "servers": []}, id="empty"),
    ],
)
def test_absent_null_and_empty_are_three_things(channel: Channel, wire: dict[str, Any]) -> None:
    # Read in another order than the fields', so compare without one.
    assert channel.to_wire() == wire
    assert Channel.from_wire(wire).to_wire() == wire


@pytest.mark.parametrize("payload", [None, False, 0, "", [], {}])
def test_an_example_keeps_every_payload_that_json_has(payload: Any) -> None:
    assert MessageExample(payload=payload).to_wire() == {"payload": payload}
    assert MessageExample.from_wire({"payload": payload}).to_wire() == {"payload": payload}
    assert MessageExample.from_wire({"name": "only"}).to_wire() == {"name": "only"}


@pytest.mark.parametrize(
    "schema",
    [
        True,
        False,
        {},
        {"const": None},
        {"default": None, "enum": [None, 0, False, ""]},
        {"properties": {"$ref": {"type": "string"}, "x-a": {}, "const": {"const": None}}},
        {"$ref": "#/components/schemas/A"},
    ],
)
def test_schemas_stay_the_data_that_they_are(schema: Any) -> None:
    assert Message.from_wire({"payload": schema}).to_wire() == {"payload": schema}
    assert Components.from_wire({"schemas": {"A": schema}}).to_wire() == {"schemas": {"A": schema}}


@pytest.mark.parametrize("schema", [None, 1, "true", []])
def test_what_is_no_schema_is_refused(schema: Any) -> None:
    with pytest.raises(ValidationError, match="payload"):
        Message.from_wire({"payload": schema})


def test_extensions_are_kept_with_any_value_null_included() -> None:
    wire = {"address": "/", "x-permissions": ["a"], "x-resume": None, "x-a.b_c-d": {"$ref": 1}}
    channel = Channel.from_wire(wire)
    assert channel.extensions == {"x-permissions": ["a"], "x-resume": None, "x-a.b_c-d": {"$ref": 1}}
    assert channel.to_wire() == wire
    assert Channel(address="/", extensions=channel.extensions) == channel


@pytest.mark.parametrize("name", ["permissions", "x-", "X-permissions", "x-per missions", ""])
def test_an_extension_is_called_x_something(name: str) -> None:
    with pytest.raises(ValidationError, match=r"is no name of an extension"):
        Channel(extensions={name: 1})


@pytest.mark.parametrize(
    ("wire", "message"),
    [
        (_info(title="T"), "title\n  Extra inputs"),
        (_info(default_content_type="a/b"), "default_content_type\n  Extra inputs"),
        (_info(extensions={"x-a": 1}), "extensions\n  Extra inputs"),
        (_info(id=None), "'id' is null; leave it out"),
        (_info(**{"x-": {}}), "'x-' is no name of an extension"),
        ({"info": {"title": "T", "version": "1"}}, "asyncapi\n  Field required"),
        ({**_info(), "asyncapi": "2.6.0"}, "asyncapi\n  Input should be '3.0.0' or '3.1.0'"),
        (_info(channels={"a": {"adress": "/"}}), "channels.a.object.adress\n  Extra inputs"),
        (_info(channels={"a": {"$ref": "#/b", "address": "/"}}), "channels.a.reference.address\n  Extra inputs"),
        (_info(operations={"a": {"action": "send", "channel": {"address": "/"}}}), "operations.a.object.channel"),
        (_info(operations={"a": {"traits": []}}), "operations.a.object.traits\n  Extra inputs"),
        (_info(channels={"a": {"bindings": {"kafka": {}}}}), "kafka\n  Extra inputs"),
        (_info(components={"securitySchemes": {"a": {"type": "httpApiKey"}}}), r"a.object.httpApiKey.name\n  Field"),
    ],
)
def test_what_the_specification_does_not_have_is_refused(wire: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Document.from_wire(wire)
    assert message.replace("\\n", "\n") in str(caught.value)


def test_objects_are_frozen_and_keyword_only() -> None:
    make: Any = Server  # the type checkers know it as well
    server = make(host="localhost", protocol="ws")
    with pytest.raises(ValidationError, match="frozen"):
        server.host = "elsewhere"
    with pytest.raises(TypeError):
        make("localhost", "ws")


def test_what_is_written_shares_nothing_with_the_document() -> None:
    document = Document.from_wire(small_document())
    wire = document.to_wire()
    wire["components"]["schemas"]["Answer"]["properties"].clear()
    wire["info"]["tags"].clear()
    assert document.to_wire() == small_document()


def test_references_and_objects_are_told_apart() -> None:
    channel = Channel.from_wire({"messages": {"a": {"$ref": "#/b"}, "c": {"name": "c"}}})
    assert channel.messages == {"a": Reference(ref="#/b"), "c": Message(name="c")}


@pytest.mark.parametrize("value", _CONCRETE, ids=lambda value: value.__name__)
def test_each_object_links_the_paragraph_that_it_implements(value: type[SpecObject]) -> None:
    last = (value.__doc__ or "").strip().splitlines()[-1].strip()
    assert last.startswith((_SPECIFICATION, _BINDINGS))
    assert last.rpartition("#")[2]


# --- the examples that the specification itself ships ---------------------------------------------------------------

#: Example file -> what we read it with. A file holds a list of examples.
_READERS: Mapping[str, type[SpecObject]] = {
    "APIKeyHTTPSecurityScheme": HttpApiKeySecurityScheme,
    "ReferenceObject": Reference,
    "Sasl": PlainSecurityScheme,
    "SecurityScheme": PlainSecurityScheme,
    "X509": PlainSecurityScheme,
    "apiKey": spec.ApiKeySecurityScheme,
    "contact": spec.Contact,
    "correlationId": spec.CorrelationId,
    "externalDocs": spec.ExternalDocumentation,
    "info": Info,
    "license": spec.License,
    "oauth2Flow": OAuthFlow,
    "parameter": Channel,
    "parameters": Channel,
    "server": Server,
    "serverVariable": Server,
    "symmetricEncryption": PlainSecurityScheme,
    "tag": Tag,
    "userPassword": PlainSecurityScheme,
}
#: Maps of objects by name.
_MAP_READERS: Mapping[str, type[SpecObject]] = {"channels": Channel, "servers": Server}
#: What we leave out on purpose, by the field that the example shows.
_LEFT_OUT = {
    "channel": "bindings of other protocols",
    "components": "traits, reply addresses",
    "messageObject": "messageId of AsyncAPI 2, traits",
    "messageTrait": "traits",
    "operation": "bindings of other protocols, traits, reply addresses, security as in AsyncAPI 2",
    "operationReplyAddress": "reply addresses",
    "operationTrait": "traits",
    "operations": "bindings of other protocols, traits",
}


def _official_examples() -> Path:
    folder = NODE_MODULES / "@asyncapi" / "specs" / "examples" / "3.1.0"
    if not folder.is_dir():
        raise MissingToolError("the npm package @asyncapi/specs is missing in tests/node_modules; run: make setup")
    return folder


def _examples(names: Mapping[str, type[SpecObject]]) -> Iterator[tuple[type[SpecObject], Any]]:
    for name, reader in names.items():
        for example in json.loads((_official_examples() / f"{name}.json").read_text(encoding="utf-8")):
            yield reader, example


def test_the_specifications_own_examples_survive_a_round_trip() -> None:
    for reader, example in _examples(_READERS):
        assert reader.from_wire(example).to_wire() == example
    for reader, examples in _examples(_MAP_READERS):
        for example in examples.values():
            assert reader.from_wire(example).to_wire() == example


def test_every_example_of_the_specification_is_read_or_left_out_on_purpose() -> None:
    names = {path.stem for path in _official_examples().glob("*.json")}
    assert names == {*_READERS, *_MAP_READERS, *_LEFT_OUT}


@pytest.mark.parametrize("name", sorted(spec.__all__))
def test_every_public_name_exists(name: str) -> None:
    assert hasattr(spec, name)


def test_a_document_can_be_built_from_objects_alone() -> None:
    chat = Reference(ref="#/channels/chat")
    document = Document(
        asyncapi="3.1.0",
        info=Info(title="Chat", version="1"),
        servers={"local": Server(host="localhost", protocol="ws")},
        channels={
            "chat": Channel(
                address="/{id}/",
                parameters={"id": Parameter(extensions={"x-schema": {"type": "integer"}})},
                bindings=ChannelBindings(ws=WebSocketChannelBinding(binding_version="0.1.0")),
                messages={"ping": Message(payload={"const": None})},
            )
        },
        operations={
            "ping": Operation(action="receive", channel=chat, reply=OperationReply(channel=chat)),
        },
    )
    assert document.to_wire() == {
        "asyncapi": "3.1.0",
        "info": {"title": "Chat", "version": "1"},
        "servers": {"local": {"host": "localhost", "protocol": "ws"}},
        "channels": {
            "chat": {
                "address": "/{id}/",
                "parameters": {"id": {"x-schema": {"type": "integer"}}},
                "bindings": {"ws": {"bindingVersion": "0.1.0"}},
                "messages": {"ping": {"payload": {"const": None}}},
            }
        },
        "operations": {
            "ping": {
                "action": "receive",
                "channel": {"$ref": "#/channels/chat"},
                "reply": {"channel": {"$ref": "#/channels/chat"}},
            }
        },
    }
