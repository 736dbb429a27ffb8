"""Django system checks for deployments: ``manage.py check --deploy`` walks the check-list of docs/security.md.

========== =====================================================================================
chanx.W101 pages of any origin may use cookies
chanx.W102 any Host header is accepted
chanx.W103 connections are never authenticated again
chanx.W104 documents are open to everybody
chanx.W105 tickets wait in a cache that other processes do not see
chanx.W106 throttles count in a cache that other processes do not see
chanx.W107 clients are told to connect without TLS
chanx.W108 a bound is switched off
========== =====================================================================================

:mod:`chanx.layer_checks` has that of a channel layer in one process. What Django checks itself, such as DEBUG, is left
to Django.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from rest_framework.throttling import SimpleRateThrottle

from chanx.authentication import TicketAuthentication
from chanx.registry import ConsumerSpec, current_registry
from chanx.settings import chanx_settings
from chanx.throttling import ConnectionRateThrottle

#: Caches that live in one process, or keep nothing at all.
_PRIVATE_CACHES: Final = (
    "django.core.cache.backends.locmem.LocMemCache",
    "django.core.cache.backends.dummy.DummyCache",
)

#: Settings that bound what a stranger can cost, and what is unbounded without.
_BOUNDS: Final[Mapping[str, str]] = {
    "MAX_MESSAGE_SIZE": "the size of a frame is what the server allows, often megabytes",
    "MAX_FRAME_RATE": "one client may use up a processor",
    "MAX_CONNECTIONS_PER_USER": "a stolen token opens as many connections as there is memory for",
    "MAX_GROUPS_PER_CONNECTION": "a client that chooses its groups may fill the memory of the layer",
    "HANDLER_TIMEOUT": "a handler that hangs holds its connection for ever",
    "SEND_TIMEOUT": "a client that does not read is never cut off",
}


@register("chanx", Tags.security, deploy=True)
def check_security(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What a deployment should look at again. Silent while a setting has a wrong type, which is ``chanx.E001``."""
    if chanx_settings.problems():
        return []
    specs = current_registry().concrete()
    return [*_origins(), *_decisions(), *_caches(specs), *_addresses(), *_bounds()]


def _origins() -> Iterator[CheckMessage]:
    if "*" in (chanx_settings.ALLOWED_ORIGINS or ()):
        yield Warning(
            "CHANX['ALLOWED_ORIGINS'] holds '*': every page of the web may use the sessions of its visitors.",
            hint="Name the origins of your own pages.",
            id="chanx.W101",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Warning(
            "ALLOWED_HOSTS holds '*': a page whose address leads to this server counts as one of its own.",
            hint="Name the hosts under which the service is called.",
            id="chanx.W102",
        )


def _decisions() -> Iterator[CheckMessage]:
    if chanx_settings.SESSION_RECHECK_SECONDS is None:
        yield Warning(
            "CHANX['SESSION_RECHECK_SECONDS'] is None: a connection outlives its session, its token and its "
            "permissions, unless a signal or disconnect() ends it.",
            hint="Set it to the seconds for which you can bear that.",
            id="chanx.W103",
        )
    if settings.DEBUG and chanx_settings.DOCUMENT_PERMISSION_CLASSES is None:
        yield Warning(
            "Documents and the page are open to everybody, because DEBUG is on and "
            "CHANX['DOCUMENT_PERMISSION_CLASSES'] is None.",
            hint="Switch DEBUG off, or name who may read them.",
            id="chanx.W104",
        )


def _caches(specs: Sequence[ConsumerSpec]) -> Iterator[CheckMessage]:
    takers = sorted(spec.path for spec in specs if any(map(_is_ticket, spec.authentication_classes or ())))
    if takers and _is_private(chanx_settings.TICKET_CACHE):
        yield Warning(
            f"The cache {chanx_settings.TICKET_CACHE!r}, in which tickets for {takers[0]} wait, is not shared by "
            "processes: a ticket that one has issued, another refuses.",
            hint="Let CHANX['TICKET_CACHE'] name a cache that all processes share, such as Redis.",
            id="chanx.W105",
        )
    counters = sorted(spec.path for spec in specs if any(map(_counts_in_cache, _throttles(spec))))
    if counters and _is_private("default"):
        yield Warning(
            f"The default cache, in which throttles of {counters[0]} count, is not shared by processes: each allows "
            "the whole rate.",
            hint="Use a cache that all processes share, such as Redis.",
            id="chanx.W106",
        )


def _is_ticket(authentication_class: Any) -> bool:
    return isinstance(authentication_class, type) and issubclass(authentication_class, TicketAuthentication)


def _throttles(spec: ConsumerSpec) -> Sequence[Any]:
    return [*(spec.throttle_classes or ()), *(spec.consumer.message_throttle_classes or ())]


def _counts_in_cache(throttle: Any) -> bool:
    if not isinstance(throttle, type) or not issubclass(throttle, SimpleRateThrottle):
        return False
    return not issubclass(throttle, ConnectionRateThrottle)


def _is_private(alias: str) -> bool:
    caches: Mapping[str, Any] = settings.CACHES
    # The first one is what Django has where the setting is silent.
    return caches.get(alias, {}).get("BACKEND", _PRIVATE_CACHES[0]) in _PRIVATE_CACHES


def _addresses() -> Iterator[CheckMessage]:
    named = [
        ("CHANX['WEBSOCKET_BASE_URL']", chanx_settings.WEBSOCKET_BASE_URL or ""),
        *((f"CHANX['SERVERS'][{name!r}]", server.get("url", "")) for name, server in chanx_settings.SERVERS.items()),
    ]
    for where, url in named:
        if url.lower().startswith("ws://"):
            yield Warning(
                f"{where} is {url!r}: clients are told to connect without TLS, which shows credentials to everybody "
                "in between.",
                hint="Serve it behind TLS, and write wss://.",
                id="chanx.W107",
            )


def _bounds() -> Iterator[CheckMessage]:
    for name, consequence in _BOUNDS.items():
        if getattr(chanx_settings, name) is None:
            yield Warning(
                f"CHANX[{name!r}] is None: {consequence}.",
                hint="Leave it out for the default, or set what your service needs.",
                id="chanx.W108",
            )
