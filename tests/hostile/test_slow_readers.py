"""Clients that connect and then do not read, while others of their group do."""

import json
import os
from typing import Final

import pytest

from chanx.close_codes import CloseCode
from tests.hostile.conftest import KINDS, Hostile, counts, until
from tests.servers import Server, ServerKind, Servers

PATH = "/ws/guarded/flooding/"
#: Messages of 20 kB: more than all buffers on the way hold, and than OUTBOX_SIZE.
MANY = 600
#: daphne is none of them, which takes every frame at once and keeps it: see below. The Makefile says which.
SERVERS: Final = [kind for kind in KINDS if kind in os.environ.get("SLOW_READERS", "uvicorn").split()]
GONE = "flooded and disconnected"


def flood(number: int) -> str:
    return json.dumps({"action": "flood", "payload": number})


def reads_all(reader: Hostile, number: int) -> None:
    """Sends a flood, and reads every message of it, in order."""
    reader.client.send(flood(number))
    for expected in range(number):
        message = reader.client.receive()
        assert (message["action"], message["payload"]) == ("flooded", expected)


@pytest.mark.parametrize("kind", SERVERS)
def test_case_46_slow_reader_with_too_much_to_read(kind: ServerKind, servers: Servers) -> None:
    """It is closed with 1013, the others get everything, and nothing of it is left."""
    server = servers.start(kind, DJANGO_DEBUG="0", chanx={"SEND_TIMEOUT": None})
    before = counts(server)[GONE]
    with Hostile.at(server, PATH) as slow, Hostile.at(server, PATH) as reader:
        for hostile in (slow, reader):
            assert hostile.client.receive()["action"] == "authentication"
        reads_all(reader, MANY)
        # What is on its way is still there to be read, and then the reason.
        assert slow.client.skip_to_close() == hostile.code(CloseCode.TRY_AGAIN_LATER)
        until(lambda: counts(server)[GONE] == before + 1)
        assert reader.ask('{"action":"touch"}')["action"] == "touched"


@pytest.mark.parametrize("kind", SERVERS)
def test_case_46_slow_reader_that_takes_too_long(kind: ServerKind, servers: Servers) -> None:
    """One that never reads again is given up, although it cannot even be told."""
    server = servers.start(kind, DJANGO_DEBUG="0", chanx={"SEND_TIMEOUT": 0.5, "OUTBOX_SIZE": 1_000_000_000})
    before = counts(server)[GONE]
    with Hostile.at(server, PATH) as slow, Hostile.at(server, PATH) as reader:
        for hostile in (slow, reader):
            assert hostile.client.receive()["action"] == "authentication"
        reads_all(reader, MANY)
        until(lambda: counts(server)[GONE] == before + 1, 30)
        assert "closes because the client reads too slowly" in reader.log()
        reads_all(reader, 5)


def test_case_46_slow_reader_of_daphne(servers: Servers) -> None:
    """daphne says of no client that it does not read. Its own pings find out, and it cuts the connection off."""
    server: Server = servers.start("daphne", DJANGO_DEBUG="0", options=("--ping-interval", "1", "--ping-timeout", "1"))
    before = counts(server)[GONE]
    with Hostile.at(server, PATH) as slow, Hostile.at(server, PATH) as reader:
        for hostile in (slow, reader):
            assert hostile.client.receive()["action"] == "authentication"
        reads_all(reader, MANY)
        until(lambda: is_gone(server, before, reader), 30)


def is_gone(server: Server, before: int, reader: Hostile) -> bool:
    """Whether the one who does not read is gone; the other one answers its pings meanwhile."""
    reader.client.answer_pings(0.2)
    return counts(server)[GONE] == before + 1
