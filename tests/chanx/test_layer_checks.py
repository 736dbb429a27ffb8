"""The system checks of CHANNEL_LAYERS."""

from typing import Any

import pytest
from channels.layers import BaseChannelLayer, InMemoryChannelLayer
from channels_redis.core import RedisChannelLayer
from django.core.checks import Error, Warning, run_checks
from pytest_django import Settings

from chanx.layer_checks import check_capacities, check_channel_layers, check_shared_layers

pytestmark = pytest.mark.usefixtures("registry")

REDIS = "channels_redis.core.RedisChannelLayer"
PUBSUB = "channels_redis.pubsub.RedisPubSubChannelLayer"
MEMORY = "channels.layers.InMemoryChannelLayer"
URL = "redis://127.0.0.1:6379/0"


class PatientLayer(RedisChannelLayer):  # type: ignore[misc]  # channels_redis has no type information
    """Asks Redis again after a second."""

    brpop_timeout = 1


class OtherMemory(InMemoryChannelLayer):
    """A variant of a project's own."""


class Expensive(BaseChannelLayer):
    """Not to be made for a check."""

    def __init__(self) -> None:
        raise AssertionError("made")


def layers(backend: str, **config: Any) -> dict[str, Any]:
    return {"default": {"BACKEND": backend, "CONFIG": config}}


def warning(timeout: str, waits: str = "5") -> Warning:
    return Warning(
        f"CHANNEL_LAYERS['default']: connections to Redis give up after {timeout} s, but the layer waits {waits} s for "
        "a message in one go: a process without traffic loses one after the other, with the consumers that use them.",
        hint="Set a socket_timeout well above it for each host: "
        '{"address": "redis://…", "socket_timeout": 15}. Version 8 of redis has 5 s unless told otherwise.',
        id="chanx.W006",
    )


def test_django_runs_the_checks(settings: Settings) -> None:
    # Loaded here, the demo's consumers would be in the registry of this test.
    settings.ASGI_APPLICATION = ""
    settings.CHANNEL_LAYERS = layers(REDIS, hosts=[URL])
    assert "chanx.W006" in [problem.id for problem in run_checks(tags=["chanx"])]
    settings.CHANNEL_LAYERS = layers(MEMORY)
    assert run_checks(tags=["chanx"]) == []
    assert [problem.id for problem in run_checks(tags=["chanx"], include_deployment_checks=True)] == ["chanx.W007"]


# -- time-outs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "timeout"),
    [
        # The default of the version of redis that the tests have, which is 8 or newer.
        ({}, "5"),
        ({"hosts": [URL]}, "5"),
        ({"hosts": [("127.0.0.1", 6379)]}, "5"),
        ({"hosts": [f"{URL}?socket_timeout=4.5"]}, "4.5"),
        ({"hosts": [{"address": URL, "socket_timeout": 5}]}, "5"),
        ({"hosts": [{"host": "127.0.0.1", "port": 6379, "socket_timeout": 1}]}, "1"),
        ({"hosts": [{"sentinels": [("127.0.0.1", 26379)], "master_name": "mymaster"}]}, "5"),
        ({"hosts": [{"address": URL, "socket_timeout": 15}, URL, URL]}, "5"),
    ],
)
def test_a_connection_that_gives_up_too_early_is_warned_about(
    config: dict[str, Any], timeout: str, settings: Settings
) -> None:
    settings.CHANNEL_LAYERS = layers(REDIS, **config)
    assert check_channel_layers(None) == [warning(timeout)]


@pytest.mark.parametrize(
    "config",
    [
        {"hosts": [{"address": URL, "socket_timeout": 15}]},
        {"hosts": [{"address": URL, "socket_timeout": None}]},
        {"hosts": [f"{URL}?socket_timeout=15"]},
        {"hosts": [{"sentinels": [("127.0.0.1", 26379)], "master_name": "mymaster", "socket_timeout": 15}]},
    ],
)
def test_a_connection_that_waits_longer_is_fine(config: dict[str, Any], settings: Settings) -> None:
    settings.CHANNEL_LAYERS = layers(REDIS, **config)
    assert check_channel_layers(None) == []


def test_what_counts_is_how_long_the_layer_waits(settings: Settings) -> None:
    settings.CHANNEL_LAYERS = layers(f"{__name__}.PatientLayer", hosts=[URL])
    assert check_channel_layers(None) == []
    settings.CHANNEL_LAYERS = layers(f"{__name__}.PatientLayer", hosts=[f"{URL}?socket_timeout=1"])
    assert check_channel_layers(None) == [warning("1", waits="1")]


