"""Django system checks: what can be known to be wrong before a client connects.

======== =====================================================================================
chanx.E001 a name or a value in ``settings.CHANX``
chanx.E003 a message has a field of its own under the key that names messages
chanx.W001 a consumer says which model its object has, but not where the object is looked up
chanx.W002 a consumer declares channel events, but nothing handles them
chanx.W003 a received message has a field that the envelope also uses
chanx.W004 no route leads to a consumer of an installed application
chanx.W005 ``ASGI_APPLICATION`` cannot be imported or its routes cannot be read
chanx.W008 a permission class decides about an object, but the consumer has none
======== =====================================================================================

:mod:`chanx.layer_checks` has those of the channel layer.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

from channels.routing import get_default_application
from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from rest_framework.permissions import BasePermission, OperandHolder, SingleOperandHolder

from chanx.exceptions import MessageDefinitionError
from chanx.generic.authenticator import ChanxAuthView, ChanxWebsocketAuthenticator
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.registry import ConsumerSpec, current_registry
from chanx.routing import walk
from chanx.settings import chanx_settings
from chanx.wire_format import WireFormat, wire_keys

#: The names of modules that hold tests. A test runner has imported them before it runs the checks, and their
#: consumers need no route.
_TESTS: Final = re.compile(r"tests?|test_.*|.*_tests?|conftest")


@register("chanx")
def check_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Names and values in ``settings.CHANX``."""
    return [
        Error(problem, hint="See chanx/settings.py for each setting, its type and its reason.", id="chanx.E001")
        for problem in chanx_settings.problems()
    ]


@register("chanx")
def check_consumers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every registered consumer that serves connections."""
    if getattr(settings, "ASGI_APPLICATION", None):
        # What registers the consumers. Why it fails is told by check_routes().
        with suppress(Exception):
            get_default_application()
    return [problem for spec in current_registry().concrete() for problem in _problems(spec)]


@register("chanx")
def check_routes(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every registered consumer of an installed application is on a route of ASGI_APPLICATION.

    Says nothing while that setting is missing, as in a project that serves no WebSockets yet.
    """
    name = getattr(settings, "ASGI_APPLICATION", None)
    if not name:
        return []
    try:
        routes = tuple(walk(get_default_application()))
    except Exception as error:  # whatever the project's modules raise is what there is to report
        reason = f"{type(error).__name__}: {error}"
        if isinstance(error.__context__, ImportError):
            # Channels says that an import failed, and not why.
            reason += f" ({type(error.__context__).__name__}: {error.__context__})"
        return [
            Warning(
                f"The routes of ASGI_APPLICATION = {name!r} cannot be read. {reason}",
                hint="Import it in `manage.py shell` to see where it fails: a server will fail there, too.",
                id="chanx.W005",
            )
        ]
    routed = {route.spec.path for route in routes if route.spec is not None}
    installed = [config.name for config in (apps.get_app_configs() if app_configs is None else app_configs)]
    # After the import above, which is what registers the consumers.
    return [
        Warning(
            f"No route of ASGI_APPLICATION = {name!r} leads to {spec.path}.",
            hint="Add a path() for it to the routing. If it is only a base of other consumers, say so: abstract=True.",
            obj=spec.consumer,
            id="chanx.W004",
        )
        for spec in current_registry().concrete()
        if spec.path not in routed and _serves(spec.module, installed)
    ]


def _serves(module: str, applications: Iterable[str]) -> bool:
    """Whether ``module`` belongs to one of the applications, and not to its tests."""
    return any(
        f"{module}.".startswith(f"{application}.")
        and not any(map(_TESTS.fullmatch, module.removeprefix(application).split(".")))
        for application in applications
    )


def _problems(spec: ConsumerSpec) -> Iterator[CheckMessage]:
    root, consumer = AsyncJsonWebsocketConsumer, spec.consumer
    if spec.model is not None and not spec.looks_up_object:
        yield Warning(
            f"{spec.path} is about a {spec.model.__name__}, but has no queryset: its `obj` will always be None.",
            hint=f"Set queryset = {spec.model.__name__}.objects.all(), or write get_queryset() or get_object().",
            obj=consumer,
            id="chanx.W001",
        )
    if spec.events and consumer.receive_event is root.receive_event:
        yield Warning(
            f"{spec.path} declares channel events, but nothing handles them.",
            hint="Write a @handler for each, or receive_event().",
            obj=consumer,
            id="chanx.W002",
        )
    for permission in _unused_object_permissions(consumer):
        yield Warning(
            f"{spec.path} has no object: has_object_permission() of {permission.__qualname__} will never be asked.",
            hint="Set queryset, or write get_queryset() or get_object(); or decide in has_permission().",
            obj=consumer,
            id="chanx.W008",
        )
    wire = WireFormat.from_settings()
    for message in dict.fromkeys([*spec.messages.values(), *spec.sent_messages]):
        try:
            wire_keys(message, wire)
        except MessageDefinitionError as error:
            yield Error(
                f"{spec.path} cannot use {error.owner}: {error.problem}",
                hint=error.way_out,
                obj=consumer,
                id="chanx.E003",
            )
            return
    for action, message in spec.messages.items():
        if "id" in wire_keys(message, wire):
            yield Warning(
                f"{spec.path}: the message {action!r} has a field `id` of its own, which hides the id of the frame: "
                "no frame that answers it will carry `reply_to`.",
                hint="Move the field into the payload, if clients want to tell the replies apart.",
                obj=consumer,
                id="chanx.W003",
            )


def _unused_object_permissions(consumer: Any) -> Iterator[type[BasePermission]]:
    """The permission classes of a consumer without an object that decide about objects.

    DRF's defaults are left out: they are for every view, and for consumers that have an object.
    """
    authenticator = consumer.authenticator_class
    if not issubclass(authenticator, ChanxWebsocketAuthenticator) or authenticator.view_class is not ChanxAuthView:
        return  # it may have its own ways
    if consumer.spec.looks_up_object or authenticator.queryset is not True or authenticator.wants_object:
        return
    named = authenticator.permission_classes if consumer.permission_classes is None else consumer.permission_classes
    for permission in dict.fromkeys(leaf for each in named or () for leaf in _operands(each)):
        own = getattr(permission, "has_object_permission", None)
        if own not in (None, BasePermission.has_object_permission):
            yield permission


def _operands(permission: Any) -> Iterator[type[BasePermission]]:
    """The classes in a permission, which DRF's operators may have combined."""
    if isinstance(permission, OperandHolder):
        yield from _operands(permission.op1_class)
        yield from _operands(permission.op2_class)
    elif isinstance(permission, SingleOperandHolder):
        yield from _operands(permission.op1_class)
    else:
        yield permission
