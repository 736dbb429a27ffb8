"""Django system checks of ``CHANNEL_LAYERS``: what is known to lose group messages and events.

======== =====================================================================================
chanx.E002 a channel layer cannot be made: its class is missing, or does not take its ``CONFIG``
chanx.W006 connections to Redis give up before the layer has waited for a message
chanx.W007 a channel layer lives in one process (only with ``check --deploy``, and not with ``DEBUG``)
chanx.W009 nobody has said how many messages a channel layer keeps for a process (only with ``check --deploy``)
======== =====================================================================================

How many messages wait for a process at once is known only when they do: :mod:`chanx.layer_capacity` tells when there
are too many. What can be known before is whether somebody has thought of it.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from channels.layers import InMemoryChannelLayer
from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.utils.module_loading import import_string


@register("chanx")
def check_channel_layers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every layer can be made, and none gives up while it waits. Connects to nothing."""
    return [problem for alias, config in _configs().items() for problem in _problems(alias, config)]


@register("chanx", deploy=True)
def check_shared_layers(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """No layer that lives in one process where there may be several."""
    if settings.DEBUG:
        return []
    return [
        Warning(
            f"CHANNEL_LAYERS[{alias!r}] lives in one process: what another one sends does not arrive, be it a worker, "
            "a task queue or a shell.",
            hint="Use a layer that all share, such as channels_redis, or silence this where one process does it all.",
            id="chanx.W007",
        )
        for alias, config in _configs().items()
        if _is_in_memory(config)
    ]


@register("chanx", deploy=True)
def check_capacities(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """No layer drops messages because of a number that nobody has chosen."""
    return [
        Warning(
            f"CHANNEL_LAYERS[{alias!r}] has no capacity: 100 messages may wait for a process, all of its groups "
            "together, and what comes in addition is dropped.",
            hint='Say how many: "CONFIG": {"capacity": 1000, …}. As many as come while a process is busy for a moment; '
            "a message that waits takes some hundred bytes of Redis.",
            id="chanx.W009",
        )
        for alias, config in _configs().items()
        if _counts(config) and "capacity" not in config.get("CONFIG", {})
    ]


def _configs() -> Mapping[str, Any]:
    configs: Mapping[str, Any] = getattr(settings, "CHANNEL_LAYERS", {})
    return configs


def _problems(alias: str, config: Mapping[str, Any]) -> Iterator[CheckMessage]:
    try:
        backend = import_string(config["BACKEND"])
        # What channels_redis needs is loaded if the layer is one of its own, and not wanted otherwise.
        core = sys.modules.get("channels_redis.core")
        if core is None or not issubclass(backend, core.RedisChannelLayer):
            return
        layer = backend(**config.get("CONFIG", {}))
        timeouts = [_socket_timeout(host) for host in layer.hosts]
    except Exception as error:  # whatever classes and settings of the project raise is what there is to report
        yield Error(
            f"CHANNEL_LAYERS[{alias!r}] cannot be used: {type(error).__name__}: {error}",
            hint="Every connection would fail: compare BACKEND and CONFIG with the documentation of the layer.",
            id="chanx.E002",
        )
        return
    for timeout in dict.fromkeys(timeouts):
        if timeout is not None and timeout <= layer.brpop_timeout:
            yield Warning(
                f"CHANNEL_LAYERS[{alias!r}]: connections to Redis give up after {timeout:g} s, but the layer waits "
                f"{layer.brpop_timeout:g} s for a message in one go: a process without traffic loses one after the "
                "other, with the consumers that use them.",
                hint="Set a socket_timeout well above it for each host: "
                '{"address": "redis://…", "socket_timeout": 15}. Version 8 of redis has 5 s unless told otherwise.',
                id="chanx.W006",
            )


def _counts(config: Mapping[str, Any]) -> bool:
    """Whether a layer is one of channels_redis that keeps messages for those who are slow."""
    try:
        backend = import_string(config["BACKEND"])
        core = sys.modules.get("channels_redis.core")
        return core is not None and issubclass(backend, core.RedisChannelLayer)
    except (ImportError, KeyError, TypeError):
        return False  # chanx.E002


def _socket_timeout(host: Mapping[str, Any]) -> float | None:
    """Seconds that a connection to ``host`` waits for an answer, by the version of redis that is installed."""
    from channels_redis.utils import create_pool

    timeout: float | None = create_pool(host).make_connection().socket_timeout
    return timeout


def _is_in_memory(config: Mapping[str, Any]) -> bool:
    try:
        return issubclass(import_string(config["BACKEND"]), InMemoryChannelLayer)
    except (ImportError, KeyError, TypeError):
        return False  # chanx.E002
