"""Clients that are not let in, and what they try meanwhile; the numbers are those of the list of cases."""

import json
from typing import Any

import pytest

from demo.seed import ALICE
from tests.hostile.conftest import Hostile, assert_no_failure, counts, log_since
from tests.hostile.guarded import BY_OBJECT, INTERNAL
from tests.hostile.raw import ClosedError, RawClient, RefusedError, frame
from tests.servers import Server

TOKEN = f"Authorization: Token {ALICE.token}".encode()
TOUCH = '{"action":"touch"}'


def refusal(hostile: Hostile) -> tuple[int, Any, int | None]:
    """Status, data and close code of a client that is not let in."""
    payload = hostile.client.receive()["payload"]
    with pytest.raises(ClosedError) as closed:
        hostile.client.receive()
    return payload["status_code"], payload["data"], closed.value.code


def touched(server: Server) -> int:
    """How often something was executed behind a guard."""
    return counts(server)["touched behind a guard"]


def test_case_26_frames_before_authentication_finishes(any_server: Server) -> None:
    """They wait, in order and with a bound: the server reads no more of them than it wants."""
    with Hostile.at(any_server, "/ws/guarded/accepted-slowly/") as hostile:
        hostile.client.send_raw(b"".join(frame(json.dumps({"action": "touch", "payload": str(n)})) for n in range(200)))
        assert hostile.client.receive()["payload"]["status_code"] == 200
        assert [hostile.client.receive()["payload"] for _ in range(200)] == [str(n) for n in range(200)]


def test_case_27_frames_before_authentication_fails(any_server: Server) -> None:
    """The race test makes thousands of attempts."""
    before = touched(any_server)
    with Hostile.at(any_server, "/ws/guarded/refused-slowly/") as hostile:
        for _ in range(50):
            hostile.client.send(TOUCH)
        assert refusal(hostile)[2] == 4401
    assert touched(any_server) == before


def test_case_28_frames_after_the_close(any_server: Server) -> None:
    """A client that does not answer the close, but sends on."""
    before = touched(any_server)
    with Hostile.at(any_server, "/ws/guarded/touching/") as hostile:
        assert refusal(hostile)[2] == 4401
        for _ in range(50):
            hostile.client.send(TOUCH)
    with Hostile.working(any_server) as hostile:
        begun = counts(any_server)["touched"]
        hostile.client.send_raw(b"".join(map(frame, ['{"action":"leave","payload":4000}', *[TOUCH] * 50])))
        with pytest.raises(ClosedError) as closed:
            hostile.client.receive()
        assert closed.value.code == 4000
        for _ in range(50):
            hostile.client.send(TOUCH)
        assert counts(any_server)["touched"] == begun
    assert touched(any_server) == before


@pytest.mark.parametrize(
    "header",
    [
        b"Authorization: Token not-a-token",
        b"Authorization: Token",
        b"Authorization: Token a b",
        b"Sec-WebSocket-Protocol: chanx.v1, chanx.auth.VG9rZW4gbm9wZQ",
        b"Sec-WebSocket-Protocol: chanx.v1, chanx.auth.!!!",
        b"Sec-WebSocket-Protocol: chanx.bearer.a, chanx.bearer.b",
        b"X-Nothing: at-all",
    ],
)
def test_case_29_bad_token(header: bytes, server: Server) -> None:
    with Hostile.at(server, "/ws/guarded/touching/", header) as hostile:
        status, _, code = refusal(hostile)
        assert (status, code) == (401, 4401)


def test_case_30_denied(any_server: Server) -> None:
    with Hostile.at(any_server, "/ws/guarded/denied/") as hostile:
        detail = {"detail": "You do not have permission to perform this action."}
        assert refusal(hostile) == (403, detail, 4403)


def test_case_31_an_authenticator_that_crashes(any_server: Server) -> None:
    start = any_server.log.stat().st_size
    with RawClient(any_server, "/ws/guarded/crashed/") as client:
        hostile = Hostile(any_server, client, start)
        assert refusal(hostile) == (500, {"detail": "Internal server error"}, 4500)
    log = hostile.log()
    assert log.count("Traceback (most recent call last)") == log.count(f"RuntimeError: {INTERNAL}") == 1


@pytest.mark.parametrize("way", BY_OBJECT)
def test_case_32_an_object_that_is_denied(way: str, server: Server) -> None:
    with Hostile.at(server, f"/ws/guarded/{way}/1/") as hostile:
        status, _, code = refusal(hostile)
        assert (status, code) == (403, 4403)


