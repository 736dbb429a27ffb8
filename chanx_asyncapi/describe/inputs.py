"""Everything that shapes a document, as a value: equal inputs, equal documents."""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from django.conf import global_settings, settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import get_language
from drf_spectacular import extensions
from drf_spectacular.settings import spectacular_settings

from chanx.generic.system_messages import system_messages
from chanx.registry import ConsumerSpec
from chanx.settings import chanx_settings
from chanx_asyncapi.describe.guards import guards
from chanx_asyncapi.describe.options import Options
from chanx_asyncapi.describe.routes import find_routes
from chanx_asyncapi.extensions import TypeExtension
from chanx_asyncapi.overrides import Override, override_of

_DRF_EXTENSIONS: Final = (
    extensions.OpenApiAuthenticationExtension,
    extensions.OpenApiFilterExtension,
    extensions.OpenApiSerializerExtension,
    extensions.OpenApiSerializerFieldExtension,
    extensions.OpenApiViewExtension,
)

_NO_OVERRIDE: Final = Override()

#: How names of settings begin that shape no document: a secret, which cannot be read where there is none, and those of
#: mail, of which Django 6.1 warns whoever reads them.
_SHAPING_NOTHING: Final = ("SECRET_KEY", "EMAIL_")


def inputs(application: Any, options: Options) -> Hashable:
    """What a document is made of: code that the routes lead to, settings, hooks, extensions, and the options.

    A consumer counts by its spec, which a reload replaces, and by what of its class may change afterwards.

    Raises what reading any of this raises, ValueError for routes that are not all there, and TypeError for a setting
    that cannot be compared.
    """
    found = (
        options,
        get_language(),
        tuple(_routes(application)),
        # By itself: another function may be where the setting says.
        tuple(map(import_string, chanx_settings.ASYNCAPI_POSTPROCESSING_HOOKS)),
        tuple(_settings()),
        frozen({name: getattr(spectacular_settings, name) for name in spectacular_settings.defaults}),
        tuple(TypeExtension.registered),
        # drf-spectacular tells them nowhere else.
        tuple(tuple(each._registry) for each in _DRF_EXTENSIONS),  # pyright: ignore[reportPrivateUsage]
    )
    hash(found)
    return found


def _routes(application: Any) -> Iterator[Hashable]:
    routes, problems = find_routes(application)
    if problems:
        raise ValueError("the routes cannot be read, or a hook fails")
    for route in routes:
        parameters = tuple((each.name, each.converter, frozen(each.schema)) for each in route.parameters)
        yield (route.address, route.name, parameters, route.application, route.spec)
        if route.spec is not None:
            yield from _consumer(route.spec)


def _consumer(spec: ConsumerSpec) -> Iterator[Hashable]:
    yield guards(spec.consumer)
    yield system_messages(spec)
    handlers = dict.fromkeys([*spec.message_handlers.values(), *spec.event_handlers.values()])
    described = (
        spec.consumer,
        *(getattr(spec.consumer, handler.name) for handler in handlers),
        *spec.messages.values(),
        *spec.sent_messages,
    )
    yield from (_override(each) for each in described)


def _override(target: Any) -> Hashable:
    override = override_of(target)
    return (
        None
        if override == _NO_OVERRIDE
        else frozen({each.name: getattr(override, each.name) for each in fields(override)})
    )


def _settings() -> Iterator[Hashable]:
    """Every setting that is not Django's default: extensions of anybody's may read any of them."""
    # The stubs know the names of settings, and no method of the object that holds them.
    configured: Any = settings
    for name in dir(settings):
        # Whoever reads one that is deprecated is warned, so those that nobody has set are left alone.
        if not name.isupper() or not configured.is_overridden(name) or name.startswith(_SHAPING_NOTHING):
            continue
        if (value := getattr(settings, name)) is not getattr(global_settings, name, settings):
            yield name, frozen(value)


def frozen(value: Any) -> Hashable:
    """``value`` as it is now, also if it is changed later; values of different types are different."""
    match value:
        case Promise():
            return str, str(value)
        case Mapping():
            items: Mapping[Any, Any] = value
            return type(value), tuple((frozen(key), frozen(item)) for key, item in items.items())
        case list() | tuple():
            return type(value), tuple(map(frozen, value))
        case set() | frozenset():
            return type(value), frozenset(map(frozen, value))
        case _:
            return type(value), value
