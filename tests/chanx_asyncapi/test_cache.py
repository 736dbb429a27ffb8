"""The cache: one value per key, made once, and never more than there is room for."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chanx_asyncapi.cache import Cache


def test_a_value_is_made_once() -> None:
    cache: Cache[str, object] = Cache(2)

    first = cache.get("a", object)

    assert cache.get("a", object) is first
    assert cache.get("b", object) is not first
    assert cache.get("a", object) is first


def test_the_one_that_nobody_asked_for_makes_room() -> None:
    cache: Cache[str, object] = Cache(2)
    values = {key: cache.get(key, object) for key in ("a", "b")}
    cache.get("a", object)

    cache.get("c", object)

    assert len(cache) == 2
    assert cache.get("a", object) is values["a"]
    assert cache.get("b", object) is not values["b"]


def test_any_number_of_keys_takes_no_more_room() -> None:
    cache: Cache[int, object] = Cache(3)

    for key in range(1000):
        cache.get(key, object)

    assert len(cache) == 3


def test_a_failure_is_not_kept() -> None:
    cache: Cache[str, int] = Cache(2)

    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 // 0)

    assert cache.get("a", lambda: 1) == 1


def test_none_is_a_value() -> None:
    cache: Cache[str, int | None] = Cache(2)
    cache.get("a", lambda: None)

    assert cache.get("a", lambda: 1) is None


def test_clear() -> None:
    cache: Cache[str, object] = Cache(2)
    first = cache.get("a", object)

    cache.clear()

    assert cache.get("a", object) is not first


def test_many_threads_make_one_value_once_and_others_do_not_wait() -> None:
    cache: Cache[str, object] = Cache(2)
    made: list[object] = []
    making, go_on = threading.Event(), threading.Event()

    def make() -> object:
        making.set()
        assert go_on.wait(5)
        made.append(object())
        return made[-1]

    with ThreadPoolExecutor(8) as threads:
        waiting = [threads.submit(cache.get, "a", make) for _ in range(7)]
        assert making.wait(5)
        # While "a" is being made, "b" can be had.
        other = threads.submit(cache.get, "b", object).result(timeout=5)
        go_on.set()
        values = {future.result(timeout=5) for future in waiting}

    assert values == set(made)
    assert len(made) == 1
    assert other not in values
