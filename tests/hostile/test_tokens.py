"""Credentials and what becomes of them: in logs, and when they end."""

import pytest

from demo.seed import ALICE
from tests.hostile.raw import ClosedError, RawClient
from tests.servers import Server, ServerKind, Servers

NOTIFICATIONS = "/ws/notifications/"


@pytest.fixture
def logging_server(kind: ServerKind, servers: Servers) -> Server:
    """A server that logs as the guide says."""
    return servers.start(kind, DJANGO_DEBUG="0", CONTRACT_LOGGING="docs/guide/deployment.md")


def test_case_34_token_in_a_query(logging_server: Server) -> None:
    """Neither a ticket that is good, nor a token that is none, is in any log."""
    ticket = logging_server.request("POST", "/api/ws-ticket/", token=ALICE.token)["ticket"]
    with RawClient(logging_server, f"{NOTIFICATIONS}?ticket={ticket}&page=1") as client:
        assert client.receive()["payload"]["status_code"] == 200
    for query in (f"ticket={ticket}", "page=1&access_token=s3cret-as-can-be"):
        with RawClient(logging_server, f"{NOTIFICATIONS}?{query}") as client:
            assert client.receive()["payload"]["status_code"] == 401
            with pytest.raises(ClosedError):
                client.receive()
    log = logging_server.log.read_text()
    assert NOTIFICATIONS in log
    assert ticket not in log
    assert "s3cret-as-can-be" not in log
    if logging_server.kind == "uvicorn":  # daphne leaves the query string out
        assert f"{NOTIFICATIONS}?ticket=[redacted]&page=1" in log
        assert f"{NOTIFICATIONS}?page=1&access_token=[redacted]" in log
