"""Servers, channels, their parameters and bindings, and the security of both."""

import re
from collections.abc import Iterator

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.validation.tree import Tree, pointer

_PROTOCOLS = ("ws", "wss")
_NO_FIELDS = {"type": "object", "properties": {}}
# https://www.asyncapi.com/docs/reference/specification/v3.1.0#channelAddressExpressions
_EXPRESSION = re.compile(r"\{([^{}]*)\}")


def servers(tree: Tree) -> Iterator[Problem]:
    """E201, E202, E203: there is a server, and a client can form the address of its WebSockets."""
    if not tree.document.get("servers"):
        yield Problem(
            code=Code.NO_SERVERS,
            where=("servers",),
            text="the document has no server, so nobody can tell where to connect.",
            way_out="Name at least one server.",
        )
    for server in tree.of("server"):
        host, protocol = server.value["host"], server.value["protocol"]
        if "/" in host:
            yield Problem(
                code=Code.SERVER_HOST,
                where=(*server.where, "host"),
                text=f"{host!r} is more than a host: it has no scheme, path or trailing slash.",
                way_out="Write host or host:port here, the scheme as protocol and the path as pathname.",
            )
        if protocol not in _PROTOCOLS:
            yield Problem(
                code=Code.SERVER_PROTOCOL,
                where=(*server.where, "protocol"),
                text=f"{protocol!r} is no WebSocket.",
                way_out="Write 'wss', or 'ws' without TLS.",
            )


def security(tree: Tree) -> Iterator[Problem]:
    """E209: security requirements are references to the security schemes of the components."""
    for node in tree.nodes:
        if node.kind == "security scheme" and node.field == "security":
            where = pointer(node.reference)
            if where is None or where[:2] != ("components", "securitySchemes"):
                yield Problem(
                    code=Code.SECURITY_REFERENCE,
                    where=node.where,
                    text="a security requirement is a reference to components.securitySchemes.",
                    way_out="Move the scheme there and refer to it.",
                )


def addresses(tree: Tree) -> Iterator[Problem]:
    """E204, E205: channels have addresses, and neither these nor their keys hold a query or a fragment."""
    for channel in tree.of("channel"):
        if "?" in channel.where[-1] or "#" in channel.where[-1]:
            yield Problem(
                code=Code.CHANNEL_KEY,
                where=channel.where,
                text="the key of a channel holds no '?' and no '#'.",
                way_out="Rename it.",
            )
        address = channel.value.get("address")
        if address is None:
            yield Problem(
                code=Code.CHANNEL_ADDRESS,
                where=channel.where,
                text="the channel has no address, so nobody can connect to it.",
                way_out="Write the path of its route.",
            )
        elif "?" in address or "#" in address:
            yield Problem(
                code=Code.CHANNEL_ADDRESS,
                where=(*channel.where, "address"),
                text=f"{address!r} holds a query or a fragment.",
                way_out="Describe query parameters in the query of the channel's ws binding.",
            )


def parameters(tree: Tree) -> Iterator[Problem]:
    """E206, E207: the parameters of a channel are exactly the names in its address."""
    for channel in tree.of("channel"):
        names = _EXPRESSION.findall(channel.value.get("address") or "")
        declared = channel.value.get("parameters", {})
        for name in names:
            if name not in declared:
                yield Problem(
                    code=Code.MISSING_PARAMETER,
                    where=(*channel.where, "parameters"),
                    text=f"{{{name}}} of the address is not described.",
                    way_out=f"Add the parameter {name!r}.",
                )
        for name in declared:
            if name not in names:
                yield Problem(
                    code=Code.UNKNOWN_PARAMETER,
                    where=(*channel.where, "parameters", name),
                    text=f"{{{name}}} is not in the address.",
                    way_out="Remove the parameter, or correct its name.",
                )


def channel_servers(tree: Tree) -> Iterator[Problem]:
    """E208: the servers of a channel are servers of the document, not only of its components."""
    for node in tree.nodes:
        target = tree.target(node)
        if node.kind == "server" and target is not None and target.where[:-1] != ("servers",):
            yield Problem(
                code=Code.CHANNEL_SERVER,
                where=node.where,
                text=f"{node.reference!r} is not one of the document's servers.",
                way_out="Refer to '#/servers/…'.",
            )


def websocket_bindings(tree: Tree) -> Iterator[Problem]:
    """E210: a ``ws`` binding names its version; query and headers are schemas of objects with properties.

    https://github.com/asyncapi/bindings/blob/master/websockets/README.md#channel-binding-object
    """
    for binding in tree.of("ws binding"):
        if "bindingVersion" not in binding.value:
            yield Problem(
                code=Code.WEBSOCKET_BINDING,
                where=binding.where,
                text="the binding does not say its version.",
                way_out="Add bindingVersion: '0.1.0'.",
            )
        for field in ("query", "headers"):
            # Never a reference: the official schema refuses one here.
            schema = binding.value.get(field, _NO_FIELDS)
            if not isinstance(schema, dict) or schema.get("type") != "object" or "properties" not in schema:
                yield Problem(
                    code=Code.WEBSOCKET_BINDING,
                    where=(*binding.where, field),
                    text=f"{field} has to be the schema of an object with properties.",
                    way_out="Write type: object and the properties of the handshake.",
                )
