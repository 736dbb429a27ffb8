"""Examples of code: how to connect to a channel, and to send one message over it."""

from collections.abc import Mapping
from typing import Any

from chanx_asyncapi.codegen.language import Snippet
from chanx_asyncapi.codegen.model import Api, Channel, Number, Parameter, Sending, Text, Type
from chanx_asyncapi.codegen.names import camel_case
from chanx_asyncapi.codegen.typescript.channels import connect_name, is_tied
from chanx_asyncapi.codegen.typescript.encoding import key_in_value, literal, text_literal


def snippet(api: Api, channel: Channel, sending: Sending) -> Snippet:
    """How to send a message. An answer is waited for where there is one."""
    action = text_literal(sending.message.actions[0])
    name = camel_case(channel.name)
    answered = is_tied(sending.message, api) and (sending.replies or sending.completion)
    method = "replies" if answered and sending.streams else "request" if answered else "send"
    call = f"{name}.{method}({action}"
    if method == "replies":
        opening, closing = f"for await (const reply of {call}", ")) {\n  console.log(reply);\n}\n"
    elif method == "request":
        opening, closing = f"const reply = await {call}", ");\n"
    else:
        opening, closing = call, ");\n"
    head = f"{connection(channel)}\n{opening}"
    body, others = _body(api, sending)
    if body is None:
        return Snippet(before=f"{head}{f', {value(others)}' if others else ''}", payload="", after=closing)
    entries = "".join(f"  {key_in_value(key)}: {value(item, 1)},\n" for key, item in others.items())
    return Snippet(before=f"{head}, {{\n{entries}  {api.envelope.payload_key}: ", payload=body, after=f",\n}}{closing}")


def _body(api: Api, sending: Sending) -> tuple[str | None, dict[str, Any]]:
    """The payload of an example, as code, None where there is none; and what else is sent with the action."""
    key = api.envelope.payload_key
    example = next((each for each in sending.message.examples if isinstance(each, dict)), None)
    if example is None:
        return "{} as never", {}
    client_sets = {api.envelope.action_key, *([api.envelope.id_key] if is_tied(sending.message, api) else [])}
    others = {name: item for name, item in example.items() if name not in client_sets and name != key}
    return (value(example[key], 1) if key in example else None), others


def connection(channel: Channel) -> str:
    """How to connect."""
    lines: list[str] = []
    if channel.parameters:
        params = ", ".join(f"{key_in_value(each.name)}: {_parameter(each)}" for each in channel.parameters)
        lines.append(f"  params: {{ {params} }},\n")
    if not channel.query_optional:
        lines.append("  query: {}, // what the address asks for\n")
    if any(scheme.subprotocol or scheme.location == "query" for scheme in channel.security):
        lines.append("  auth: async ({ refresh }) => ({ token: await getToken(refresh) }),\n")
    options = f"{{\n{''.join(lines)}}}" if lines else ""
    name = camel_case(channel.name)
    return (
        f'import {{ {connect_name(channel)} }} from "./sdk/index.ts";\n\n'
        f"const {name} = {connect_name(channel)}({options});\nawait {name}.connect();\n"
    )


def value(given: Any, level: int = 0) -> str:
    """A value of JSON as a literal, over several lines, the first of them at ``level``."""
    margin, inner = "  " * level, "  " * (level + 1)
    if isinstance(given, Mapping) and given:
        entries = [f"{inner}{key_in_value(key)}: {value(item, level + 1)},\n" for key, item in given.items()]
        return f"{{\n{''.join(entries)}{margin}}}"
    if isinstance(given, list) and given:
        return f"[\n{''.join(f'{inner}{value(item, level + 1)},' + chr(10) for item in given)}{margin}]"
    if isinstance(given, Mapping):
        return "{}"
    return "[]" if isinstance(given, list) else literal(given)


def _parameter(parameter: Parameter) -> str:
    given = next(iter(parameter.examples), parameter.default)
    if given is not None:
        return literal(int(given)) if isinstance(parameter.type, Number) and given.isdecimal() else text_literal(given)
    return _sample(parameter.type)


def _sample(type_: Type) -> str:
    if isinstance(type_, Number):
        return "1"
    is_uuid = isinstance(type_, Text) and type_.format == "uuid"
    return text_literal("123e4567-e89b-42d3-a456-426614174000" if is_uuid else "…")
