"""A class for each channel: ``channels.py``."""

from collections.abc import Iterable, Sequence
from typing import Final

from chanx_asyncapi.codegen.files import GeneratedFile
from chanx_asyncapi.codegen.model import (
    Api,
    Boolean,
    Channel,
    Choice,
    Message,
    Number,
    Parameter,
    SecurityScheme,
    Sending,
    Type,
)
from chanx_asyncapi.codegen.python import layout
from chanx_asyncapi.codegen.python.layout import Expression, Group, Keyword
from chanx_asyncapi.codegen.python.models import described
from chanx_asyncapi.codegen.python.modules import Block, module
from chanx_asyncapi.codegen.python.naming import class_names, client_name, parameter_names
from chanx_asyncapi.codegen.python.text import literal, string
from chanx_asyncapi.codegen.python.types import Annotations

_INDENT: Final = "    "
_IMPORTS: Final = (
    {"typing": ("Any", "ClassVar", "Literal", "Never", "TypeAlias", "overload")},
    {"typing_extensions": ("deprecated",)},
    {
        ".": ("runtime", "models"),
        ".runtime": ("AuthProvider", "Client", "Credentials", "Description", "Options", "Replies", "Rule", "Scheme"),
    },
)
_PING: Final = "ping"
_DEPRECATED: Final = f'{_INDENT}@deprecated("The message is deprecated.")'


def render_channels(api: Api) -> GeneratedFile:
    """The module with a class for each channel."""
    writer = _Writer(api)
    blocks = [*writer.close_codes(), *(block for channel in api.channels for block in writer.channel(channel))]
    return GeneratedFile("channels.py", module(api, "The channels of the service.", blocks, _IMPORTS, future=True))


def received_messages(channel: Channel) -> list[Message]:
    """What may come, besides the frame of authentication, which the client reads itself."""
    return [each.message for each in channel.receives if each.message is not channel.authentication]


