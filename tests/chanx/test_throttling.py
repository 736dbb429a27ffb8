"""DRF's throttles for messages: which may hold up an event loop, and how many are asked together."""

from typing import Any

import pytest
from django.core.cache import caches
from pytest_django import Settings
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle, UserRateThrottle

from chanx.throttling import ConnectionRateThrottle, may_wait, wait_for


class ThreeAMinute(ConnectionRateThrottle):
    rate = "3/min"


class Tell(BaseThrottle):
    """Says what it is told to say, and notes that it was asked."""

    def __init__(self, allows: bool, wait: float | None = None) -> None:
        self.asked = 0
        self._allows, self._wait = allows, wait

    def allow_request(self, request: Any, view: Any) -> bool:
        self.asked += 1
        return self._allows

    def wait(self) -> float | None:
        return self._wait


ANY: Any = None


@pytest.mark.parametrize(
    ("throttles", "wait"),
    [
        ([], None),
        ([Tell(True), Tell(True)], None),
        ([Tell(False, 2.5)], 2.5),
        ([Tell(False, 2.5), Tell(True), Tell(False, 7)], 7),
        ([Tell(False, None)], 0),
        ([Tell(False, None), Tell(False, 3)], 3),
    ],
)
def test_the_longest_wait_counts_and_all_are_asked(throttles: list[Tell], wait: float | None) -> None:
    assert wait_for(throttles, ANY, ANY) == wait
    assert [throttle.asked for throttle in throttles] == [1] * len(throttles)


def test_a_connection_has_a_rate_of_its_own() -> None:
    first, second = ThreeAMinute(), ThreeAMinute()
    assert [wait_for([first], ANY, ANY) is None for _ in range(5)] == [True, True, True, False, False]
    assert wait_for([second], ANY, ANY) is None, "another connection counts for itself"
    wait = wait_for([first], ANY, ANY)
    assert wait is not None
    assert 0 < wait <= 60


def test_time_brings_new_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    throttle = ThreeAMinute()
    monkeypatch.setattr(throttle, "timer", lambda: now[0])
    assert [wait_for([throttle], ANY, ANY) is None for _ in range(4)] == [True, True, True, False]
    now[0] = 61
    assert wait_for([throttle], ANY, ANY) is None


def test_the_rate_comes_from_drf_s_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"connection": "2/s"})
    throttle = ConnectionRateThrottle()
    assert [wait_for([throttle], ANY, ANY) is None for _ in range(3)] == [True, True, False]


class Files(UserRateThrottle):
    rate = "1/min"
    cache: Any = None


class Own(BaseThrottle):
    def allow_request(self, request: Any, view: Any) -> bool:
        return True


@pytest.fixture
def backends(settings: Settings, tmp_path: Any) -> None:
    base = "django.core.cache.backends"
    settings.CACHES = {
        "default": {"BACKEND": f"{base}.locmem.LocMemCache"},
        "dummy": {"BACKEND": f"{base}.dummy.DummyCache"},
        "files": {"BACKEND": f"{base}.filebased.FileBasedCache", "LOCATION": str(tmp_path)},
        "redis": {"BACKEND": f"{base}.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1/0"},
    }


@pytest.mark.parametrize(("alias", "waits"), [("default", False), ("dummy", False), ("files", True), ("redis", True)])
def test_what_is_in_memory_may_be_asked_in_an_event_loop(alias: str, waits: bool, backends: None) -> None:
    throttle = Files()
    throttle.cache = caches[alias]
    assert may_wait(throttle) is waits


def test_drf_s_own_cache_is_found_behind_its_proxy(backends: None) -> None:
    class Throttle(UserRateThrottle):
        rate = "1/min"

    assert may_wait(Throttle()) is False


def test_whatever_else_is_not_known_to_be_quick(backends: None) -> None:
    assert may_wait(Own()) is True
    assert may_wait(ThreeAMinute()) is False
