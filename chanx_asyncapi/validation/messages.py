"""Messages: their fields, and the action by which readers tell them apart."""

from collections.abc import Iterator

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.validation.tree import Node, Tree, Where

_IN_PAYLOAD = "$message.payload#/"


def fields(tree: Tree) -> Iterator[Problem]:
    """E306, E310: what the official schema lets pass and the specification or its readers do not."""
    for message in tree.of("message"):
        if "deprecated" in message.value:
            yield Problem(
                code=Code.DEPRECATED_MESSAGE,
                where=(*message.where, "deprecated"),
                text="the specification has no 'deprecated' for messages.",
                way_out="Write x-deprecated.",
            )
        for field in ("payload", "headers"):
            value = message.value.get(field)
            if isinstance(value, dict) and ("schemaFormat" in value or "schema" in value):
                yield Problem(
                    code=Code.SCHEMA_FORMAT,
                    where=(*message.where, field),
                    text="the schema is wrapped with a schemaFormat, which some tools do not read.",
                    way_out="Write the JSON Schema itself.",
                )


def correlation_ids(tree: Tree) -> Iterator[Problem]:
    """E307: the correlation id is in the payload."""
    for correlation_id in tree.of("correlation id"):
        location = correlation_id.value["location"]
        if not location.startswith(_IN_PAYLOAD):
            yield Problem(
                code=Code.CORRELATION_LOCATION,
                where=(*correlation_id.where, "location"),
                text=f"{location!r} is not in the payload, and a message on a WebSocket has nothing else.",
                way_out=f"Write '{_IN_PAYLOAD}' and the key of the envelope.",
            )


def actions(tree: Tree) -> Iterator[Problem]:
    """E309: a payload requires its action with a constant, so that readers can tell messages apart."""
    envelope = tree.document.get("x-envelope")
    key = envelope.get("actionKey") if isinstance(envelope, dict) else None
    if not isinstance(key, str):
        key = "action"
    for message in tree.of("message"):
        if "schema" in message.value.get("payload", ()):
            continue  # the wrapper is what has to go first: E310
        if complaint := _complaint(tree, tree.at(*message.where, "payload"), key, frozenset()):
            yield Problem(
                code=Code.ACTION,
                where=(*message.where, "payload"),
                text=f"{complaint}, so no reader can tell the message by it.",
                way_out=f"Require {key!r} and give it a const.",
            )


def _complaint(tree: Tree, payload: Node | None, key: str, seen: frozenset[Where]) -> str | None:
    schema = tree.follow(payload)
    if payload is not None and (schema is None or schema.where in seen):
        return None  # a reference that leads nowhere is E103; an alternative of itself adds nothing
    members = _members(tree, schema)
    declared = next((found for member in members if (found := tree.at(*member.where, "properties", key))), None)
    if declared is not None:
        if not any(key in member.value.get("required", ()) for member in members):
            return f"the payload does not require {key!r}"
        if not any(_is_constant(member) for member in _members(tree, tree.follow(declared))):
            return f"{key!r} of the payload is no constant string"
        return None
    alternatives = [
        found
        for member in members
        for keyword in ("oneOf", "anyOf")
        for index in range(len(member.value.get(keyword, ())))
        if (found := tree.at(*member.where, keyword, str(index)))
    ]
    if not alternatives:
        return f"the payload has no {key!r}"
    seen |= {member.where for member in members}
    return next(filter(None, (_complaint(tree, item, key, seen) for item in alternatives)), None)


def _members(tree: Tree, schema: Node | None) -> list[Node]:
    """Return the object schemas that all hold where ``schema`` does: itself, and what its ``allOf`` leads to."""
    members: dict[Where, Node] = {}
    pending = [schema]
    while pending:
        node = tree.follow(pending.pop(0))
        if node is None or not isinstance(node.value, dict) or node.where in members:
            continue
        members[node.where] = node
        pending += [tree.at(*node.where, "allOf", str(index)) for index in range(len(node.value.get("allOf", ())))]
    return list(members.values())


def _is_constant(schema: Node) -> bool:
    if "const" in schema.value:
        return isinstance(schema.value["const"], str)
    values = schema.value.get("enum", ())
    return bool(values) and all(isinstance(value, str) for value in values)