class _Writer:
    def __init__(self, api: Api) -> None:
        self._api = api
        names = class_names(api.definitions)
        self._annotations = Annotations(api.definitions, {key: f"models.{name}" for key, name in names.items()})

    def close_codes(self) -> Iterable[Block]:
        """The codes that the document lists, those of daphne included."""
        if not self._api.close_codes:
            return
        rules = {code: each.retry for each in self._api.close_codes for code in (each.code, each.twin)}
        block = Block()
        entries: list[Expression] = [Keyword(str(code), string(rule), ": ") for code, rule in sorted(rules.items())]
        block.statement("_CLOSE_CODES: dict[int, Rule] = ", Group("{", entries, "}"))
        yield block

    def channel(self, channel: Channel) -> Iterable[Block]:
        """The types of what is sent and received, and the class."""
        sent = [sending.message for sending in channel.sends]
        for suffix, messages, about in (
            ("Sent", sent, "What a client sends."),
            ("Received", received_messages(channel), "What a client receives."),
        ):
            block = Block()
            kinds = [self._annotations.of(each.type) for each in messages]
            block.statement(f"{channel.name}{suffix}: TypeAlias = ", _union(kinds) if kinds else "Never")
            block.docs(about)
            yield block
        yield self._class(channel)

    def _class(self, channel: Channel) -> Block:
        block = Block(is_apart=True)
        name = channel.name
        block.code(f"class {client_name(channel)}(Client[{name}Sent, {name}Received]):")
        summary = channel.title or channel.key
        block.docs(described(channel.description or summary, deprecated=channel.deprecated), _INDENT)
        block.gap()
        block.statement("_description = ", Group("Description(", self._description(channel), ")"), indent=_INDENT)
        errors = _distinct(each.type for sending in channel.sends for each in sending.errors)
        if errors:
            block.gap()
            value = Group("runtime.RequestFailed[", [_union(list(map(self._annotations.of, errors)))], "]", comma=False)
            block.statement("class RequestFailed(", value, "):", indent=_INDENT)
            block.docs("The server has answered with an error message: ``error``.", _INDENT * 2)
        block.gap()
        self._init(block, channel)
        deprecated = [sending for sending in channel.sends if sending.deprecated]
        requests = [
            each for each in channel.sends if each.message.correlates and not each.streams and _is_answered(each)
        ]
        streams = [each for each in channel.sends if each.message.correlates and each.streams]
        if deprecated:
            self._send(block, channel, deprecated)
        self._asking(block, requests, "request")
        self._asking(block, streams, "replies")
        return block

    def _description(self, channel: Channel) -> list[Expression]:
        envelope = self._api.envelope
        received: list[Expression] = [
            Keyword(string(action), self._annotations.of(message.type), ": ")
            for message in received_messages(channel)
            for action in message.actions
        ]
        errors = sorted({action for sending in channel.sends for each in sending.errors for action in each.actions})
        completion = next((each.completion.actions[0] for each in channel.sends if each.completion), None)
        ping = next((each for each in channel.sends if _PING in each.message.actions and _is_answered(each)), None)
        subprotocol = next((each.subprotocol for each in channel.security if each.subprotocol), None)
        scheme = _scheme(channel.security)
        found: list[Expression] = [
            Keyword("address", string(channel.address)),
            Keyword("received", Group("{", received, "}")),
        ]
        if errors:
            found.append(Keyword("errors", Group("frozenset({", [string(action) for action in errors], "})")))
        for name, value in (
            ("completion", completion),
            ("authentication", channel.authentication.actions[0] if channel.authentication else None),
            ("ping", None if ping is None else _PING),
        ):
            if value is not None:
                found.append(Keyword(name, string(value)))
        if scheme is not None:
            found.append(Keyword("scheme", scheme))
        if subprotocol is not None:
            found.append(Keyword("subprotocol", string(subprotocol.select)))
        if self._api.close_codes:
            found.append(Keyword("close_codes", "_CLOSE_CODES"))
        for name, value, usual in (
            ("action_key", envelope.action_key, "action"),
            ("payload_key", envelope.payload_key, "payload"),
            ("id_key", envelope.id_key, "id"),
            ("reply_to_key", envelope.reply_to_key, "reply_to"),
        ):
            if value is not None and value != usual:
                found.append(Keyword(name, string(value)))
        if channel.resumable:
            found.append(Keyword("resumable", "True"))
        repeatable: list[Expression] = [
            Keyword(string(action), f"{each.repeatable_for:g}", ": ")
            for each in channel.sends
            if each.repeatable_for is not None and each.message.correlates
            for action in each.message.actions
        ]
        if repeatable:
            found.append(Keyword("repeatable", Group("{", repeatable, "}")))
        return found

    def _init(self, block: Block, channel: Channel) -> None:
        names = parameter_names(channel)
        server = channel.servers[0] if channel.servers else None
        url = "url: str"
        if server is not None:
            url += f" = {string(f'{server.protocol}://{server.host}{server.pathname}')}"
        arguments: list[Expression] = ["self", url, "*"]
        for parameter in channel.parameters:
            default = "" if parameter.default is None else f" = {self._parameter_default(parameter)}"
            arguments.append(
                Keyword(names[parameter.name], f"{layout.flat(self._parameter(parameter))}{default}", ": ")
            )
        query = "{}"
        if channel.query is not None:
            annotation = layout.flat(self._annotations.of(channel.query))
            arguments.append(f"query: {annotation} | None = None" if channel.query_optional else f"query: {annotation}")
            query = "query.to_wire() if query is not None else {}" if channel.query_optional else "query.to_wire()"
        arguments += ["auth: AuthProvider | Credentials | str | None = None", "options: Options | None = None"]
        block.statement("def __init__", Group("(", arguments, ")"), " -> None:", indent=_INDENT)
        said = [
            f":param {names[each.name]}: {' '.join((each.description or 'of the address').split())}"
            for each in channel.parameters
        ]
        block.docs(
            "\n".join(
                ["Nothing is connected before ``connect()``, or ``async with``.", *([""] if said else []), *said]
            ),
            _INDENT * 2,
        )
        parameters: list[Expression] = [
            Keyword(string(each.name), names[each.name], ": ") for each in channel.parameters
        ]
        call: list[Expression] = [
            "url",
            Keyword("parameters", Group("{", parameters, "}")),
            Keyword("query", query),
            Keyword("auth", "auth"),
            Keyword("options", "options"),
        ]
        block.statement("super().__init__", Group("(", call, ")"), indent=_INDENT * 2)

    def _parameter(self, parameter: Parameter) -> Expression:
        """What an address takes: scalars, whose limits the server knows."""
        type_ = self._annotations.resolved(parameter.type)
        match type_:
            case Number(integer=integer):
                return "int" if integer else "float"
            case Boolean():
                return "bool"
            case Choice(values=values) if all(isinstance(value, str) for value in values):
                return Group("Literal[", [literal(value) for value in values], "]", comma=False)
            case _:
                return "str"

    def _parameter_default(self, parameter: Parameter) -> str:
        text = parameter.default or ""
        type_ = self._annotations.resolved(parameter.type)
        is_number = isinstance(type_, Number) and text.lstrip("-").isdecimal()
        return str(int(text)) if is_number else string(text)

    def _send(self, block: Block, channel: Channel, deprecated: Sequence[Sending]) -> None:
        """What is deprecated gets an overload of its own, which type checkers tell of."""
        kinds = {id(each): self._annotations.of(each.message.type) for each in channel.sends}
        others = [kinds[id(each)] for each in channel.sends if not each.deprecated]
        for marked, group in ((False, others), (True, [kinds[id(each)] for each in deprecated])):
            if not group:
                continue
            block.gap()
            if others:
                block.code(f"{_INDENT}@overload")
            if marked:
                block.code(_DEPRECATED)
            arguments: list[Expression] = ["self", Keyword("message", _union(group), ": "), "/"]
            end = " -> None: ..." if others else " -> None:"
            block.statement("async def send", Group("(", arguments, ")"), end, indent=_INDENT)
        if others:
            block.code(f"{_INDENT}async def send(self, message: Any, /) -> None:")
        block.docs("Send a message; see ``Client.send``.", _INDENT * 2)
        block.code(f"{_INDENT * 2}await super().send(message)")

    def _asking(self, block: Block, sendings: Sequence[Sending], method: str) -> None:
        """The method that sends and waits, with an overload for each message."""
        is_stream = method == "replies"
        for sending in sendings:
            answers = _distinct(each.type for each in sending.replies)
            answer: Expression = _union([self._annotations.of(each) for each in answers])
            if is_stream:
                answer = Group("Replies[", [answer], "]", comma=False)
            block.gap()
            if len(sendings) > 1:
                block.code(f"{_INDENT}@overload")
            if sending.deprecated:
                block.code(_DEPRECATED)
            self._method(
                block, method, self._annotations.of(sending.message.type), answer, is_overload=len(sendings) > 1
            )
            if len(sendings) == 1:
                self._body(block, sending, method, answer)
        if len(sendings) > 1:
            self._method(block, method, "Any", "Replies[Any]" if is_stream else "Any", is_overload=False)
            self._body(block, None, method)

    def _method(self, block: Block, method: str, message: Expression, answer: Expression, *, is_overload: bool) -> None:
        arguments: list[Expression] = [
            "self",
            Keyword("message", message, ": "),
            "/",
            "*",
            "timeout: float | None = 10",
        ]
        end = f" -> {layout.flat(answer)}:{' ...' if is_overload else ''}"
        before = "def " if method == "replies" else "async def "
        block.statement(f"{before}{method}", Group("(", arguments, ")"), end, indent=_INDENT)

    def _body(self, block: Block, sending: Sending | None, method: str, answer: Expression | None = None) -> None:
        said = (
            _SAID[method]
            if sending is None
            else "\n\n".join(text for text in (sending.description or sending.summary, _SAID[method]) if text)
        )
        block.docs(said, _INDENT * 2)
        call = f"self._{method}(message, timeout)"
        if method == "replies":
            block.code(f"{_INDENT * 2}return {call}")
        elif answer is None:
            block.code(f"{_INDENT * 2}return await {call}")
        else:
            block.statement("answer: ", answer, f" = await {call}", indent=_INDENT * 2)
            block.code(f"{_INDENT * 2}return answer")


