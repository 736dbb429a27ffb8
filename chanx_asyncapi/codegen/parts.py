"""The small parts of a document that stand for themselves."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from chanx_asyncapi.codegen.model import (
    CloseCode,
    Envelope,
    Parameter,
    Retry,
    SecurityScheme,
    Server,
    Subprotocol,
    Type,
)
from chanx_asyncapi.json_values import as_list, as_object, as_text

_RETRIES: Final[Mapping[str, Retry]] = {retry: retry for retry in get_args(Retry)}


def parameter_schema(parameter: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of a parameter that has none of its own: values in addresses are texts."""
    return {"type": "string", **({"enum": parameter["enum"]} if "enum" in parameter else {})}


def parameter(name: str, value: Mapping[str, Any], type_: Type) -> Parameter:
    """https://www.asyncapi.com/docs/reference/specification/v3.1.0#parameterObject"""
    return Parameter(
        name=name,
        type=type_,
        description=as_text(value.get("description")),
        default=as_text(value.get("default")),
        examples=tuple(each for each in as_list(value.get("examples")) if isinstance(each, str)),
    )


def server(key: str, value: Mapping[str, Any]) -> Server:
    """https://www.asyncapi.com/docs/reference/specification/v3.1.0#serverObject"""
    return Server(
        key=key,
        protocol=as_text(value.get("protocol")) or "ws",
        host=as_text(value.get("host")) or "localhost",
        pathname=(as_text(value.get("pathname")) or "").rstrip("/"),
        description=as_text(value.get("description")),
    )


def security_scheme(key: str, value: Mapping[str, Any]) -> SecurityScheme:
    """https://www.asyncapi.com/docs/reference/specification/v3.1.0#securitySchemeObject"""
    subprotocol = as_object(value.get("x-subprotocol"))
    select, authorization = as_text(subprotocol.get("select")), as_text(subprotocol.get("authorization"))
    return SecurityScheme(
        key=key,
        kind=as_text(value.get("type")) or "",
        name=as_text(value.get("name")),
        location=as_text(value.get("in")),
        scheme=as_text(value.get("scheme")),
        subprotocol=None
        if select is None or authorization is None
        else Subprotocol(
            select=select,
            authorization=authorization,
            bearer=as_text(subprotocol.get("bearer")),
            prefix=as_text(subprotocol.get("prefix")),
        ),
        description=as_text(value.get("description")),
    )


def close_codes(value: Any) -> Iterator[CloseCode]:
    """``x-close-codes``; what is no close code is left out."""
    for each in map(as_object, as_list(value)):
        code, retry, twin = each.get("code"), _RETRIES.get(as_text(each.get("retry")) or ""), each.get("daphne")
        if isinstance(code, int) and retry is not None:
            yield CloseCode(
                code=code,
                twin=twin if isinstance(twin, int) else code,
                name=as_text(each.get("name")) or str(code),
                meaning=as_text(each.get("meaning")) or "",
                retry=retry,
            )


def envelope(value: Mapping[str, Any]) -> Envelope:
    """``x-envelope``. Without it, frames have the usual keys, and nothing ties an answer to what it answers."""
    longest = value.get("idMaxLength")
    return Envelope(
        action_key=as_text(value.get("actionKey")) or "action",
        payload_key=as_text(value.get("payloadKey")) or "payload",
        id_key=as_text(value.get("idKey")),
        reply_to_key=as_text(value.get("replyToKey")),
        id_max_length=longest if isinstance(longest, int) else None,
    )
