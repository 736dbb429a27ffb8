"""The ``ws`` binding of a channel: what the handshake may carry besides what WebSockets demand."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import JsonRef
from pydantic_core import to_jsonable_python

from chanx.handshake import SUBPROTOCOL
from chanx.registry import ConsumerSpec
from chanx.wire_format import DEFAULT_FORMAT
from chanx_asyncapi.describe.definitions import in_one_line
from chanx_asyncapi.describe.draft7 import Schema, python_pattern, python_patterns, to_draft7
from chanx_asyncapi.describe.generator import Generator
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import HttpApiKeySecurityScheme, SecurityScheme, WebSocketChannelBinding

_CREDENTIAL: Final[Schema] = {"type": "string", "description": "The credential."}


def describe_binding(
    spec: ConsumerSpec, schemes: Sequence[SecurityScheme]
) -> tuple[WebSocketChannelBinding, Sequence[Problem]]:
    """The binding of a channel to the consumer of ``spec``, whose clients authenticate by ``schemes``.

    https://github.com/asyncapi/bindings/blob/master/websockets/README.md#channel-binding-object
    """
    problems: list[Problem] = []
    query = _query(spec, problems)
    credentials = {
        scheme.name: _CREDENTIAL
        for scheme in schemes
        if isinstance(scheme, HttpApiKeySecurityScheme) and scheme.in_ == "query"
    }
    declared = query.get("properties", {})
    if query.get("additionalProperties") is False:
        problems += (_refused(spec, name) for name in credentials if name not in declared)
    if credentials or declared:
        query = {**query, "type": "object", "properties": {**credentials, **declared}}
    binding = WebSocketChannelBinding(
        method="GET", query=query or None, headers=_headers(schemes), binding_version="0.1.0"
    )
    return binding, problems


def _headers(schemes: Sequence[SecurityScheme]) -> Schema | None:
    headers: dict[str, Schema] = {}
    for scheme in schemes:
        if "x-subprotocol" in scheme.extensions:
            headers["Sec-WebSocket-Protocol"] = {
                "type": "string",
                "description": f"{SUBPROTOCOL}, and behind a comma the credential: "
                "for browsers, which cannot send the header Authorization.",
            }
        if isinstance(scheme, HttpApiKeySecurityScheme) and scheme.in_ == "cookie":
            headers["Origin"] = {
                "type": "string",
                "description": "Sent by every browser. Cookies count only with an allowed one.",
            }
    return {"type": "object", "properties": headers} if headers else None


def _query(spec: ConsumerSpec, problems: list[Problem]) -> Schema:
    """The schema of what the consumer reads, whole: the query of a binding is no place for references."""
    model = spec.query_params_class
    if model is None:
        return {}
    where = ("routing", spec.path, "query_params")
    try:
        schema = to_draft7(to_jsonable_python(_whole_schema(model, problems)), model.__name__)
    except Exception as error:  # hooks of the user's run here, and may raise anything
        problems.append(
            Problem(
                code=Code.UNDESCRIBED_SCHEMA,
                where=where,
                text=f"no schema can be made of {model.__name__}: {in_one_line(error)}.",
                way_out="Use types that pydantic can describe, or give them a __get_pydantic_json_schema__.",
            )
        )
        return {}
    problems += (python_pattern(where, pattern) for pattern in dict.fromkeys(python_patterns(schema)))
    return schema


def _whole_schema(model: type[BaseModel], problems: list[Problem]) -> Any:
    generator = Generator(DEFAULT_FORMAT, report=problems.append)

    def whole(value: Any, outer: frozenset[str]) -> Any:
        if isinstance(value, list):
            return [whole(item, outer) for item in value]
        if not isinstance(value, dict):
            return value
        if isinstance(reference := value.get("$ref"), str):
            # What holds its own kind has no end; a query string has room for none of it.
            target = None if reference in outer else generator.get_schema_from_definitions(JsonRef(reference))
            siblings = {key: part for key, part in value.items() if key != "$ref"}
            return whole({**(target or {}), **siblings}, outer | {reference})
        return {key: whole(part, outer) for key, part in value.items()}

    return whole(generator.add(model, "validation"), frozenset())


def _refused(spec: ConsumerSpec, name: str) -> Problem:
    return Problem(
        code=Code.REFUSED_CREDENTIAL,
        where=("routing", spec.path, "query_params"),
        text=f"clients authenticate by the query parameter {name!r}, which the model forbids.",
        way_out="Make it a field of the model, or allow other keys.",
    )
