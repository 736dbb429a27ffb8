"""Clients that send too much, vanish, or stay while the server goes; the numbers are those of the list of cases."""

import json
import re
import time
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any, Final

import pytest

from tests.hostile.conftest import KINDS, Hostile, counts, until
from tests.hostile.guarded import BUSIEST, INTERNAL
from tests.hostile.raw import ClosedError, RawClient, frame
from tests.servers import Server, ServerKind, Servers

PING = '{"action":"ping"}'


def touch(text: str) -> str:
    return json.dumps({"action": "touch", "payload": text})


def work(seconds: float) -> str:
    return json.dumps({"action": "work", "payload": seconds})


def test_case_42_a_burst_of_a_thousand(any_server: Server) -> None:
    with Hostile.working(any_server) as hostile:
        hostile.client.send_raw(b"".join(frame(touch(str(number))) for number in range(1000)))
        for number in range(1000):
            assert hostile.client.receive() == {"action": "touched", "payload": str(number)}


def test_case_43_more_in_flight_than_the_bound(any_server: Server) -> None:
    """One handler at a time, or as many as the class says; all are handled in the end, and nobody else waits."""
    for name, bound in (("working", 1), ("parallel", 4)):
        before = counts(any_server)
        with Hostile.working(any_server, name) as hostile, Hostile.working(any_server) as other:
            hostile.client.send_raw(b"".join([frame(work(0.01))] * 50))
            assert other.ask(PING)["action"] == "pong"
            for _ in range(50):
                assert hostile.client.receive()["action"] == "worked"
        after = counts(any_server)
        assert after["finished"] - before["finished"] == 50
        assert after[BUSIEST] <= bound


# daphne has a queue without a bound, and reads all there is: docs/guide/deployment.md.
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "daphne"])
def test_case_43_reading_pauses(kind: ServerKind, servers: Servers) -> None:
    """The client cannot send on while its message is handled: TCP holds it back."""
    with Hostile.working(servers.start(kind, DJANGO_DEBUG="0")) as hostile:
        hostile.client.send(work(30))
        hostile.client.set_patience(1)
        data = frame(touch("x" * 60_000)) * 20
        with pytest.raises(TimeoutError):  # noqa: PT012 - one of many sends blocks
            for _ in range(200):  # 240 MB
                hostile.client.send_raw(data)


@pytest.mark.parametrize("name", ["working", "parallel"])
def test_case_47_disconnect_in_the_middle_of_a_handler(name: str, any_server: Server) -> None:
    before = counts(any_server)
    with Hostile.working(any_server, name) as hostile:
        hostile.client.send(work(60))
        until(lambda: counts(any_server)["begun"] > before["begun"])
        hostile.client.abort()
        until(lambda: counts(any_server)["cancelled"] > before["cancelled"])
        assert counts(any_server)["finished"] == before["finished"]
        # Opening and closing apart, the log has nothing about it.
        assert not re.search("WARN|cancel", hostile.log())


def test_case_47_a_class_that_finishes_what_it_has_begun(any_server: Server) -> None:
    before = counts(any_server)
    with Hostile.working(any_server, "steady") as hostile:
        hostile.client.send(work(0.5))
        until(lambda: counts(any_server)["begun"] > before["begun"])
        hostile.client.abort()
        until(lambda: counts(any_server)["finished"] > before["finished"])
        assert counts(any_server)["cancelled"] == before["cancelled"]


def test_case_48_a_handler_that_raises(any_server: Server) -> None:
    with Hostile.working(any_server, fails=True) as hostile:
        answer = hostile.ask('{"action":"fail","id":7}')
        error_id = answer["payload"]["error_id"]
        assert answer == {
            "action": "error",
            "payload": {"detail": "Failed to process message", "code": "handler_failed", "error_id": error_id},
            "reply_to": 7,
        }
        assert hostile.ask(PING)["action"] == "pong"
    text = hostile.log()
    assert text.count("Traceback (most recent call last)") == text.count(f"RuntimeError: {INTERNAL}") == 1
    assert text.count(error_id) == 1


def test_case_49_a_handler_that_hangs(any_server: Server) -> None:
    before = counts(any_server)
    with Hostile.working(any_server, "hasty") as hostile:
        answer = hostile.ask(work(60))
        assert (answer["action"], answer["payload"]["code"]) == ("error", "handler_timeout")
        assert hostile.ask(PING)["action"] == "pong"
    assert counts(any_server)["cancelled"] == before["cancelled"] + 1
    assert answer["payload"]["error_id"] in hostile.log()


#: Whoever can write into the layer sends such things: an older version of the service, or another program.
MALFORMED: Final[Sequence[dict[str, Any]]] = (
    {"type": "send_group_member"},
    {"type": "send.group.member", "content": "no message", "kind": "message"},
    {"type": "send_group_member", "content": {"action": "nobody"}, "kind": "message", "exclude_current": False},
    {"type": "send_group_member", "content": None, "kind": "json", "from_channel": 1, "from_user_pk": {}},
    {"type": "handle_channel_event"},
    {"type": "handle.channel.event", "event_data": {"handler": "nobody"}},
    {"type": "handle.channel.event", "event_data": None},
    {"type": "no.such.handler"},
    {"type": ""},
    {"type": "_private"},
    {"type": 5},
    {"type": None},
    {"no": "type"},
    {},
)


@pytest.mark.parametrize("event", MALFORMED, ids=json.dumps)
def test_case_55_a_malformed_event_of_the_layer(event: dict[str, Any], server: Server) -> None:
    """Logged at most, and nobody is cut off: neither who sent it, nor another member."""
    with Hostile.working(server, fails=True) as hostile, Hostile.working(server, fails=True) as member:
        hostile.client.send(json.dumps({"action": "disturb", "payload": event}))
        for each in (hostile, member):
            # What comes in the meantime has gone through the layer as well.
            assert each.ask(PING) == {"action": "pong", "payload": None}
        time.sleep(0.1)
        for each in (hostile, member):
            assert each.ask(PING) == {"action": "pong", "payload": None}
        log = hostile.log()
        assert "websocket.close" not in log
        assert len(log) < 20_000


def test_case_56_distinct_group_keys(server: Server) -> None:
    """Names that are nearly the same are different groups; what is no name is refused, not made into another one."""
    names = ["a.b", "a-b", "a_b", "A.b", "a.b.", "a..b"]
    with ExitStack() as stack:
        clients = [stack.enter_context(RawClient(server, f"/ws/guarded/grouped/{name}/")) for name in names]
        for client in clients:
            assert client.receive()["payload"]["status_code"] == 200
        for name, client in zip(names, clients, strict=True):
            client.send(touch(name))
            assert client.receive() == {"action": "rumour", "payload": name, "is_mine": True, "is_current": True}
        for client in clients:
            client.send(PING)
            assert client.receive()["action"] == "pong"
    for name in ("a%20b", "%C3%A9", "x" * 200):
        with (
            Hostile.at(server, f"/ws/guarded/grouped/{name}/", fails=True) as hostile,
            pytest.raises(ClosedError) as closed,
        ):
            hostile.client.receive()
        assert closed.value.code == 4500
