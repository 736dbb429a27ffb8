"""Clients that send too much too fast."""

import time
from typing import Any, Final

import pytest

from chanx.close_codes import CloseCode
from demo.seed import ALICE, BOB
from tests.hostile.conftest import Hostile, counts
from tests.hostile.raw import ClosedError, frame
from tests.servers import Server, ServerKind, Servers

TOUCH: Final = '{"action":"touch"}'
TOUCHED: Final = {"action": "touched", "payload": "touched"}


@pytest.fixture
def strict(kind: ServerKind, servers: Servers) -> Server:
    """A server with little patience."""
    bounds = {"MAX_FRAME_RATE": 10.0, "MAX_FRAME_BURST": 20, "MAX_THROTTLED_FRAMES": 30}
    return servers.start(kind, chanx=bounds, DJANGO_DEBUG="0")


def is_throttled(answer: Any) -> bool:
    return bool(answer["action"] == "error" and answer["payload"]["code"] == "throttled")


def all_of(hostile: Hostile) -> tuple[list[Any], int | None]:
    """What is sent until the close, and its code."""
    answers: list[Any] = []
    while True:
        try:
            answers.append(hostile.client.receive())
        except ClosedError as closed:
            return answers, closed.code


def test_case_44_rate_exceeded(strict: Server) -> None:
    """Told first, then closed; and what was refused has not happened."""
    before = counts(strict)["touched"]
    with Hostile.working(strict) as hostile:
        hostile.client.send_raw(frame(TOUCH) * 500)
        answers, code = all_of(hostile)
        assert code == hostile.code(CloseCode.THROTTLED)
    handled, refused = answers[:-31], answers[-31:]
    assert handled == [TOUCHED] * len(handled)
    assert all(map(is_throttled, refused))
    assert {answer["payload"]["retry_after"] for answer in refused} == {1}
    # The machine may be slow, and time brings new frames; 500 of them would take 48 seconds.
    assert 20 <= len(handled) < 400
    assert counts(strict)["touched"] - before == len(handled)


def test_case_44_who_waits_when_told_is_served_again(strict: Server) -> None:
    with Hostile.working(strict) as hostile:
        hostile.client.send_raw(frame(TOUCH) * 40)
        answers = [hostile.client.receive() for _ in range(40)]
        (wait,) = {answer["payload"]["retry_after"] for answer in answers if is_throttled(answer)}
        time.sleep(wait)
        assert hostile.ask(TOUCH) == TOUCHED


def test_case_44_another_client_notices_nothing(strict: Server) -> None:
    with Hostile.working(strict) as greedy, Hostile.working(strict) as modest:
        greedy.client.send_raw(frame(TOUCH) * 40)
        assert modest.ask(TOUCH) == TOUCHED
        assert any(is_throttled(greedy.client.receive()) for _ in range(40))
        assert modest.ask(TOUCH) == TOUCHED


def test_case_44_a_throttle_counts_all_connections_of_a_user(server: Server) -> None:
    def headers(token: str) -> bytes:
        return f"Authorization: Token {token}".encode()

    answers = []
    for _ in range(2):
        with Hostile.at(server, "/ws/guarded/calm/", headers(ALICE.token)) as hostile:
            assert hostile.client.receive()["payload"]["status_code"] == 200
            answers += [hostile.ask(TOUCH) for _ in range(4)]
    assert answers[:5] == [TOUCHED] * 5
    for answer in answers[5:]:
        assert is_throttled(answer)
        assert 3000 < answer["payload"]["retry_after"] <= 3600
    with Hostile.at(server, "/ws/guarded/calm/", headers(BOB.token)) as hostile:
        assert hostile.client.receive()["payload"]["status_code"] == 200
        assert hostile.ask(TOUCH) == TOUCHED


def test_case_44_the_defaults_let_a_hasty_client_pass(servers: Servers) -> None:
    """Ten times the burst of case 42, as fast as a socket takes it."""
    server = servers.start("uvicorn", DJANGO_DEBUG="0")
    with Hostile.working(server) as hostile:
        for _ in range(10):
            hostile.client.send_raw(frame(TOUCH) * 1000)
            assert [hostile.client.receive() for _ in range(1000)] == [TOUCHED] * 1000