_SAID: Final = {
    "request": (
        "Send a message, and return what answers it.\n\n"
        ":raises RequestFailed: when that is an error.\n"
        ":raises RequestTimeout: when nothing comes within ``timeout`` seconds.\n"
        ":raises SocketClosed: when the connection ends before.\n"
        ":raises NotOpen: when there is none."
    ),
    "replies": (
        "Send a message, and iterate over what answers it; each answer may take ``timeout`` seconds.\n\n"
        "Raises what ``request`` raises. Where the service does not say that no more answers come, stop by yourself."
    ),
}


def _is_answered(sending: Sending) -> bool:
    return bool(sending.replies) or sending.completion is not None


def _scheme(schemes: Sequence[SecurityScheme]) -> Expression | None:
    """Where a token goes: of several ways, the one that clients other than browsers have."""
    order = {"header": 0, "query": 1, "cookie": 2}
    usable = [each for each in schemes if each.kind == "http" or each.location in order]
    if not usable:
        return None
    each = min(usable, key=lambda each: 0 if each.kind == "http" else order[each.location or "header"])
    if each.kind == "http":
        word = {"bearer": "Bearer", "basic": "Basic"}.get((each.scheme or "").lower(), each.scheme or "Bearer")
        prefix: str | None = each.subprotocol.prefix if each.subprotocol and each.subprotocol.prefix else word
        return None if prefix == "Bearer" else Group("Scheme(", [Keyword("prefix", string(prefix or ""))], ")")
    prefix = each.subprotocol.prefix if each.subprotocol else None
    arguments: list[Expression] = []
    if each.location != "header":
        arguments.append(Keyword("location", string(each.location or "")))
    if each.name not in (None, "Authorization"):
        arguments.append(Keyword("name", string(each.name or "")))
    arguments.append(Keyword("prefix", literal(prefix)))
    return Group("Scheme(", arguments, ")")


def _distinct(types: Iterable[Type]) -> list[Type]:
    return [*{repr(each): each for each in types}.values()]


def _union(found: Sequence[Expression]) -> Expression:
    distinct = [*{layout.flat(each): each for each in found}.values()]
    return distinct[0] if len(distinct) == 1 else layout.Choice(distinct) if distinct else "None"
