"""``channels.ts``: for each channel its interface, what the document says of it in data, and how to connect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from chanx_asyncapi.codegen.model import (
    Api,
    Channel,
    CloseCode,
    Message,
    Property,
    Receiving,
    SecurityScheme,
    Sending,
)
from chanx_asyncapi.codegen.names import camel_case
from chanx_asyncapi.codegen.typescript.declarations import described, property_signature
from chanx_asyncapi.codegen.typescript.encoding import comment, property_name, text_literal
from chanx_asyncapi.codegen.typescript.layout import HARD, SPACE, Doc, Group, IfBroken, Indent, join, listed, printed
from chanx_asyncapi.codegen.typescript.types import TypeWriter

#: How `runtime.ts` calls what a client may do after a close.
_RETRY: Final[Mapping[str, str]] = {
    "no": "no",
    "backoff": "backoff",
    "after_token_refresh": "refresh",
    "after_retry_after": "wait",
}
#: Characters of a path that stay as they are (RFC 3986, 3.3).
_PATH: Final = "/~!$&'()*+,;=:@{}"
_EMPTY: Final = "Record<never, never>"
#: A line that begins below the third letter of its key is not worth to be broken: prettier's opinion.
_WORTH_A_BREAK: Final = 5


def channels(api: Api) -> str:
    """The module without its first comment."""
    writer = TypeWriter(api.definitions, "types.")
    keys = [api.envelope.action_key, api.envelope.payload_key, api.envelope.id_key, api.envelope.reply_to_key]
    has_types = bool(api.definitions)
    parts = [
        'import { open } from "./runtime.ts";\n',
        _imports(api),
        'import type * as types from "./types.ts";\n' if has_types else "",
        "\n",
        _aliases(api),
        _constant("KEYS", 'ChannelSpec["keys"]', _array([text_literal(key) for key in keys if key is not None])),
        "\n",
        _close_codes(api.close_codes),
    ]
    return "".join([*parts, *("\n" + _channel(each, api, writer) for each in api.channels)])


def connect_name(channel: Channel) -> str:
    """The function that makes a client for a channel."""
    return f"connect{channel.name}"


def interface_name(channel: Channel) -> str:
    """The interface of what travels over a channel."""
    return f"{channel.name}Channel"


def needs_options(channel: Channel) -> bool:
    """Whether nobody can connect without saying more."""
    return bool(channel.parameters) or not channel.query_optional


def _imports(api: Api) -> str:
    names = ["ChannelSpec"]
    if api.channels:
        names += ["Client", "Options", "Protocol"]
    if any(channel.sends for channel in api.channels):
        names.insert(0, "Body")
    group = Group(["{", Indent([SPACE, *join([",", SPACE], ([name] for name in names))]), IfBroken([","]), SPACE, "}"])
    return printed(["import type ", group, ' from "./runtime.ts";']) + "\n"


def _aliases(api: Api) -> str:
    """What is sent is a frame without the keys that the client itself adds."""
    action = text_literal(api.envelope.action_key)
    sent = [is_tied(each.message, api) for channel in api.channels for each in channel.sends]
    lines = [f"type Untied<T> = Body<T, {action}>;\n"] if not all(sent) else []
    if any(sent):
        lines.append(f"type Sent<T> = Body<T, {action} | {text_literal(api.envelope.id_key or '')}>;\n")
    return "".join([*lines, "\n"]) if lines else ""


def is_tied(message: Message, api: Api) -> bool:
    """Whether an answer can say that it is one to this message."""
    return message.correlates and api.envelope.id_key is not None and api.envelope.reply_to_key is not None


def _close_codes(codes: Sequence[CloseCode]) -> str:
    lines: list[str] = []
    for code in codes:
        lines.append(comment(described(code.meaning), indent=1))
        lines += [f"  {number}: {text_literal(_RETRY[code.retry])},\n" for number in sorted({code.code, code.twin})]
    body = f"{{\n{''.join(lines)}}}" if lines else "{}"
    return f'const CLOSE_CODES: ChannelSpec["closeCodes"] = {body};\n'


def _channel(channel: Channel, api: Api, writer: TypeWriter) -> str:
    interface = interface_name(channel)
    documentation = comment(described(channel.description, channel.deprecated))
    members = [
        _params(channel, writer),
        printed(["  query: ", *(writer.type(channel.query) if channel.query else [_EMPTY]), ";"]) + "\n",
        _section("receives", _receives(channel, api, writer), writer),
        _section("sends", _sends(channel, api, writer), writer),
        _section("replies", _replies(channel, api, writer, only_streams=False), writer),
        _section("streams", _replies(channel, api, writer, only_streams=True), writer),
        printed(["  failure: ", *_failure(channel, api, writer), ";"], indent=1) + "\n",
    ]
    spec = f"{camel_case(channel.name)}Spec"
    call = [f"return open<{interface}>", *listed("(", [[spec], ["options"]], ");")]
    return "".join(
        [
            documentation,
            f"export interface {interface} extends Protocol {{\n{''.join(members)}}}\n\n",
            _spec(spec, channel, api),
            "\n",
            documentation,
            printed([*opening(connect_name(channel), channel), f": Client<{interface}> {{"]) + "\n",
            f"  {printed(call, indent=1, column=2)}\n}}\n",
        ]
    )


def opening(name: str, channel: Channel) -> list[Doc]:
    """The beginning of a function that takes the options of a channel."""
    optional = "" if needs_options(channel) else " = {}"
    parameter = f"options: Options<{interface_name(channel)}>{optional}"
    return [f"export function {name}", *listed("(", [[parameter]], ")")]


def _params(channel: Channel, writer: TypeWriter) -> str:
    if not channel.parameters:
        return f"  params: {_EMPTY};\n"
    members = [
        property_signature(
            Property(name=each.name, type=each.type, required=True, description=each.description), writer, indent=2
        )
        for each in channel.parameters
    ]
    return f"  params: {{\n{''.join(members)}  }};\n"


@dataclass(slots=True)
class _Member:
    """What stands behind an action."""

    #: Lines of documentation.
    about: list[str] = field(default_factory=list[str])
    #: One type, or several where the document lets an action mean several messages.
    options: list[list[Doc]] = field(default_factory=list[list[Doc]])


def _section(name: str, members: Mapping[str, _Member], writer: TypeWriter) -> str:
    if not members:
        return f"  {name}: {_EMPTY};\n"
    lines: list[str] = []
    for action, member in members.items():
        code: list[Doc] = [f"{property_name(action)}: ", *writer.union(member.options), ";"]
        lines += [comment(member.about, indent=2), "    " + printed(code, indent=2, column=4) + "\n"]
    return f"  {name}: {{\n{''.join(lines)}  }};\n"


def _receives(channel: Channel, api: Api, writer: TypeWriter) -> dict[str, _Member]:
    members: dict[str, _Member] = {}
    for each in channel.receives:
        for action in each.message.actions:
            code = writer.type(each.message.type)
            if len(each.message.actions) > 1:
                constant = f"{property_name(api.envelope.action_key)}: {text_literal(action)};"
                code += [" & {", Indent([HARD, constant]), HARD, "}"]
            member = members.setdefault(action, _Member(_about(each)))
            member.options.append(code)
    return members


def _sends(channel: Channel, api: Api, writer: TypeWriter) -> dict[str, _Member]:
    members: dict[str, _Member] = {}
    for each in channel.sends:
        alias = "Sent" if is_tied(each.message, api) else "Untied"
        for action in each.message.actions:
            member = members.setdefault(action, _Member(_about(each)))
            member.options.append([f"{alias}<", *writer.type(each.message.type), ">"])
    return members


def _replies(channel: Channel, api: Api, writer: TypeWriter, *, only_streams: bool) -> dict[str, _Member]:
    """What answers each message that an answer can refer to; without any answer, nobody can wait for one."""
    members: dict[str, _Member] = {}
    for each in channel.sends:
        answers = each.replies or ((each.completion,) if each.completion is not None else ())
        if not answers or not is_tied(each.message, api) or (only_streams and not each.streams):
            continue
        for action in each.message.actions:
            options = members.setdefault(action, _Member()).options
            options += [code for answer in answers if (code := writer.type(answer.type)) not in options]
    return members


def _failure(channel: Channel, api: Api, writer: TypeWriter) -> list[Doc]:
    errors = {error.key: error for each in channel.sends for error in each.errors}
    key = api.envelope.payload_key
    options: list[list[Doc]] = [[*writer.type(error.type), f"[{text_literal(key)}]"] for error in errors.values()]
    return writer.union(options) if options else ["unknown"]


def _about(each: Sending | Receiving) -> list[str]:
    return described(each.description or each.message.description, each.deprecated)


def _spec(name: str, channel: Channel, api: Api) -> str:
    """The channel in data, as ``runtime.ts`` wants it."""
    actions = {action for each in channel.sends for action in each.message.actions}
    server = next(iter((*channel.servers, *api.servers)), None)
    host = f"{server.protocol}://{server.host}{server.pathname}" if server is not None else "ws://localhost"
    entries: list[list[Doc]] = [
        _text_entry("address", quote(channel.address, safe=_PATH)),
        _text_entry("host", host),
        ["keys: KEYS"],
        ["closeCodes: CLOSE_CODES"],
        ["schemes: ", *_schemes(channel.security)],
        [f"authenticates: {'true' if channel.authentication is not None else 'false'}"],
        [f"pings: {'true' if 'ping' in actions else 'false'}"],
        [f"resumes: {'true' if channel.resumable else 'false'}"],
    ]
    repeats: list[list[Doc]] = [
        [f"{property_name(action)}: {each.repeatable_for:g}"]
        for each in channel.sends
        if each.repeatable_for is not None and is_tied(each.message, api)
        for action in each.message.actions
    ]
    if repeats:
        entries.append(["repeats: ", *_object(repeats)])
    return _constant(name, "ChannelSpec", _object(entries))


def _schemes(schemes: Sequence[SecurityScheme]) -> list[Doc]:
    """Those that a program can use which cannot send headers; cookies need nothing."""
    found: list[list[Doc]] = []
    for scheme in schemes:
        entries: list[list[Doc]] = [_text_entry("name", scheme.key)]
        subprotocol = scheme.subprotocol
        if subprotocol is not None and subprotocol.prefix is not None:
            entries.append(_text_entry("prefix", subprotocol.prefix))
        if subprotocol is not None and subprotocol.authorization.endswith("{base64url}"):
            before = subprotocol.authorization.removesuffix("{base64url}")
            entries.append(["subprotocols: ", *_array([text_literal(subprotocol.select), text_literal(before)])])
        if scheme.location == "query" and scheme.name is not None:
            entries.append(_text_entry("query", scheme.name))
        if len(entries) > 1:
            found.append(_object(entries))
    return ["[", Indent([HARD, *join([",", HARD], found), ","]), HARD, "]"] if found else ["[]"]


def _constant(name: str, type_: str, value: Sequence[Doc]) -> str:
    return printed([f"const {name}: {type_} = ", *value, ";"]) + "\n"


def _text_entry(key: str, text: str) -> list[Doc]:
    """An entry of an object, whose value gets a line of its own where that wins some columns."""
    if len(key) < _WORTH_A_BREAK:
        return [f"{key}: ", text_literal(text)]
    return [f"{key}:", Group([Indent([SPACE, text_literal(text)])])]


def _array(items: Sequence[str]) -> list[Doc]:
    return listed("[", ([item] for item in items), "]")


def _object(entries: Sequence[Sequence[Doc]]) -> list[Doc]:
    return ["{", Indent([HARD, *join([",", HARD], entries), ","]), HARD, "}"]
