"""Code that sends one message: what documentation shows, and what somebody copies."""

from typing import Any, Final

from chanx_asyncapi.codegen.language import Snippet
from chanx_asyncapi.codegen.model import Api, Channel, Parameter, Ref, Sending
from chanx_asyncapi.codegen.python import layout
from chanx_asyncapi.codegen.python.layout import Expression, Group, Keyword
from chanx_asyncapi.codegen.python.modules import names_in
from chanx_asyncapi.codegen.python.naming import class_names, client_name, module_name, parameter_names
from chanx_asyncapi.codegen.python.text import string
from chanx_asyncapi.codegen.python.types import Annotations
from chanx_asyncapi.codegen.python.values import Values, plain

#: Stands for the payload while the lines around it are made.
_HERE: Final = "\x00"
_INDENT: Final = "    "


def snippet(api: Api, channel: Channel, sending: Sending, *, package: str | None = None) -> Snippet:
    """How to send a message over a channel; the first example of the message is what is sent.

    :param package: what the client is imported from; by default the title of the service as a module.
    """
    names = class_names(api.definitions)
    annotations = Annotations(api.definitions, names)
    message = sending.message
    example: Any = message.examples[0] if message.examples else None
    payload_key = api.envelope.payload_key
    key = message.type.key if isinstance(message.type, Ref) else None
    payload, call = "", f"{names.get(key or '', 'Any')}()"
    is_class = key is not None and annotations.is_class(api.definitions[key])
    if key is not None and is_class and isinstance(example, dict):
        property_ = annotations.properties(key).get(payload_key)
        if property_ is not None and payload_key in example and not annotations.is_constant(property_):
            value = Values(api.definitions, names).of(example[payload_key], property_.type)
            payload = (
                "\n".join(layout.lines(value, indent=_INDENT, before="payload = ")).strip().removeprefix("payload = ")
            )
            call = f"{names[key]}({annotations.field(key, payload_key)}={_HERE})"
    body = _body(sending, call)
    client = client_name(channel)
    head = layout.lines(
        Group(f"{client}(", _arguments(channel), ")"), indent="", before="async with ", after=" as client:"
    )
    text = "\n".join([*head, *(f"{_INDENT}{line}" for line in body)])
    used = names_in(f"{text}\n{payload}")
    imported = sorted(name for name in {client, *names.values()} if name in used)
    lines = [] if "dt" not in used else ["import datetime as dt"]
    lines += ["from decimal import Decimal"] if "Decimal" in used else []
    lines += ["from uuid import UUID"] if "UUID" in used else []
    lines += [""] if lines else []
    origin = f"from {package or module_name(api.title)} import "
    lines += [f"{origin}{', '.join(imported)}", "", text]
    before, _, after = "\n".join(lines).partition(_HERE)
    return Snippet(before=before, payload=payload, after=f"{after}\n")


def _body(sending: Sending, call: str) -> list[str]:
    if not sending.message.correlates or not (sending.replies or sending.completion):
        return [f"await client.send({call})"]
    if sending.streams:
        return [f"async for reply in client.replies({call}):", f"{_INDENT}print(reply)"]
    return [f"reply = await client.request({call})"]


def _arguments(channel: Channel) -> list[Expression]:
    names = parameter_names(channel)
    found: list[Expression] = [] if channel.servers else [string("wss://example.com")]
    found += [Keyword(names[each.name], _parameter(each)) for each in channel.parameters if each.default is None]
    return found if channel.security_optional else [*found, Keyword("auth", "token")]


def _parameter(parameter: Parameter) -> Expression:
    kind = type(parameter.type).__name__
    if kind == "Number":
        example = parameter.examples[0] if parameter.examples else "1"
        return example if example.isdecimal() else "1"
    return plain(parameter.examples[0] if parameter.examples else parameter.name)
