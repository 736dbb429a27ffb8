"""What `manage.py check --deploy` says about a deployment."""

from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from pytest_django import Settings
from rest_framework.throttling import BaseThrottle, UserRateThrottle

from chanx.authentication import TicketAuthentication
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.security_checks import check_security
from chanx.throttling import ConnectionRateThrottle
from tests.chanx.support import OpenMixin

pytestmark = pytest.mark.usefixtures("registry")

REDIS = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"}
MEMORY = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}


@pytest.fixture(autouse=True)
def _deployed(settings: Settings) -> None:
    """A deployment with which nothing is wrong."""
    settings.DEBUG = False
    settings.ALLOWED_HOSTS = ["example.com"]
    settings.CACHES = {"default": REDIS, "memory": MEMORY}


def found(**chanx: Any) -> list[str]:
    return [str(problem.id) for problem in check_security(None)]


def told() -> str:
    (problem,) = check_security(None)
    assert problem.hint
    return problem.msg


def test_nothing_is_wrong_by_default() -> None:
    assert check_security(None) == []


def test_it_runs_with_deploy_only_and_under_django_s_tag(settings: Settings) -> None:
    settings.CHANX = {"ALLOWED_ORIGINS": ["*"]}

    def ids(*tags: str, deploy: bool) -> set[str]:
        problems = run_checks(tags=list(tags), include_deployment_checks=deploy)
        return {str(problem.id) for problem in problems} & {"chanx.W101"}

    assert ids("chanx", deploy=False) == set()
    assert ids("chanx", deploy=True) == {"chanx.W101"}
    assert ids(Tags.security, deploy=True) == {"chanx.W101"}


@pytest.mark.parametrize(
    ("chanx", "problem"),
    [
        ({"ALLOWED_ORIGINS": ["https://example.com", "*"]}, "chanx.W101"),
        ({"SESSION_RECHECK_SECONDS": None}, "chanx.W103"),
        ({"WEBSOCKET_BASE_URL": "ws://example.com"}, "chanx.W107"),
        ({"SERVERS": {"eu": {"url": "WS://eu.example.com"}}}, "chanx.W107"),
        *(
            ({name: None}, "chanx.W108")
            for name in (
                "MAX_MESSAGE_SIZE",
                "MAX_FRAME_RATE",
                "MAX_CONNECTIONS_PER_USER",
                "MAX_GROUPS_PER_CONNECTION",
                "HANDLER_TIMEOUT",
                "SEND_TIMEOUT",
            )
        ),
    ],
)
def test_a_setting(chanx: dict[str, Any], problem: str, settings: Settings) -> None:
    settings.CHANX = chanx
    assert found() == [problem]
    assert next(iter(chanx)) in told()


@pytest.mark.parametrize(
    "chanx",
    [
        {"ALLOWED_ORIGINS": ["https://*.example.com"]},
        {"SESSION_RECHECK_SECONDS": 3600.0},
        {"WEBSOCKET_BASE_URL": "wss://example.com", "SERVERS": {"eu": {"url": "wss://eu.example.com"}}},
        {"MAX_FRAME_RATE": 1.0},
    ],
)
def test_a_setting_that_is_fine(chanx: dict[str, Any], settings: Settings) -> None:
    settings.CHANX = chanx
    assert found() == []


def test_a_wrong_type_is_another_check_s(settings: Settings) -> None:
    settings.CHANX = {"ALLOWED_ORIGINS": "*"}
    assert found() == []


def test_any_host(settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert found() == ["chanx.W102"]


def test_documents_for_everybody(settings: Settings) -> None:
    settings.DEBUG = True
    assert found() == ["chanx.W104"]
    settings.CHANX = {"DOCUMENT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"]}
    assert found() == []


async def ignored(self: Any, message: Any) -> None:
    """Stands for a receive_message() that is not called."""


def consumer(name: str, **attributes: Any) -> None:
    base: Any = AsyncJsonWebsocketConsumer[PingMessage]

    class Made(OpenMixin, base):  # type: ignore[misc]  # the base is a parameter
        locals().update({"receive_message": ignored, **attributes})


def test_tickets_in_the_memory_of_one_process(settings: Settings) -> None:
    class OwnTickets(TicketAuthentication):
        query_parameter = "t"

    consumer("Ticketed", authentication_classes=(OwnTickets,))
    assert found() == []
    settings.CHANX = {"TICKET_CACHE": "memory"}
    assert found() == ["chanx.W105"]
    assert "'memory', in which tickets for tests.chanx.test_security_checks." in told()
    settings.CHANX = {"TICKET_CACHE": "missing"}
    assert found() == ["chanx.W105"]


class Counting(UserRateThrottle):
    rate = "1/min"


class Own(BaseThrottle):
    """Counts nobody knows where."""


class Calm(ConnectionRateThrottle):
    rate = "1/min"


@pytest.mark.parametrize("attribute", ["throttle_classes", "message_throttle_classes"])
@pytest.mark.parametrize(("throttle", "problems"), [(Counting, ["chanx.W106"]), (Own, []), (Calm, [])])
def test_throttles_in_the_memory_of_one_process(
    attribute: str, throttle: Any, problems: list[str], settings: Settings
) -> None:
    consumer("Throttled", **{attribute: (throttle,)})
    assert found() == []
    settings.CACHES = {"default": MEMORY}
    assert found() == problems
