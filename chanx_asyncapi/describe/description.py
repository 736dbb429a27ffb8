"""The whole document of a service."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chanx.close_codes import CLOSE_CODES
from chanx.frame_ids import MAX_ID_LENGTH
from chanx.registry import ConsumerSpec
from chanx.routing import Route
from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.bindings import describe_binding
from chanx_asyncapi.describe.breadcrumbs import Breadcrumbs
from chanx_asyncapi.describe.channels import channel_keys, describe_channel, parameter_problems
from chanx_asyncapi.describe.conversations import Conversation, conversation
from chanx_asyncapi.describe.guards import Guards, guards
from chanx_asyncapi.describe.hooks import postprocessed
from chanx_asyncapi.describe.info import describe_info
from chanx_asyncapi.describe.messages import describe_message
from chanx_asyncapi.describe.names import class_path, reference
from chanx_asyncapi.describe.operations import describe_operations, undeclared, undescribed
from chanx_asyncapi.describe.options import Options
from chanx_asyncapi.describe.overridden import General, without_effect
from chanx_asyncapi.describe.routes import excluded, find_routes, has_channel, without_channel
from chanx_asyncapi.describe.schemas import describe_schemas
from chanx_asyncapi.describe.security import describe_security
from chanx_asyncapi.describe.selection import Selection
from chanx_asyncapi.describe.servers import describe_servers
from chanx_asyncapi.describe.spec_fields import present
from chanx_asyncapi.describe.tags import with_tags
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import Channel, Components, Document, Operation

_DEFAULTS: Final = Options()


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A document, and what was found while it was made."""

    document: Document
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Described:
    """A route to a consumer, who is let in there, and what travels over the connections."""

    route: Route
    spec: ConsumerSpec
    guarded: Guards
    talk: Conversation
    general: General


def describe(application: Any = None, options: Options = _DEFAULTS) -> Description:
    """Describes every route to a chanx consumer below an ASGI application, by default the one of ASGI_APPLICATION.

    What cannot be described is left out or described by what is certain, and is among the problems: one bad consumer
    never takes the others with it. The same code, settings and options give an equal document.

    Raises :class:`~chanx_asyncapi.describe.UnknownDocumentError` for the name of a document that the settings lack.
    """
    selection = Selection(options)

    def is_chosen(route: Route) -> bool:
        return selection.admits(route) and not excluded(route)

    routes, problems = find_routes(application)
    problems += without_channel(filter(is_chosen, routes))
    keys, ambiguous = channel_keys(filter(has_channel, routes))
    # After the keys are given: a channel has the same one in each document, and whatever else is excluded.
    keys = {name: route for name, route in keys.items() if is_chosen(route)}
    problems += (ambiguous[name] for name in keys if name in ambiguous)
    if selection.filters and not keys:
        problems.append(selection.nothing_left())
    described = dict(_conversations(keys, selection, problems))

    wire = WireFormat.from_settings()
    frames = (frame for each in described.values() for frame in each.talk.keys)
    relayed = frozenset(frame for each in described.values() for frame in each.talk.relayed)
    numbered = frozenset(frame for each in described.values() for frame in each.talk.numbered)
    repeatable = frozenset(frame for each in described.values() for frame in each.talk.repeatable)
    schemas = describe_schemas(frames, wire, relayed, numbered, repeatable)
    security = describe_security(
        authentication for each in described.values() for authentication in each.guarded.authentication_classes
    )
    info, found_in_info = describe_info(options)
    servers, found_in_servers = describe_servers(options)
    breadcrumbs = Breadcrumbs()
    for each in described.values():
        breadcrumbs.add(each.spec.consumer, each.talk, each.guarded)
    problems += (*found_in_info, *found_in_servers, *breadcrumbs.before((*security.problems, *schemas.problems)))

    channels: dict[str, Channel] = {}
    operations: dict[str, Operation] = {}
    for name, each in described.items():
        schemes = security.keys_of(each.guarded.authentication_classes)
        binding, found_in_query = describe_binding(each.spec, [security.schemes[scheme] for scheme in schemes])
        problems += found_in_query
        channels[name] = describe_channel(
            each.route,
            each.spec,
            each.guarded,
            each.talk,
            schemas.frames,
            binding,
            servers,
            each.general,
        )
        requirements = [reference("components", "securitySchemes", scheme) for scheme in schemes]
        operations.update(describe_operations(name, each.talk, schemas.frames, requirements, each.general))
        problems += parameter_problems(each.route)
        problems += undeclared(each.spec)
        problems += without_effect(each.spec)
        problems += undescribed(each.spec, each.talk)
    messages = {schema.key: describe_message(frame, schema) for frame, schema in schemas.frames.items()}
    document = Document(
        asyncapi=options.spec_version,
        info=with_tags(info, channels.values(), operations.values(), messages.values()),
        default_content_type="application/json",
        servers=servers,
        channels=channels,
        operations=operations,
        components=Components(
            schemas=schemas.components,
            messages=dict(sorted(messages.items())),
            **present(security_schemes=security.schemes),
        ),
        extensions={"x-envelope": _envelope(wire), "x-close-codes": _close_codes()},
    )
    document, found = postprocessed(document)
    # Two routes to one consumer have the same problems.
    return Description(document=document, problems=tuple(dict.fromkeys((*problems, *found))))


def _conversations(
    keys: Mapping[str, Route], selection: Selection, problems: list[Problem]
) -> Iterator[tuple[str, _Described]]:
    for name, route in keys.items():
        spec = route.spec
        assert spec is not None  # only such a route has a channel
        try:
            general = General.of(spec.consumer)
            described = _Described(
                route=route,
                spec=spec,
                guarded=guards(spec.consumer),
                talk=selection.part_of(conversation(spec), general.tags),
                general=general,
            )
        except Exception as error:  # attributes of the user's, which nobody has checked
            problems.append(
                Problem(
                    code=Code.UNDESCRIBED_CHANNEL,
                    where=("routing", class_path(spec.consumer)),
                    text=f"the consumer cannot be described: {type(error).__name__}: {error}.",
                    way_out="See that its attributes are what AsyncJsonWebsocketConsumer says they are.",
                )
            )
            continue
        yield name, described


def _envelope(wire: WireFormat) -> dict[str, Any]:
    """The keys around a message's own data, and their limits."""
    return {
        "actionKey": wire.action_key,
        "payloadKey": wire.key("payload"),
        "idKey": "id",
        "replyToKey": wire.key("reply_to"),
        "idMaxLength": MAX_ID_LENGTH,
    }


def _close_codes() -> list[dict[str, Any]]:
    return [
        {
            "code": int(info.code),
            "daphne": info.daphne,
            "name": info.code.name.lower(),
            "meaning": info.meaning,
            "retry": info.retry,
        }
        for info in CLOSE_CODES.values()
    ]
