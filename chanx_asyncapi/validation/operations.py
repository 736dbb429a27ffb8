"""Operations and their replies."""

from collections.abc import Iterator

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.validation.tree import Node, Tree, Where, pointer


def operation_channels(tree: Tree) -> Iterator[Problem]:
    """E301: the channel of an operation is one of the document's channels, not only of its components."""
    for operation in tree.of("operation"):
        reference = operation.value["channel"]["$ref"]
        channel = tree.target(_channel(tree, operation))
        if channel is not None and channel.where[:-1] != ("channels",):
            yield Problem(
                code=Code.OPERATION_CHANNEL,
                where=(*operation.where, "channel"),
                text=f"{reference!r} is not one of the document's channels.",
                way_out="Refer to '#/channels/…'.",
            )


def operation_messages(tree: Tree) -> Iterator[Problem]:
    """E302, E303: the messages of an operation and of its reply are messages of their channel."""
    for owner in tree.of("operation", "reply"):
        channel = pointer(owner.value.get("channel", {}).get("$ref", ""))
        if channel is None:
            continue
        code = Code.OPERATION_MESSAGE if owner.kind == "operation" else Code.REPLY_MESSAGE
        for message in _messages(tree, owner):
            target = tree.target(message)
            if target is not None and target.where[:-1] != (*channel, "messages"):
                yield Problem(
                    code=code,
                    where=message.where,
                    text=f"{message.reference!r} is not a message of the {owner.kind}'s channel.",
                    way_out=f"Add the message to the channel and refer to '#/{'/'.join(channel)}/messages/…'.",
                )


def replies(tree: Tree) -> Iterator[Problem]:
    """E304, E305: a reply returns over the connection on which the operation's message came."""
    for node in tree.of("reply"):
        if "address" in node.value:
            yield Problem(
                code=Code.REPLY_ADDRESS,
                where=(*node.where, "address"),
                text="a reply has no address of its own: it returns over the same connection.",
                way_out="Remove the address.",
            )
    for operation in tree.of("operation"):
        reply = tree.follow(tree.at(*operation.where, "reply"))
        if reply is not None and reply.value.get("channel") != operation.value["channel"]:
            yield Problem(
                code=Code.REPLY_CHANNEL,
                where=(*operation.where, "reply", "channel"),
                text="a reply returns over the same connection, so its channel is the operation's.",
                way_out=f"Refer to {operation.value['channel']['$ref']!r}.",
            )


def descriptions(tree: Tree) -> Iterator[Problem]:
    """W301: every operation has a description."""
    for operation in tree.of("operation"):
        if not operation.value.get("description", "").strip():
            yield Problem(
                code=Code.UNDESCRIBED_OPERATION,
                where=operation.where,
                text="the operation has no description.",
                way_out="Write a docstring for what it describes.",
            )


def traits(tree: Tree) -> Iterator[Problem]:
    """E107: no traits."""
    for node in tree.of("operation", "message"):
        if "traits" in node.value:
            yield Problem(
                code=Code.TRAITS,
                where=(*node.where, "traits"),
                text="some tools lose the messages of what has traits.",
                way_out=f"Write the fields of the traits into the {node.kind}.",
            )


def unused_messages(tree: Tree) -> Iterator[Problem]:
    """W302: each message of a channel is received, sent, or a reply."""
    used: set[Where] = set()
    for owner in tree.of("operation", "reply"):
        channel = tree.target(_channel(tree, owner))
        if "messages" in owner.value:
            used.update(target.where for message in _messages(tree, owner) if (target := tree.target(message)))
        elif channel is not None and isinstance(channel.value, dict):
            # https://www.asyncapi.com/docs/reference/specification/v3.1.0#operationObject: absent means all of them.
            used.update((*channel.where, "messages", name) for name in channel.value.get("messages", {}))
    for node in tree.nodes:
        if node.kind == "message" and node.where[:1] == ("channels",) and node.where not in used:
            yield Problem(
                code=Code.UNUSED_MESSAGE,
                where=node.where,
                text="no operation receives or sends the message, and no reply is it.",
                way_out="Name it in an operation, or remove it from the channel.",
            )


def _channel(tree: Tree, owner: Node) -> Node | None:
    return tree.at(*owner.where, "channel")


def _messages(tree: Tree, owner: Node) -> Iterator[Node]:
    for node in tree.inside(owner.where):
        if node.where[:-1] == (*owner.where, "messages"):
            yield node
