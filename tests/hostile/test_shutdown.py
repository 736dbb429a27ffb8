"""Clients that vanish, and servers that are told to end; the numbers are those of the list of cases.

``DRAIN_CLIENTS`` in the environment says how many clients the server has when it is told to end: `make drain`.
"""

import os
import re
import resource
import signal
import time
from contextlib import ExitStack
from typing import Final

import pytest

from tests.hostile.conftest import KINDS, counts, log_since, until
from tests.hostile.raw import ClosedError, RawClient
from tests.servers import Server, ServerKind, Servers

WORKING: Final = "/ws/guarded/working/"

#: How many clients there are; by default few, because each takes its time to connect.
CLIENTS: Final = int(os.environ.get("DRAIN_CLIENTS", "30"))

#: What lets each server notice in a moment that nobody answers its pings: by default it takes up to 40 seconds with
#: uvicorn, and up to 50 with daphne.
PINGS: Final[dict[str, list[str]]] = {
    **{kind: ["--ws-ping-interval", "0.3", "--ws-ping-timeout", "0.3"] for kind in KINDS if kind.startswith("uvicorn")},
    "daphne": ["--ping-interval", "1", "--ping-timeout", "1"],
}


@pytest.mark.parametrize("kind", PINGS)
def test_case_50_a_client_that_vanishes(kind: ServerKind, servers: Servers) -> None:
    """It answers no pings any more, its TCP connection as open as ever. One that answers stays, silent as it is."""
    server = servers.start(kind, options=PINGS[kind], DJANGO_DEBUG="0")
    with RawClient(server, WORKING) as honest, RawClient(server, WORKING):
        honest.receive()
        honest.answer_pings(0.5)
        until(lambda: has_vanished(server, honest))
        honest.send('{"action":"ping"}')
        assert honest.receive()["action"] == "pong"


def has_vanished(server: Server, honest: RawClient) -> bool:
    """Whether but one client, and whoever asks, is still connected; meanwhile that one answers its pings."""
    honest.answer_pings(0.2)
    now = counts(server)
    return now["connected"] - now["disconnected"] == 2


@pytest.mark.parametrize("kind", KINDS)
def test_case_50_a_client_that_is_silent(kind: ServerKind, servers: Servers) -> None:
    """Where the service asks for signs of life, on each server; time in a handler does not count."""
    server = servers.start(kind, chanx={"IDLE_TIMEOUT": 1.0}, DJANGO_DEBUG="0")
    with RawClient(server, WORKING) as silent, RawClient(server, WORKING) as busy, RawClient(server, WORKING) as alive:
        for client in (silent, busy, alive):
            client.receive()
        busy.send('{"action":"work","payload":2.6}')
        for _ in range(5):
            alive.send('{"action":"ping"}')
            assert alive.receive()["action"] == "pong"
            time.sleep(0.5)
        with pytest.raises(ClosedError) as closed:
            silent.receive()
        assert closed.value.code == 4408
        assert busy.receive()["action"] == "worked"


@pytest.mark.parametrize("kind", KINDS)
def test_case_51_sigterm(kind: ServerKind, servers: Servers) -> None:
    """Each client is told; what is being handled may finish, but not for ever; and the server exits."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(CLIENTS * 2, 1024)), hard))
    server = servers.start(kind, chanx={"DRAIN_SECONDS": 1.5}, DJANGO_DEBUG="0", ONLY_FOR="shutdown")
    with ExitStack() as stack:
        clients = [stack.enter_context(RawClient(server, WORKING)) for _ in range(CLIENTS)]
        for client in clients:
            client.receive()
        busy, hanging, *idle = clients
        busy.send('{"action":"work","payload":0.7}')
        # Behind what is being handled: it is not begun any more.
        busy.send('{"action":"touch"}')
        hanging.send('{"action":"work","payload":60}')
        until(lambda: counts(server)["begun"] == 2)
        start, position = time.monotonic(), server.log.stat().st_size
        server.process.send_signal(signal.SIGTERM)
        if kind == "granian":
            # Cuts off at once, while the application tries to tell: docs/guide/deployment.md.
            assert {client.skip_to_close() for client in clients} <= {None, 1012}
        else:
            restart = 4012 if kind == "daphne" else 1012
            # All that were idle, before those that were not.
            assert {client.skip_to_close() for client in idle} == {restart}
            assert busy.receive() == {"action": "worked", "payload": None}
            with pytest.raises(ClosedError) as closed:
                busy.receive()
            assert closed.value.code == restart
            assert hanging.skip_to_close() == restart
        server.process.wait(10 + CLIENTS / 50 - (time.monotonic() - start))
    log = log_since(server, position)
    assert kind in ("granian", "hypercorn") or re.search(r"Ending \d+ connections", log)
    # hypercorn itself reports what it cancels.
    assert kind == "hypercorn" or "Traceback" not in log, log
