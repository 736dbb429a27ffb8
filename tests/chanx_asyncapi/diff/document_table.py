"""Single changes of everything but schemas."""

from typing import Any, Final

from tests.chanx_asyncapi.diff.table import DocumentChange, Edit, append, drop, put, rename

_ROOM: Final = "channels room"
_ASK: Final = "operations room.receive.ask"
_NOTICE: Final = "operations room.send.notice"
_MESSAGE: Final = "components messages chat.Ask"
_SCHEMES: Final = "components securitySchemes"
_FLOW: Final = f"{_SCHEMES} oauth flows clientCredentials"


def _row(name: str, rule: str, expected: str, *edits: Edit) -> DocumentChange:
    return DocumentChange(name, rule, edits, expected)


def _to(path: str) -> dict[str, str]:
    return {"$ref": f"#/{path.replace(' ', '/')}"}


def _message(action: str) -> dict[str, Any]:
    schema = {"type": "object", "properties": {"action": {"const": action}}, "required": ["action"]}
    return {"name": action, "payload": schema}


def _operation(action: str, message: str) -> dict[str, Any]:
    return {"action": action, "channel": _to(_ROOM), "messages": [_to(f"{_ROOM} messages {message}")]}


DOCUMENT_CHANGES: Final = (
    # The document
    _row("version of AsyncAPI", "text-changed", "ss", put("asyncapi", "3.0.0")),
    _row("id", "text-changed", "ss", put("id", "urn:example:other")),
    *(
        _row(f"info: {field}", "text-changed", "ss", put(f"info {field}", "https://example.com/other"))
        for field in ("title", "version", "description", "termsOfService")
    ),
    _row("info: contact", "text-changed", "ss", put("info contact name", "Others")),
    _row("info: licence", "text-changed", "ss", drop("info license")),
    _row("info: tags", "text-changed", "ss", append("info tags", {"name": "new"})),
    _row("info: documentation", "text-changed", "ss", drop("info externalDocs")),
    _row("info: an extension", "field-changed", "uu", put("info x-logo", "logo.png")),
    _row("an extension", "field-changed", "uu", put("x-mine", 1)),
    _row(
        "a component that nothing refers to", "unused-component-changed", "ss", drop("components schemas chat.Unused")
    ),
    # Servers
    _row("a server is new", "server-added", "sb", put("servers other", {"host": "example.org", "protocol": "wss"})),
    _row("a server is gone", "server-removed", "bs", drop("servers local")),
    _row("a server is renamed", "renamed", "ss", rename("servers local", "here")),
    _row("host", "server-changed", "bb", put("servers local host", "localhost:8001")),
    _row("path of a server", "server-changed", "bb", put("servers local pathname", "/v2")),
    _row("protocol", "server-changed", "bb", put("servers local protocol", "wss")),
    _row("version of the protocol", "server-changed", "uu", drop("servers production protocolVersion")),
    _row("description of a server", "text-changed", "ss", put("servers local description", "Here.")),
    _row("title of a server", "text-changed", "ss", put("servers local title", "Here")),
    _row("tags of a server", "text-changed", "ss", drop("servers production tags")),
    _row("documentation of a server", "text-changed", "ss", drop("servers production externalDocs")),
    _row("bindings of a server", "binding-changed", "uu", put("servers production bindings mqtt clientId", "b")),
    _row("bindings of a server are gone", "binding-changed", "uu", drop("servers production bindings")),
    _row("a variable is new", "server-changed", "uu", put("servers local variables", {"port": {}})),
    _row("a variable is gone", "server-changed", "uu", drop("servers production variables")),
    _row("a variable has more values", "values-changed", "sb", append("servers production variables region enum", "x")),
    _row("a variable has fewer values", "values-changed", "bs", drop("servers production variables region enum 1")),
    _row("default of a variable", "default-changed", "uu", put("servers production variables region default", "us")),
    _row("texts of a variable", "text-changed", "ss", drop("servers production variables region description")),
    _row("examples of a variable", "text-changed", "ss", drop("servers production variables region examples")),
    _row("a server demands nothing any more", "security-dropped", "sb", drop("servers production security")),
    _row(
        "a server demands credentials",
        "security-demanded",
        "bs",
        put("servers local security", [_to(f"{_SCHEMES} token")]),
    ),
    _row(
        "a server accepts more",
        "security-added",
        "sb",
        append("servers production security", _to(f"{_SCHEMES} bearer")),
    ),
    # Channels
    _row("a channel is new", "channel-added", "sb", put("channels new", {"address": "/ws/new/"})),
    _row("a channel is gone", "channel-removed", "bs", drop("channels lobby"), drop("operations lobby.send.notice")),
    _row("a channel is renamed", "renamed", "ss", rename(_ROOM, "house")),
    _row("address", "address-changed", "bb", put("channels lobby address", "/ws/entrance/")),
    _row("the slash at the end", "address-changed", "bb", put("channels lobby address", "/ws/lobby")),
    _row("no address", "address-changed", "bb", put("channels lobby address", None)),
    _row("title of a channel", "text-changed", "ss", put(f"{_ROOM} title", "House")),
    _row("summary of a channel", "text-changed", "ss", drop(f"{_ROOM} summary")),
    _row("description of a channel", "text-changed", "ss", drop(f"{_ROOM} description")),
    _row("tags of a channel", "text-changed", "ss", append(f"{_ROOM} tags", {"name": "new"})),
    _row("documentation of a channel", "text-changed", "ss", drop(f"{_ROOM} externalDocs")),
    _row("a channel is on one more server", "server-added", "sb", append(f"{_ROOM} servers", _to("servers local"))),
    _row(
        "a channel is on one server less", "server-removed", "bs", put("channels lobby servers", [_to("servers local")])
    ),
    _row("a channel is on all servers", "server-added", "sb", drop(f"{_ROOM} servers")),
    _row("a field that we do not know", "field-changed", "uu", put(f"{_ROOM} mystery", 1)),
    _row("what resuming does", "field-changed", "uu", put(f"{_ROOM} x-resume supported", True)),
    # Parameters
    _row(
        "a parameter is renamed",
        "renamed",
        "ss",
        put(f"{_ROOM} address", "/ws/rooms/{room}/"),
        rename(f"{_ROOM} parameters pk", "room"),
    ),
    _row(
        "a parameter takes any text",
        "pattern-changed",
        "sb",
        put(f"{_ROOM} parameters pk x-schema", {"type": "string", "minLength": 1}),
    ),
    _row(
        "a parameter takes words",
        "type-changed",
        "bb",
        put(f"{_ROOM} parameters pk x-schema", {"type": "string", "pattern": "^[a-z]+$"}),
    ),
    _row("a parameter has a higher bound", "limit-changed", "bs", put(f"{_ROOM} parameters pk x-schema minimum", 1)),
    _row("a parameter has more values", "values-changed", "sb", append(f"{_ROOM} parameters kind enum", "secret")),
    _row("a parameter has fewer values", "values-changed", "bs", drop(f"{_ROOM} parameters kind enum 0")),
    _row("a parameter has all values", "values-changed", "sb", drop(f"{_ROOM} parameters kind enum")),
    _row("default of a parameter", "default-changed", "uu", put(f"{_ROOM} parameters kind default", "closed")),
    _row("description of a parameter", "text-changed", "ss", drop(f"{_ROOM} parameters pk description")),
    _row("examples of a parameter", "text-changed", "ss", put(f"{_ROOM} parameters pk examples", ["8"])),
    _row(
        "location of a parameter", "field-changed", "uu", put(f"{_ROOM} parameters pk location", "$message.payload#/pk")
    ),
    # The handshake
    _row("method", "binding-changed", "bb", put(f"{_ROOM} bindings ws method", "POST")),
    _row("the method that it is without a word", "binding-changed", "ss", drop(f"{_ROOM} bindings ws method")),
    _row("version of the binding", "text-changed", "ss", put(f"{_ROOM} bindings ws bindingVersion", "0.2.0")),
    _row("an optional query parameter", "property-added", "su", put(f"{_ROOM} bindings ws query properties q", {})),
    _row(
        "a query parameter is required",
        "property-required",
        "bs",
        put(f"{_ROOM} bindings ws query required", ["since"]),
    ),
    _row(
        "a query parameter has more values",
        "values-changed",
        "sb",
        append(f"{_ROOM} bindings ws query properties lang enum", "fr"),
    ),
    _row("a header is gone", "property-removed", "us", drop(f"{_ROOM} bindings ws headers properties Origin")),
    _row(
        "a header is required where none was described",
        "property-added",
        "bu",
        put(
            "channels lobby bindings",
            {"ws": {"headers": {"type": "object", "required": ["X"], "properties": {"X": {}}}}},
        ),
    ),
    _row("the binding of another protocol", "binding-changed", "uu", put(f"{_ROOM} bindings kafka topic", "chat")),
    _row(
        "the binding of another protocol is new", "binding-changed", "uu", put("channels lobby bindings", {"amqp": {}})
    ),
    _row("the binding of another protocol is gone", "binding-changed", "uu", drop(f"{_ROOM} bindings kafka")),
    # Messages and operations
    _row(
        "the server receives one more message",
        "receive-added",
        "sb",
        put(f"{_ROOM} messages new", _message("new")),
        put("operations new", _operation("receive", "new")),
    ),
    _row(
        "the server receives one message less",
        "receive-removed",
        "bs",
        drop(_ASK),
        drop(f"{_ROOM} messages answer"),
        drop(f"{_ROOM} messages error"),
        drop(f"{_ROOM} messages ask"),
    ),
    _row(
        "the server sends one more message",
        "send-added",
        "ub",
        put(f"{_ROOM} messages new", _message("new")),
        put("operations new", _operation("send", "new")),
    ),
    _row("the server sends one message less", "send-removed", "bu", drop(_NOTICE), drop(f"{_ROOM} messages notice")),
    _row(
        "an operation on all messages",
        "receive-added",
        "sb",
        put("operations new", {"action": "receive", "channel": _to("channels lobby")}),
    ),
    _row("an operation is renamed", "renamed", "ss", rename(_ASK, "ask")),
    _row(
        "an operation is cut in two",
        "operation-regrouped",
        "ss",
        put("operations again", _operation("send", "notice")),
    ),
    _row("a message is renamed", "renamed", "ss", rename(f"{_ROOM} messages ask", "question")),
    _row("a message has another name", "renamed", "ss", put(f"{_MESSAGE} name", "question")),
    _row("a message has no name", "renamed", "ss", drop(f"{_MESSAGE} name")),
    _row("the component of a message is renamed", "renamed", "ss", rename(_MESSAGE, "chat.Question")),
    _row(
        "the component of a schema is renamed", "renamed", "ss", rename("components schemas chat.Answer", "chat.Reply")
    ),
    _row("a message that no operation has", "unused-message-changed", "ss", drop(f"{_ROOM} messages draft")),
    _row(
        "a message that no operation has gets narrower",
        "property-required",
        "uu",
        put(f"{_ROOM} messages draft payload required", ["action"]),
    ),
    *(
        _row(f"{field} of an operation", "text-changed", "ss", drop(f"{_ASK} {field}"))
        for field in ("title", "summary", "description", "tags", "externalDocs")
    ),
    _row("bindings of an operation", "binding-changed", "uu", put(f"{_ASK} bindings amqp ack", False)),
    _row("bindings of an operation are new", "binding-changed", "uu", put(f"{_NOTICE} bindings", {"mqtt": {"qos": 1}})),
    _row("an operation is deprecated", "deprecation-changed", "ss", put(f"{_ASK} x-deprecated", True)),
    _row("a stream answers", "stream-changed", "bb", put(f"{_ASK} x-stream", True)),
    *(
        _row(f"{field} of a message", "text-changed", "ss", drop(f"{_MESSAGE} {field}"))
        for field in ("title", "summary", "description", "examples", "tags", "externalDocs")
    ),
    _row("bindings of a message", "binding-changed", "uu", drop(f"{_MESSAGE} bindings")),
    _row("a message is deprecated", "deprecation-changed", "ss", put(f"{_MESSAGE} x-deprecated", True)),
    _row("an extension of a message", "field-changed", "uu", put(f"{_MESSAGE} x-mine", 1)),
    _row("content type", "content-type-changed", "bb", put(f"{_MESSAGE} contentType", "application/msgpack")),
    _row("a header of a message", "property-required", "bs", put(f"{_MESSAGE} headers required", ["trace"])),
    _row(
        "schemas in another format",
        "field-changed",
        "uu",
        put(f"{_MESSAGE} headers", {"schemaFormat": "application/vnd.apache.avro;version=1.9.0", "schema": {}}),
    ),
    _row(
        "correlation id is new",
        "correlation-added",
        "sb",
        put("components messages chat.Error correlationId", {"location": "$message.payload#/reply_to"}),
    ),
    _row("correlation id is gone", "correlation-removed", "bs", drop("components messages chat.Answer correlationId")),
    _row(
        "correlation id is in another place",
        "correlation-changed",
        "bb",
        put(f"{_MESSAGE} correlationId location", "$message.payload#/key"),
    ),
    _row("description of a correlation id", "text-changed", "ss", drop(f"{_MESSAGE} correlationId description")),
    # Replies
    _row(
        "there is a reply", "reply-added", "ub", put(f"{_NOTICE} reply", {"messages": [_to(f"{_ROOM} messages ask")]})
    ),
    _row(
        "there is no reply",
        "reply-removed",
        "bu",
        drop(f"{_ASK} reply"),
        drop(f"{_ROOM} messages answer"),
        drop(f"{_ROOM} messages error"),
    ),
    _row(
        "one more message answers",
        "reply-message-added",
        "bu",
        append(f"{_ASK} reply messages", _to(f"{_ROOM} messages notice")),
    ),
    _row(
        "one message less answers",
        "reply-message-removed",
        "ub",
        drop(f"{_ASK} reply messages 1"),
        drop(f"{_ROOM} messages error"),
    ),
    _row(
        "replies come over another channel",
        "reply-place-changed",
        "bb",
        put(
            f"{_ASK} reply",
            {
                "channel": _to("channels lobby"),
                "messages": [_to(f"{_ROOM} messages {name}") for name in ("answer", "error")],
            },
        ),
    ),
    _row(
        "replies have an address",
        "reply-place-changed",
        "bb",
        put(f"{_ASK} reply address", {"location": "$message.header#/replyTo"}),
    ),
    # Security
    _row("an operation demands nothing any more", "security-dropped", "sb", drop(f"{_ASK} security")),
    _row("an operation accepts more", "security-added", "sb", append(f"{_ASK} security", _to(f"{_SCHEMES} bearer"))),
    _row("an operation accepts less", "security-removed", "bs", drop(f"{_ASK} security 1")),
    _row("anybody is let in", "security-dropped", "sb", put(f"{_ROOM} x-security-optional", True)),
    _row("nobody is let in without credentials", "security-demanded", "bs", drop("channels lobby x-security-optional")),
    _row("a scheme is renamed", "renamed", "ss", rename(f"{_SCHEMES} session", "cookie")),
    _row("a scheme is of another type", "security-changed", "bb", put(f"{_SCHEMES} session type", "apiKey")),
    _row("a secret has another name", "security-changed", "bb", put(f"{_SCHEMES} session name", "sid")),
    _row("a secret is in another place", "security-changed", "bb", put(f"{_SCHEMES} session in", "query")),
    _row("description of a scheme", "text-changed", "ss", drop(f"{_SCHEMES} token description")),
    _row("another subprotocol", "security-changed", "bb", put(f"{_SCHEMES} token x-subprotocol prefix", "Bearer")),
    _row("a subprotocol is gone", "security-changed", "bs", drop(f"{_SCHEMES} token x-subprotocol")),
    _row("a subprotocol is new", "security-changed", "sb", put(f"{_SCHEMES} session x-subprotocol", {"select": "a"})),
    _row("another issuer", "security-changed", "bb", put(f"{_SCHEMES} openid openIdConnectUrl", "https://example.org")),
    _row("tokens from another place", "security-changed", "bb", put(f"{_FLOW} tokenUrl", "https://example.org/token")),
    _row("a scope is demanded", "scope-added", "bs", append(f"{_SCHEMES} oauth scopes", "write")),
    _row("a scope is not demanded any more", "scope-removed", "sb", drop(f"{_SCHEMES} oauth scopes 0")),
    _row("a scope is offered", "scope-added", "sb", put(f"{_FLOW} availableScopes admin", "All.")),
    _row("a scope is not offered any more", "scope-removed", "bs", drop(f"{_FLOW} availableScopes write")),
    _row(
        "a flow is new",
        "security-added",
        "sb",
        put(f"{_SCHEMES} oauth flows password", {"tokenUrl": "https://example.com"}),
    ),
    _row("a permission is asked for", "permission-added", "us", append(f"{_ROOM} x-permissions", "chat.IsMember")),
    _row("a permission is not asked for any more", "permission-removed", "su", drop(f"{_ROOM} x-permissions 0")),
    # What chanx adds at the root
    *(
        _row(f"{key} of the envelope", "envelope-changed", "bb", put(f"x-envelope {key}", "other"))
        for key in ("payloadKey", "idKey", "replyToKey")
    ),
    _row("ids may be longer", "envelope-changed", "sb", put("x-envelope idMaxLength", 128)),
    _row("ids must be shorter", "envelope-changed", "bs", put("x-envelope idMaxLength", 32)),
    _row("an envelope key that we do not know", "envelope-changed", "uu", put("x-envelope seqKey", "seq")),
    _row("a close code is new", "close-code-added", "us", append("x-close-codes", {"code": 4408, "retry": "backoff"})),
    _row("a close code is gone", "close-code-removed", "su", drop("x-close-codes 1")),
    _row("clients may come back", "close-code-changed", "uu", put("x-close-codes 1 retry", "backoff")),
    _row("a close code under daphne", "close-code-changed", "uu", put("x-close-codes 0 daphne", 4900)),
    _row("meaning of a close code", "text-changed", "ss", put("x-close-codes 0 meaning", "Away.")),
)
