"""The routes of a service: those that a document has channels for, and what is wrong with the others."""

from collections.abc import Iterable, Iterator
from typing import Any

from chanx.routing import Route, walk
from chanx.utils.asgi import get_websocket_application
from chanx_asyncapi.describe.hooks import preprocessed
from chanx_asyncapi.describe.names import class_path
from chanx_asyncapi.describe.overridden import is_excluded
from chanx_asyncapi.problems import Code, Problem


def find_routes(application: Any) -> tuple[list[Route], list[Problem]]:
    """Every route below an ASGI application, as the project's hooks leave them."""
    routes: list[Route] = []
    problems: list[Problem] = []
    try:
        # Those before one that cannot be read stay.
        routes.extend(walk(get_websocket_application(application)))
    except Exception as error:  # routers and middleware are the user's, and so is what their attributes do
        problems.append(
            Problem(
                code=Code.UNDESCRIBED_CHANNEL,
                where=("routing",),
                text=f"the routing cannot be read beyond this point: {type(error).__name__}: {error}.",
                way_out="Use path() and re_path() of chanx.routing, in a URLRouter.",
            )
        )
    routes, found = preprocessed(routes)
    return routes, [*problems, *found]


def has_channel(route: Route) -> bool:
    """Whether a consumer answers that can be described."""
    return route.spec is not None and not route.spec.abstract


def excluded(route: Route) -> bool:
    """Whether ``@asyncapi`` keeps the consumer out of documents."""
    return route.spec is not None and is_excluded(route.spec.consumer)


def without_channel(routes: Iterable[Route]) -> Iterator[Problem]:
    """A problem for each route without a consumer that can be described."""
    for route in routes:
        if has_channel(route):
            continue
        if route.spec is not None:
            yield Problem(
                code=Code.UNDESCRIBED_CHANNEL,
                where=("routing", route.address, class_path(route.spec.consumer)),
                text="the consumer is abstract, so no connection to it can work.",
                way_out="Route to a class derived from it that says which messages it receives.",
            )
        elif route.application is not None:
            application = route.application
            name = class_path(application if isinstance(application, type) else type(application))
            yield Problem(
                code=Code.FOREIGN_APPLICATION,
                where=("routing", route.address),
                text=f"{name} answers here, which is no chanx consumer; the document lacks it.",
                way_out="Derive it from chanx.generic.websocket.AsyncJsonWebsocketConsumer.",
            )
