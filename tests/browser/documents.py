"""Documents that no service of ours has: very large ones, and hostile ones."""

from typing import Any, Final


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


#: Ends a script, opens a comment, closes an attribute, and would run in every way in which a page runs things.
EVIL: Final = (
    "</script><!-- ' \" `\"><img src=x onerror='window.evil=1'><script>window.evil=1</script> "
    "[click](javascript:window.evil=1) ![image](http://elsewhere.example/i.png) <javascript:window.evil=1>"
)


def hostile_document() -> dict[str, Any]:
    """Evil text wherever text may stand, and names that objects of JavaScript have for something else."""
    docs = {"url": "javascript:window.evil=1", "description": EVIL}
    evil: dict[str, Any] = {
        "title": EVIL,
        "summary": EVIL,
        "description": EVIL,
        "externalDocs": docs,
        "tags": _EVIL_TAGS,
    }
    schema = {
        "type": "object",
        "title": EVIL,
        "description": EVIL,
        "discriminator": EVIL,
        "properties": {
            "action": {"const": "__proto__"},
            "__proto__": {"type": "string", "default": EVIL, "examples": [EVIL], "pattern": EVIL, "format": EVIL},
            "constructor": {"enum": [EVIL, "__proto__"], "description": EVIL},
            EVIL: {"$ref": "#/components/schemas/__proto__"},
            "hasOwnProperty": {"oneOf": [{"title": EVIL}, {"$ref": "#/components/schemas/toString"}]},
        },
        "patternProperties": {EVIL: {}},
        "required": ["__proto__", EVIL],
    }
    return {
        "asyncapi": "3.1.0",
        "info": {
            **evil,
            "version": EVIL,
            "contact": {"name": EVIL, "url": "javascript:window.evil=1", "email": EVIL},
            "license": {"name": EVIL, "url": "data:text/html,<script>parent.evil=1</script>"},
            "termsOfService": "vbscript:x",
        },
        "servers": {"__proto__": {"host": EVIL, "protocol": "javascript", "title": EVIL, "description": EVIL}},
        "channels": {
            "__proto__": {
                **evil,
                "address": "/ws/{__proto__}/</script>/",
                "parameters": {"__proto__": {"description": EVIL, "enum": [EVIL], "examples": [EVIL]}},
                "messages": {"__proto__": {"$ref": "#/components/messages/__proto__"}},
                "bindings": {"ws": {"query": {"properties": {"constructor": {"description": EVIL}}}}},
                "x-permissions": [EVIL, {"name": "__proto__", "description": EVIL}],
            },
            "constructor": {**evil, "address": EVIL, "messages": {}},
        },
        "operations": {
            "__proto__": {
                **evil,
                "action": "receive",
                "channel": {"$ref": "#/channels/__proto__"},
                "messages": [{"$ref": "#/channels/__proto__/messages/__proto__"}],
                "reply": {"messages": [{"$ref": "#/channels/__proto__/messages/__proto__"}]},
            },
        },
        "components": {
            "messages": {
                "__proto__": {
                    **evil,
                    "name": EVIL,
                    "payload": {"$ref": "#/components/schemas/__proto__"},
                    "examples": [
                        {"name": EVIL, "summary": EVIL, "payload": {"__proto__": EVIL, EVIL: EVIL}},
                        {"name": "__proto__", "payload": EVIL},
                    ],
                },
            },
            "schemas": {"__proto__": schema, "toString": schema},
            "securitySchemes": {
                "__proto__": {
                    "type": EVIL,
                    "in": "header",
                    "name": EVIL,
                    "description": EVIL,
                    "x-subprotocol": {"prefix": EVIL},
                }
            },
        },
        "x-envelope": {"actionKey": "action", "payloadKey": "__proto__", "idKey": EVIL, "replyToKey": EVIL},
        "x-close-codes": [{"code": 4000, "name": EVIL, "meaning": EVIL, "retry": "constructor"}],
    }


_EVIL_TAGS: Final = [{"name": EVIL, "description": EVIL, "externalDocs": {"url": " javascript:window.evil=1"}}]
