"""Routes to consumers: ``path``, ``re_path`` and ``include`` as in Django, and a walk over what they make."""

import logging
import re
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import update_wrapper
from importlib import import_module
from itertools import islice
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, cast

from channels.consumer import AsyncConsumer
from channels.routing import ProtocolTypeRouter
from channels.routing import URLRouter as ChannelsRouter
from django.urls import Resolver404, URLPattern, converters
from django.urls import path as django_path
from django.urls import re_path as django_re_path
from django.urls.resolvers import RegexPattern, RoutePattern

from chanx.exceptions import RoutingError
from chanx.log_text import log_text
from chanx.registry import ConsumerSpec
from chanx.utils.asgi import refuse_handshake

if TYPE_CHECKING:
    # What types-channels wants in a URLRouter; the name is private there, and exists for type checkers alone.
    from channels.routing import _ExtendedURLPattern as ChannelsPattern  # pyright: ignore[reportPrivateUsage]

logger = logging.getLogger("chanx.handshake")


class URLRouter(ChannelsRouter):
    """Channels' router, but for a WebSocket that no route matches: it is refused with 404, or with 403 where the
    server has no other answer. Channels' own raises ValueError there, so that the server answers 500 and logs a
    traceback for each address that a stranger thinks of.

    Both nest in each other; the outermost one decides. It looks into routers inside by itself, so that a connection
    keeps one router's scope and not one for each.
    """

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket" or "path_remaining" in scope:
            await super().__call__(scope, receive, send)
            return
        tried = 0
        while True:
            application, inner = self._find(scope, tried)
            try:
                await application(inner, receive, send)
                return
            except Resolver404:
                # A router inside of a middleware knows no route.
                tried += 1

    def _find(self, scope: Any, after: int) -> tuple[Any, dict[str, Any]]:
        """The application at an address, and its scope; the next one after so many, and at last one that refuses."""
        path, root_path = scope["path"], scope.get("root_path", "")
        if path.startswith(root_path):
            outer = scope.get("url_route", {})
            matches = _applications(self, path.removeprefix(root_path), outer.get("args", ()), outer.get("kwargs", {}))
            for application, additions in islice(matches, after, None):
                return application, {**scope, **additions}
        return _refuse, scope


async def _refuse(scope: Any, receive: Any, send: Any) -> None:
    address = log_text(scope["path"])
    logger.info("No route for a WebSocket at %s", address, extra={"path": address})
    await receive()  # its connect event, which the server waits to hand over
    await refuse_handshake(scope, send, 404, {"detail": "Not found."})