@pytest.mark.parametrize("backend", [PUBSUB, MEMORY, f"{__name__}.Expensive"])
def test_layers_that_wait_in_another_way_are_not_even_made(backend: str, settings: Settings) -> None:
    settings.CHANNEL_LAYERS = layers(backend)
    assert check_channel_layers(None) == []


@pytest.mark.parametrize("configured", [{}, None])
def test_a_project_may_have_no_layer(configured: Any, settings: Settings) -> None:
    if configured is None:
        del settings.CHANNEL_LAYERS
    else:
        settings.CHANNEL_LAYERS = configured
    assert check_channel_layers(None) == check_shared_layers(None) == []


# -- layers that cannot be made --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        ({"BACKEND": "channels_redis.RedisChannelLayer"}, "ImportError: Module"),
        ({"BACKEND": "nowhere.Layer"}, "ModuleNotFoundError: No module named 'nowhere'"),
        ({}, "KeyError: 'BACKEND'"),
        ({"BACKEND": REDIS, "CONFIG": {"hosts": URL}}, "ValueError: You must pass a list of Redis hosts"),
        ({"BACKEND": REDIS, "CONFIG": {"host": URL}}, "TypeError: RedisChannelLayer"),
        ({"BACKEND": REDIS, "CONFIG": {"hosts": ["127.0.0.1:6379"]}}, "ValueError: Redis URL must specify one of"),
        ({"BACKEND": REDIS, "CONFIG": {"hosts": [{"address": URL, "timeout_of_socket": 9}]}}, "TypeError: "),
    ],
)
def test_a_layer_that_cannot_be_made_is_an_error(config: dict[str, Any], reason: str, settings: Settings) -> None:
    settings.CHANNEL_LAYERS = {"default": config}
    (problem,) = check_channel_layers(None)
    assert isinstance(problem, Error)
    assert problem.id == "chanx.E002"
    assert problem.msg.startswith(f"CHANNEL_LAYERS['default'] cannot be used: {reason}")
    assert check_shared_layers(None) == []


# -- one process -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", [MEMORY, f"{__name__}.OtherMemory"])
def test_a_deployed_layer_in_memory_is_warned_about(backend: str, settings: Settings) -> None:
    settings.DEBUG = False
    settings.CHANNEL_LAYERS = {**layers(REDIS), "events": {"BACKEND": backend}}
    assert check_shared_layers(None) == [
        Warning(
            "CHANNEL_LAYERS['events'] lives in one process: what another one sends does not arrive, be it a worker, "
            "a task queue or a shell.",
            hint="Use a layer that all share, such as channels_redis, or silence this where one process does it all.",
            id="chanx.W007",
        )
    ]


def test_a_layer_in_memory_is_fine_while_developing(settings: Settings) -> None:
    settings.DEBUG = True
    settings.CHANNEL_LAYERS = layers(MEMORY)
    assert check_shared_layers(None) == []


@pytest.mark.parametrize(
    ("backend", "config", "is_warned"),
    [
        (REDIS, {}, True),
        (f"{__name__}.PatientLayer", {"hosts": [URL]}, True),
        (REDIS, {"capacity": 100}, False),
        (PUBSUB, {}, False),
        (MEMORY, {}, False),
        ("nowhere.Layer", {}, False),
    ],
)
def test_a_capacity_that_nobody_has_chosen(
    backend: str, config: dict[str, Any], is_warned: bool, settings: Settings
) -> None:
    settings.CHANNEL_LAYERS = {"events": {"BACKEND": backend, "CONFIG": config}}
    warned = Warning(
        "CHANNEL_LAYERS['events'] has no capacity: 100 messages may wait for a process, all of its groups together, "
        "and what comes in addition is dropped.",
        hint='Say how many: "CONFIG": {"capacity": 1000, …}. As many as come while a process is busy for a moment; '
        "a message that waits takes some hundred bytes of Redis.",
        id="chanx.W009",
    )
    assert check_capacities(None) == ([warned] if is_warned else [])


@pytest.mark.parametrize("backend", [REDIS, PUBSUB])
def test_a_shared_layer_may_be_deployed(backend: str, settings: Settings) -> None:
    settings.DEBUG = False
    settings.CHANNEL_LAYERS = layers(backend)
    assert check_shared_layers(None) == []
