"""Whether to come back, and when: decisions without a socket."""

import pytest

from chanx_asyncapi.codegen.python.runtime.description import Rule
from chanx_asyncapi.codegen.python.runtime.options import Retry
from chanx_asyncapi.codegen.python.runtime.reconnecting import Again, Close, Reconnecting, close_of_status

CODES: dict[int, Rule] = {1012: "backoff", 4401: "after_token_refresh", 4403: "no", 4429: "after_retry_after"}


def reconnecting(retry: Retry | None = None, *, can_refresh: bool = True, random: float = 1.0) -> Reconnecting:
    return Reconnecting(retry or Retry(min=1, max=8), CODES, can_refresh=can_refresh, random=lambda: random)


def test_limits_double_up_to_the_largest() -> None:
    deciding = reconnecting()
    assert [deciding.after(Close(1012), lasted=0) for _ in range(6)] == [Again(delay) for delay in (1, 2, 4, 8, 8, 8)]


@pytest.mark.parametrize("random", [0.0, 0.25, 1.0])
def test_the_jitter_is_full(random: float) -> None:
    deciding = reconnecting(random=random)
    assert [deciding.after(Close(), lasted=0) for _ in range(3)] == [Again(random * limit) for limit in (1, 2, 4)]


def test_many_attempts_do_not_overflow() -> None:
    deciding = reconnecting(Retry(min=1, max=30))
    assert [deciding.after(Close(), lasted=0) for _ in range(5_000)][-1] == Again(30)


def test_only_a_connection_that_has_lasted_begins_again() -> None:
    deciding = reconnecting(Retry(min=1, max=8, stable=5))
    delays = [deciding.after(Close(1012), lasted=lasted) for lasted in (0, 4.9, 5, 0)]
    assert delays == [Again(1), Again(2), Again(1), Again(2)]


def test_credentials_are_refreshed_once_until_a_connection_has_lasted() -> None:
    deciding = reconnecting(Retry(min=0, stable=5))
    assert deciding.after(Close(4401), lasted=0) == Again(0, refresh=True)
    # Another failure in between is no proof that the credentials are right.
    assert deciding.after(Close(1012), lasted=1) == Again(0)
    assert deciding.after(Close(4401), lasted=1) is None
    deciding = reconnecting(Retry(min=0, stable=5))
    assert deciding.after(Close(4401), lasted=0) == Again(0, refresh=True)
    assert deciding.after(Close(4401), lasted=5) == Again(0, refresh=True)


def test_what_cannot_be_refreshed_is_not() -> None:
    assert reconnecting(can_refresh=False).after(Close(4401), lasted=100) is None


def test_seconds_that_the_server_asks_for_come_before_the_jitter() -> None:
    deciding = reconnecting(random=0.5)
    assert deciding.after(Close(4429, retry_after=60), lasted=0) == Again(60.5)
    assert deciding.after(Close(4429), lasted=0) == Again(1.0)


@pytest.mark.parametrize(
    ("code", "comes_back"),
    [
        (1001, True),
        (1005, True),
        (1006, True),
        (1011, True),
        (1012, True),
        (1013, True),
        (3000, True),
        *((code, False) for code in (1000, 1002, 1003, 1007, 1008, 1009, 1010, 1015, 4000, 4403, 4999)),
    ],
)
def test_codes_with_and_without_a_line_in_the_document(code: int, comes_back: bool) -> None:
    assert (reconnecting().after(Close(code), lasted=0) is not None) == comes_back


def test_attempts_are_counted_in_a_row() -> None:
    deciding = reconnecting(Retry(min=0, attempts=2, stable=5))
    found = [deciding.after(Close(), lasted=lasted) is not None for lasted in (0, 0, 0, 5, 0, 0)]
    assert found == [True, True, False, True, True, False]


def test_without_retry_never() -> None:
    deciding = Reconnecting(None, CODES, can_refresh=True, random=lambda: 1.0)
    assert deciding.after(Close(1012), lasted=100) is None


@pytest.mark.parametrize(
    ("status", "header", "expected"),
    [
        (401, None, (4401, None)),
        (403, None, (4401, None)),
        (404, None, (4404, None)),
        (429, "7", (4429, 7)),
        (429, "soon", (4429, None)),
        (429, "٣", (4429, None)),
        (500, None, (1006, None)),
        (503, "3", (1006, 3)),
    ],
)
def test_refused_handshakes(status: int, header: str | None, expected: tuple[int, float | None]) -> None:
    close = close_of_status(status, header)
    assert (close.code, close.retry_after) == expected
    assert str(status) in close.reason
