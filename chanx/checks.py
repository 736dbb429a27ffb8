"""Django system checks: what can be known to be wrong before a client connects.

======== =====================================================================================
chanx.E001 a name or a value in ``settings.CHANX``
chanx.W001 a consumer says which model its object has, but not where the object is looked up
chanx.W002 a consumer declares channel events, but nothing handles them
chanx.W003 a received message has a field that the envelope also uses
======== =====================================================================================
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, Warning, register

from chanx.codec import WireFormat, wire_keys
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.registry import ConsumerSpec, current_registry
from chanx.settings import chanx_settings


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
    return [problem for spec in current_registry().concrete() for problem in _problems(spec)]


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
    wire = WireFormat.from_settings()
    for action, message in spec.messages.items():
        if "id" in wire_keys(message, wire):
            yield Warning(
                f"{spec.path}: the message {action!r} has a field `id` of its own, which hides the id of the frame: "
                "no frame that answers it will carry `reply_to`.",
                hint="Move the field into the payload, if clients want to tell the replies apart.",
                obj=consumer,
                id="chanx.W003",
            )