@pytest.mark.parametrize("way", ["findable", *BY_OBJECT])
@pytest.mark.parametrize("pk", [4711, 10**30])
def test_case_33_an_object_that_is_missing(way: str, pk: int, server: Server) -> None:
    with Hostile.at(server, f"/ws/guarded/{way}/{pk}/") as hostile:
        status, _, code = refusal(hostile)
        assert (status, code) == (404, 4404)


@pytest.mark.parametrize(
    "origin",
    [
        b"https://evil.example",
        b"null",
        b"",
        b"http://",
        b"//127.0.0.1",
        b"http://127.0.0.1:notaport",
        b"http://127.0.0.1:99999999",
        b"http://[::1",
        b"http://127.0.0.1.evil.example",
        b"http://127.0.0.1@evil.example",
        b"javascript:alert(1)",
        b"http://127.0.0.1/\x80\xff",
        b"x" * 4000,
    ],
    ids=lambda origin: ascii(origin)[:24],
)
def test_case_38_an_origin_that_is_not_allowed(origin: bytes, server: Server) -> None:
    """Whatever else the client has: a token would be enough for a program, but this is a page."""
    start = server.log.stat().st_size
    assert_foreign(server, b"Origin: " + origin)
    log = log_since(server, start)
    assert_no_failure(log)
    assert len(log) < 3000


def test_case_38_two_origins(server: Server) -> None:
    assert_foreign(server, f"Origin: {server.origin}".encode(), b"Origin: https://evil.example")


def assert_foreign(server: Server, *headers: bytes) -> None:
    """The handshake is refused for its Origin: by chanx, or by a server that finds it malformed."""
    try:
        with Hostile.at(server, "/ws/guarded/touching/", TOKEN, *headers) as hostile:
            assert refusal(hostile) == (403, {"detail": "Origin not allowed."}, 4403)
    except RefusedError as refused:
        assert refused.status == 400


def test_case_39_no_origin(server: Server) -> None:
    session = f"Cookie: {server.log_in(ALICE.name, ALICE.password)}".encode()
    with Hostile.at(server, "/ws/guarded/touching/", session) as hostile:
        assert refusal(hostile)[2] == 4401
    for headers in ([TOKEN], [TOKEN, session], [session, f"Origin: {server.origin}".encode()]):
        with Hostile.at(server, "/ws/guarded/touching/", *headers) as hostile:
            assert hostile.client.receive()["payload"]["status_code"] == 200


@pytest.mark.parametrize(
    "header",
    [
        b"Authorization: Token \xff\xfe\x80",
        "Authorization: Tökén ☃".encode(),
        b"Authorization: Basic \xff\xff",
        b"Cookie: sessionid=\xff\xfe; \xc3\x28=\x80",
        b"Sec-WebSocket-Protocol: chanx.bearer.\xff",
        b"X-Forwarded-For: \xff",
        b"Host: \xff\xfe",
        b"User-Agent: \xe2\x98\x83\x80",
    ],
    ids=ascii,
)
def test_case_40_a_header_that_is_not_ascii(header: bytes, server: Server) -> None:
    """Refused by chanx or, as it likes, by the server; nothing of ours fails."""
    start = server.log.stat().st_size
    try:
        with RawClient(server, "/ws/guarded/touching/", header) as client:
            status, _, code = refusal(Hostile(server, client, start))
            assert (status, code) == (401, 4401)
    except RefusedError as refused:
        assert refused.status in (400, 500)
    text = log_since(server, start)
    assert "chanx" not in text[text.find("Traceback") :] or "Traceback" not in text, text


@pytest.mark.parametrize(
    "path", ["/", "/ws/nothing/", "/ws/guarded/", "/ws/guarded/findable/x/", "/%0a%1b%5b31m", "/%ff"]
)
def test_case_41_an_unknown_path(path: str, any_server: Server) -> None:
    start = any_server.log.stat().st_size
    with pytest.raises(RefusedError) as refused:
        RawClient(any_server, path)
    assert refused.value.status == (403 if any_server.kind == "daphne" else 404)
    if any_server.kind != "daphne":
        assert b'{"detail":"Not found."}' in refused.value.body
    text = log_since(any_server, start)
    assert_no_failure(text)
    assert "\x1b" not in text
