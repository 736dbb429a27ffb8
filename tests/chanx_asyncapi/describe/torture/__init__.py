"""A service that is hard to describe, but sound: every shape of data, every way to declare, hostile texts and names.

Its document must not have a single problem, and no tool may find one. Each module is a theme.
"""

from typing import Any

from channels.routing import URLRouter

from chanx.routing import path, walk
from tests.chanx_asyncapi.describe.torture import (
    addresses,
    declaring,
    drf_serializers,
    everything,
    guarding,
    models,
    names,
    queries,
    texts,
    unions,
    values,
)

#: The themes that are about consumers; the others are about routes.
_CONSUMERS: dict[str, list[Any]] = {
    module.__name__.rpartition(".")[2]: module.CONSUMERS
    for module in (values, models, unions, drf_serializers, declaring, names, texts, guarding, queries)
}


def consumers() -> list[Any]:
    """The consumers that the routes lead to, each once."""
    return list(dict.fromkeys(route.spec.consumer for route in walk(application()) if route.spec is not None))


def application() -> URLRouter:
    """The routes of the service."""
    return URLRouter(
        [
            *everything.ROUTES,
            *addresses.ROUTES,
            *(
                path(f"{theme}/{number}/", consumer, name=f"{theme}.{number}")
                for theme, consumers in _CONSUMERS.items()
                for number, consumer in enumerate(consumers)
            ),
        ]
    )
