"""Documents of other tools: references in other places, traits, operations on many messages, other discriminators."""

import copy
from typing import Any

import pytest

from chanx_asyncapi.diff import DiffError, diff
from tests.chanx_asyncapi.diff.table import Document, drop, put, verdicts


def springwolf_like() -> Document:
    """Messages without an action, told apart by key or by a constant; one operation for several of them; traits."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Orders", "version": "1"},
        "servers": {"ws": {"$ref": "#/components/servers/ws"}},
        "channels": {"orders": {"$ref": "#/components/channels/orders"}},
        "operations": {
            "orders_receive": {
                "action": "receive",
                "channel": {"$ref": "#/channels/orders"},
                "messages": [{"$ref": "#/components/messages/Place"}, {"$ref": "#/components/messages/Cancel"}],
                "traits": [{"$ref": "#/components/operationTraits/guarded"}],
            },
            "orders_send": {"$ref": "#/components/operations/send"},
        },
        "components": {
            "servers": {"ws": {"host": "example.com", "protocol": "ws"}},
            "channels": {
                "orders": {
                    "address": "/orders/{id}",
                    "parameters": {"id": {"$ref": "#/components/parameters/id"}},
                    "bindings": {"$ref": "#/components/channelBindings/ws"},
                    "messages": {
                        "Place": {"$ref": "#/components/messages/Place"},
                        "Cancel": {"$ref": "#/components/messages/Cancel"},
                        "Placed": {"$ref": "#/components/messages/Placed"},
                    },
                }
            },
            "operations": {
                "send": {
                    "action": "send",
                    "channel": {"$ref": "#/components/channels/orders"},
                    "messages": [{"$ref": "#/components/channels/orders/messages/Placed"}],
                }
            },
            "parameters": {"id": {"enum": ["1", "2"]}},
            "channelBindings": {"ws": {"ws": {"query": {"$ref": "#/components/schemas/Query"}}}},
            "operationTraits": {"guarded": {"security": [{"$ref": "#/components/securitySchemes/key"}]}},
            "messageTraits": {
                "common": {
                    "contentType": "application/json",
                    "headers": {"type": "object", "properties": {"trace": {"type": "string"}}},
                    "bindings": {"kafka": {"key": {"type": "string"}}},
                }
            },
            "securitySchemes": {"key": {"type": "httpApiKey", "name": "key", "in": "query"}},
            "messages": {
                "Place": {
                    "traits": [{"$ref": "#/components/messageTraits/common"}],
                    "payload": {"$ref": "#/components/schemas/Place"},
                },
                "Cancel": {
                    "payload": {
                        "schemaFormat": "application/schema+json;version=draft-07",
                        "schema": {"type": "string"},
                    }
                },
                "Placed": {
                    "payload": {
                        "schemaFormat": "application/vnd.apache.avro;version=1.9.0",
                        "schema": {"type": "record"},
                    }
                },
            },
            "schemas": {
                "Query": {
                    "type": "object",
                    "properties": {"lang": {"$ref": "#/components/schemas/Place/properties/item"}},
                },
                "Place": {
                    "allOf": [
                        {"$ref": "#/components/schemas/Base"},
                        {"type": "object", "properties": {"item": {"type": "string"}}, "required": ["item"]},
                    ]
                },
                "Base": {"type": "object", "properties": {"kind": {"const": "place"}}, "required": ["kind"]},
            },
        },
    }


@pytest.mark.parametrize(
    ("edit", "rule", "expected"),
    [
        (put("components servers ws host", "example.org"), "server-changed", "bb"),
        (put("components parameters id enum", ["1"]), "values-changed", "bs"),
        (put("components schemas Place allOf 1 required", []), "property-optional", "sb"),
        (drop("components operationTraits guarded security"), "security-dropped", "sb"),
        (put("components messageTraits common contentType", "text/csv"), "content-type-changed", "bb"),
        (put("components messageTraits common headers required", ["trace"]), "property-required", "bs"),
        (put("components messageTraits common bindings kafka key type", "integer"), "binding-changed", "uu"),
        (put("components messages Cancel payload schema type", "integer"), "type-changed", "bb"),
        (put("components messages Placed payload schema type", "enum"), "field-changed", "uu"),
        (put("components schemas Base required", []), "property-optional", "sb"),
        (drop("operations orders_send"), "send-removed", "bu"),
        (drop("operations orders_receive messages 1"), "receive-removed", "bs"),
    ],
)
def test_changes_behind_references(edit: Any, rule: str, expected: str) -> None:
    old, new = springwolf_like(), springwolf_like()
    edit(new)

    there = {(change.rule.value, verdicts(change)) for change in diff(old, new)}
    back = {verdicts(change) for change in diff(new, old)}

    assert (rule, expected) in there
    assert len(there) == 1
    assert expected[::-1] in back


def test_a_document_without_references_says_the_same() -> None:
    """What the reference leads to stands in its place; only names of components are gone."""
    old = springwolf_like()
    new = copy.deepcopy(old)
    for name in ("Place", "Cancel", "Placed"):
        message = new["components"]["messages"][name]
        new["components"]["channels"]["orders"]["messages"][name] = message
    new["operations"]["orders_receive"]["messages"] = [
        {"$ref": f"#/channels/orders/messages/{name}"} for name in ("Place", "Cancel")
    ]
    new["servers"]["ws"] = old["components"]["servers"]["ws"]

    assert {change.rule.value for change in diff(old, new)} <= {"unused-component-changed"}


def test_messages_are_told_apart_by_what_is_on_the_wire() -> None:
    """By the key that the envelope names; its value counts, and neither keys nor components do."""

    def document(key: str, *names: str) -> Document:
        messages = {
            f"{name}Message": {
                "payload": {"type": "object", "properties": {key: {"const": name}, "n": {}}, "required": [key]}
            }
            for name in names
        }
        return {
            "asyncapi": "3.0.0",
            "info": {"title": "A", "version": "1"},
            "channels": {"a": {"address": "/a", "messages": messages}},
            "operations": {"all": {"action": "receive", "channel": {"$ref": "#/channels/a"}}},
            "x-envelope": {"actionKey": key},
        }

    old, new = document("type", "one", "two"), document("type", "two", "one")
    new["channels"]["a"]["messages"] = {
        f"{key}Renamed": message for key, message in new["channels"]["a"]["messages"].items()
    }
    assert {change.rule.value for change in diff(old, new)} == {"renamed"}

    added = diff(old, document("type", "one", "two", "three"))
    assert [(change.rule.value, change.where[-1], verdicts(change)) for change in added] == [
        ("receive-added", "three", "sb")
    ]

    other_key = {change.rule.value for change in diff(old, document("kind", "one", "two"))}
    assert other_key == {"envelope-changed", "property-added", "property-removed"}


def test_one_action_in_both_directions_is_two_messages() -> None:
    """A message that is received and one that is sent may have the same action and different payloads."""

    def document(*, text: bool) -> Document:
        def payload(**properties: Any) -> Document:
            return {"type": "object", "properties": {"action": {"const": "ping"}, **properties}, "required": ["action"]}

        return {
            "asyncapi": "3.1.0",
            "info": {"title": "A", "version": "1"},
            "channels": {
                "a": {
                    "address": "/a",
                    "messages": {
                        "in": {"payload": payload(n={"type": "integer"})},
                        "out": {"payload": payload(**({"text": {"type": "string"}} if text else {}))},
                    },
                }
            },
            "operations": {
                "receive": {
                    "action": "receive",
                    "channel": {"$ref": "#/channels/a"},
                    "messages": [{"$ref": "#/channels/a/messages/in"}],
                },
                "send": {
                    "action": "send",
                    "channel": {"$ref": "#/channels/a"},
                    "messages": [{"$ref": "#/channels/a/messages/out"}],
                },
            },
        }

    (change,) = diff(document(text=False), document(text=True))

    assert change.rule == "property-added"
    assert change.where == ("channels", "/a", "send", "ping", "payload", "text")


@pytest.mark.parametrize("version", ["2.6.0", "2.0.0-rc1", "1.2.0", "4.0.0", None, 3])
def test_other_versions_are_refused(version: Any) -> None:
    document = {"asyncapi": version, "info": {}}

    with pytest.raises(
        DiffError, match=r"^The old document cannot be compared: its version of AsyncAPI is .+only 3\.x"
    ):
        diff(document, springwolf_like())
    with pytest.raises(DiffError, match=r"^The new document .+ Convert it first"):
        diff(springwolf_like(), document)


@pytest.mark.parametrize("document", [{}, {"channels": []}, {"channels": {"a": 5}, "operations": {"b": None}}])
def test_little_is_enough(document: Document) -> None:
    document = {"asyncapi": "3.0.0", **document}

    assert diff(document, document) == []
    assert diff(document, springwolf_like()) != []
    assert diff(springwolf_like(), document) != []
