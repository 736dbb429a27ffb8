"""``channels``: one for each route to a consumer, with its parameters, its messages and its handshake."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from chanx.handshake import RESUME_SUBPROTOCOL, SUBPROTOCOL
from chanx.registry import ConsumerSpec
from chanx.routing import Route
from chanx_asyncapi.describe.conversations import Conversation, Frame
from chanx_asyncapi.describe.draft7 import portable, python_pattern, python_patterns
from chanx_asyncapi.describe.guards import Guards
from chanx_asyncapi.describe.names import address_key, class_path, distinguished, key, reference
from chanx_asyncapi.describe.overridden import General, extensions_of, fields_of
from chanx_asyncapi.describe.schemas import FrameSchema
from chanx_asyncapi.describe.spec_fields import present
from chanx_asyncapi.describe.texts import clean, summary
from chanx_asyncapi.overrides import override_of
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import (
    Channel,
    ChannelBindings,
    Parameter,
    Reference,
    WebSocketChannelBinding,
)

# https://www.asyncapi.com/docs/reference/specification/v3.1.0#channelAddressExpressions
_EXPRESSION: Final = re.compile(r"\{([^{}]*)\}")


def channel_keys(routes: Iterable[Route]) -> tuple[dict[str, Route], dict[str, Problem]]:
    """Routes and problems by the keys of channels: the route's name, or else its address.

    The first of two routes with one name keeps it; the other one is called by its address, and reported.
    """
    keys: dict[str, Route] = {}
    problems: dict[str, Problem] = {}
    for route in routes:
        by_address = address_key(route.address)
        wanted = key(route.name) if route.name else by_address
        if wanted in keys:
            found = distinguished(by_address, keys)
            problems[found] = _ambiguous(wanted, found, keys[wanted], route)
            wanted = found
        keys[wanted] = route
    return keys, problems


def describe_channel(
    route: Route,
    spec: ConsumerSpec,
    guarded: Guards,
    talk: Conversation,
    schemas: Mapping[Frame, FrameSchema],
    binding: WebSocketChannelBinding,
    servers: Iterable[str],
    general: General,
) -> Channel:
    """The channel of a route to the consumer of ``spec``."""
    override = override_of(spec.consumer)
    description = clean(override.description) or clean(spec.doc)
    return Channel(
        address=route.address,
        summary=override.summary or summary(description),
        description=description,
        servers=tuple(reference("servers", server) for server in servers),
        bindings=ChannelBindings(ws=binding),
        messages={name: reference("components", "messages", schemas[frame].key) for frame, name in talk.keys.items()},
        extensions={
            "x-permissions": [*guarded.permissions],
            "x-resume": _resume(spec),
            **_presence(spec),
            **({"x-security-optional": True} if guarded.admit_anybody else {}),
            **extensions_of(override, deprecated=general.deprecated),
        },
        **{"title": _title(spec), **fields_of(override, general.tags)},
        **present(parameters=_parameters(route)),
    )


def parameter_problems(route: Route) -> Iterator[Problem]:
    """What is wrong with the parameters of a route."""
    names = _EXPRESSION.findall(route.address)
    described = {parameter.name for parameter in route.parameters}
    for name in dict.fromkeys(names):
        if name not in described:
            yield Problem(
                code=Code.ROUTE_PARAMETER,
                where=("routing", route.address),
                text=f"the group {{{name}}} of the address has no name of its own.",
                way_out="Name it in the regular expression: (?P<room>…).",
            )
        if names.count(name) > 1:
            yield Problem(
                code=Code.ROUTE_PARAMETER,
                where=("routing", route.address),
                text=f"{{{name}}} is in the address more than once; a client can only give it one value.",
                way_out="Name the groups differently.",
            )
    for parameter in route.parameters:
        for pattern in python_patterns(portable(dict(parameter.schema))):
            yield python_pattern(("routing", route.address, parameter.name), pattern)
    for name in sorted(described - set(names)):
        yield Problem(
            code=Code.ROUTE_PARAMETER,
            where=("routing", route.address),
            text=f"the address does not show where the parameter {name!r} is.",
            way_out="Write a route of its own for each form of the address.",
        )


def _resume(spec: ConsumerSpec) -> dict[str, Any]:
    """Whether a client that was away gets what it has missed, and how long that is kept."""
    if spec.history is None:
        return {"supported": False}
    return {
        "supported": True,
        "size": spec.history.size,
        "ttl": spec.history.ttl,
        "x-subprotocol": {"select": SUBPROTOCOL, "resume": RESUME_SUBPROTOCOL},
    }


def _presence(spec: ConsumerSpec) -> dict[str, Any]:
    """That clients learn who is there, how soon, and up to how many."""
    if spec.presence is None:
        return {}
    told = spec.presence
    return {
        "x-presence": {
            "ttl": told.ttl,
            "grace": told.grace,
            "interval": told.interval,
            "max-listed": told.max_listed,
        }
    }


def _parameters(route: Route) -> dict[str, Parameter | Reference]:
    """Exactly the names in the address."""
    described = {parameter.name: parameter for parameter in route.parameters}
    found: dict[str, Parameter | Reference] = {}
    for name in _EXPRESSION.findall(route.address):
        schema = dict(described[name].schema) if name in described else {"type": "string"}
        found[name] = Parameter(extensions={"x-schema": portable(schema)})
    return found


def _title(spec: ConsumerSpec) -> str:
    """``ChatRoomConsumer`` -> ``Chat Room``."""
    name = spec.consumer.__name__.removesuffix("Consumer") or spec.consumer.__name__
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name).replace("_", " ").strip()


def _ambiguous(wanted: str, found: str, first: Route, second: Route) -> Problem:
    owners = " and ".join(f"{route.address} ({class_path(route.application)})" for route in (first, second))
    return Problem(
        code=Code.AMBIGUOUS_ROUTE,
        where=("routing", second.address),
        text=f"{owners} would both be the channel {wanted!r}; the second one is {found!r}.",
        way_out="Give each route a name of its own: path(…, name=…).",
    )
