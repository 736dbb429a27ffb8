"""Documents that no service of ours has: very large ones, and hostile ones."""

from typing import Any


def large_document(channels: int = 200, messages: int = 10) -> dict[str, Any]:
    """As many channels with as many messages each, half of them sent and half received, every one with its schemas."""
    document: dict[str, Any] = {
        "asyncapi": "3.1.0",
        "info": {"title": "Large service", "version": "1.0.0", "tags": [{"name": f"app{n}"} for n in range(20)]},
        "servers": {"default": {"host": "127.0.0.1", "protocol": "ws"}},
        "channels": {},
        "operations": {},
        "components": {"messages": {}, "schemas": {}},
        "x-envelope": {"actionKey": "action", "payloadKey": "payload", "idKey": "id", "replyToKey": "reply_to"},
    }
    for number in range(channels):
        _add_channel(document, f"channel{number}", f"app{number % 20}", messages)
    return document


def _add_channel(document: dict[str, Any], name: str, tag: str, messages: int) -> None:
    keys = [f"{name}_message_{index}" for index in range(messages)]
    document["channels"][name] = {
        "address": f"/ws/{tag}/{name}/{{pk}}/",
        "summary": f"What **{name}** is about.",
        "tags": [{"name": tag}],
        "parameters": {"pk": {"x-schema": {"type": "integer"}}},
        "messages": {key: {"$ref": f"#/components/messages/{key}"} for key in keys},
    }
    for index, key in enumerate(keys):
        document["operations"][f"{name}.{key}"] = {
            "action": "receive" if index < messages // 2 else "send",
            "channel": {"$ref": f"#/channels/{name}"},
            "description": f"Does the thing number {index} of `{name}`.",
            "messages": [{"$ref": f"#/channels/{name}/messages/{key}"}],
        }
        document["components"]["messages"][key] = {"name": key, "payload": {"$ref": f"#/components/schemas/{key}"}}
        document["components"]["schemas"][key] = {
            "type": "object",
            "required": ["action", "payload"],
            "properties": {
                "action": {"const": key},
                "payload": {"$ref": f"#/components/schemas/{tag}.{key}.Payload"},
                "id": {"type": "string", "maxLength": 64},
            },
        }
        document["components"]["schemas"][f"{tag}.{key}.Payload"] = {
            "type": "object",
            "description": f"The data of {key}.",
            "properties": {f"field{n}": {"type": "string", "minLength": n, "description": "A text."} for n in range(8)},
        }