def _applications(
    router: ChannelsRouter, path: str, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """What is behind the routes that match, in their order, and what Channels' routers would add to its scope."""
    # As Channels removes it, which Django does not have in its patterns.
    path = path.lstrip("/")
    for route in cast("list[URLPattern]", router.routes):
        if (match := route.pattern.match(path)) is None:
            continue
        rest, found, named = match
        application: Any = route.callback
        inner_args, inner_kwargs = (*args, *found), {**kwargs, **named, **route.default_args}
        if type(application) in (URLRouter, ChannelsRouter):
            yield from _applications(application, rest, inner_args, inner_kwargs)
        else:
            yield application, {"path_remaining": rest, "url_route": {"args": inner_args, "kwargs": inner_kwargs}}


def path(
    route: str, application: Any, kwargs: dict[str, Any] | None = None, name: str | None = None
) -> "ChannelsPattern":
    """A route by Django's path converters, to a consumer class, its ``as_asgi()``, or an :func:`include`."""
    return cast("ChannelsPattern", django_path(route, _asgi(application), kwargs, name))


def re_path(
    route: str, application: Any, kwargs: dict[str, Any] | None = None, name: str | None = None
) -> "ChannelsPattern":
    """A route by a regular expression, to a consumer class, its ``as_asgi()``, or an :func:`include`."""
    return cast("ChannelsPattern", django_re_path(route, _asgi(application), kwargs, name))


def include(routing: ChannelsRouter | ModuleType | str) -> ChannelsRouter:
    """The router of another part of the project: a URLRouter, or a module, or its dotted path, holding ``router``.

    Raises :class:`~chanx.exceptions.RoutingError` when there is no router in it.
    """
    if isinstance(routing, ChannelsRouter):
        return routing
    module = import_module(routing) if isinstance(routing, str) else routing
    router = getattr(module, "router", None)
    if not isinstance(router, ChannelsRouter):
        raise RoutingError(
            f"include({module.__name__!r}): the module has no `router`. "
            "Write in it: router = URLRouter([path('', ChatConsumer)])"
        )
    return router


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A variable part of an address."""

    name: str
    #: JSON Schema of the values that the route accepts.
    schema: Mapping[str, Any]
    #: Name of the path converter, or None for a group of a regular expression.
    converter: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An address and what answers there."""

    #: The whole address with its parameters in braces: ``/ws/chat/{room_id}/``.
    address: str
    parameters: tuple[Parameter, ...] = ()
    name: str | None = None
    #: The chanx consumer that answers; None for any other application.
    spec: ConsumerSpec | None = None
    #: What answers: a consumer class, or an ASGI application.
    application: Any = None


@dataclass(frozen=True, slots=True)
class _Prefix:
    """What the routers around a route have matched already."""

    address: str = "/"
    parameters: tuple[Parameter, ...] = field(default=())


def walk(application: Any) -> Iterator[Route]:
    """Every route below an ASGI application, in the order in which they are tried.

    Looks through ProtocolTypeRouter, nested URLRouters and middleware, which keeps what it wraps in ``inner`` or
    ``application`` (Channels) or in ``app`` (other ASGI frameworks). An application that is none of these, and no
    consumer, ends a route of its own.
    """
    yield from _walk(application, _Prefix(), None)


def _walk(application: Any, prefix: _Prefix, name: str | None) -> Iterator[Route]:
    match application:
        case ProtocolTypeRouter():
            if (websocket := application.application_mapping.get("websocket")) is not None:
                yield from _walk(websocket, prefix, name)
        case ChannelsRouter():
            for route in cast("list[URLPattern]", application.routes):
                yield from _walk(route.callback, _extended(prefix, route), route.name or name)
        case _ if (inner := _inner(application)) is not None:
            yield from _walk(inner, prefix, name)
        case _:
            consumer = getattr(application, "consumer_class", application)
            spec = getattr(consumer, "spec", None)
            yield Route(
                address=prefix.address,
                parameters=prefix.parameters,
                name=name,
                spec=spec if isinstance(spec, ConsumerSpec) else None,
                application=consumer,
            )


def _inner(application: Any) -> Any:
    """The application inside a middleware; None for one that ends the route."""
    if hasattr(application, "consumer_class"):
        return None
    for name in ("inner", "application", "app"):
        inner = getattr(application, name, None)
        if callable(inner):
            return inner
    return None


def _extended(prefix: _Prefix, route: URLPattern) -> _Prefix:
    pattern = route.pattern
    if isinstance(pattern, RoutePattern):
        address, parameters = _read_path(pattern)
    elif isinstance(pattern, RegexPattern):
        address, parameters = _read_regex(pattern)
    else:
        raise RoutingError(f"the pattern {pattern!r} is neither a path() nor a re_path().")
    return _Prefix(
        address=prefix.address.rstrip("/") + "/" + address.lstrip("/") if address else prefix.address,
        parameters=(*prefix.parameters, *parameters),
    )


_ROUTE_VARIABLE = re.compile(r"<(?:[^>:]+:)?([^>]+)>")

#: What Django's own converters accept; another one is described by its regular expression.
_CONVERTER_SCHEMAS: Mapping[str, Mapping[str, Any]] = {
    "int": {"type": "integer", "minimum": 0},
    "str": {"type": "string", "minLength": 1},
    "slug": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"},
    "uuid": {"type": "string", "format": "uuid"},
    "path": {"type": "string", "minLength": 1},
}


def _read_path(pattern: RoutePattern) -> tuple[str, list[Parameter]]:
    names = {type(converter): name for name, converter in converters.get_converters().items()}
    parameters = [
        Parameter(
            name=name,
            converter=names.get(type(converter)),
            schema=_CONVERTER_SCHEMAS.get(names.get(type(converter), ""))
            or {"type": "string", "pattern": f"^(?:{converter.regex})$"},
        )
        for name, converter in pattern.converters.items()
    ]
    return _ROUTE_VARIABLE.sub(r"{\1}", str(pattern)), parameters


#: The parts of a regular expression, as far as an address needs to tell them apart.
_EXPRESSION_PART = re.compile(
    r"""
      (?P<nothing>    [\^$] | \\[AZbB] | \(\?[aiLmsux]+\) | [?*+] | \{\d*,?\d*\} )
    | (?P<unnamed>    \\[dDwWsS] | \. | \[\^?\]?(?:\\.|[^\]\\])*\] )
    | (?P<open>       \((?: \?P<(?P<name>\w+)> | (?P<width_zero>\?(?:<?[=!]|\#)) | \?[aiLmsux-]*: )? )
    | (?P<close>      \) )
    | (?P<literal>    \\?. )
    """,
    re.VERBOSE | re.DOTALL,
)


def _read_regex(pattern: RegexPattern) -> tuple[str, list[Parameter]]:
    """Outermost groups become names in braces; what varies without having a name is called ``var``."""
    expression = str(pattern)
    address = ""
    inside: dict[str, str] = {}
    open_groups: list[re.Match[str]] = []
    for part in _EXPRESSION_PART.finditer(expression):
        if part["open"]:
            open_groups.append(part)
            if part["name"]:
                # Now, so that a group comes before those inside it.
                inside[part["name"]] = ""
        elif part["close"]:
            opened = open_groups.pop()
            if opened["name"]:
                inside[opened["name"]] = expression[opened.end() : part.start()]
            if not open_groups and not opened["width_zero"]:
                address += f"{{{opened['name'] or 'var'}}}"
        elif not open_groups:
            address += "{var}" if part["unnamed"] else (part["literal"] or "").removeprefix("\\")
    parameters = [
        Parameter(name=name, schema={"type": "string", "pattern": f"^(?:{group})$"}) for name, group in inside.items()
    ]
    return address, parameters


#: Channels' own, as long as no class overrides it.
_AS_ASGI: Final = vars(AsyncConsumer)["as_asgi"].__func__


def _asgi(application: Any) -> Any:
    if not isinstance(application, type):
        return application
    consumer: Any = application
    served = consumer.as_asgi()
    if getattr(consumer.as_asgi, "__func__", None) is not _AS_ASGI:
        return served

    def serve(scope: Any, receive: Any, send: Any) -> Awaitable[None]:
        """As ``as_asgi()`` does it, without a coroutine of its own, which each idle connection would keep."""
        serving: Awaitable[None] = consumer()(scope, receive, send)
        return serving

    return update_wrapper(serve, served)
