"""Plays the wire transcripts of tests/golden/wire/ against a running server.

A transcript is a list of steps, each with one of these:

- ``open``: a client connects, with a ``token`` of the demo (sent as a header), a ``session`` (its cookie), an
  ``origin`` or ``subprotocols``; ``selected`` is the subprotocol that the server must select, ``refused`` the HTTP
  status of a handshake that must fail;
- ``from`` a client: the ``frame`` it sends, as JSON, or its ``text`` or ``binary``, or JSON of so many ``bytes`` or of
  such ``depth``;
- ``to`` a client: the ``frame`` that must come next, or the ``close`` code (under daphne its twin);
- ``post``: a request of the REST API.

Frames that come at any moment are passed over where no step names them: who is present, and where the history is.

``<integer>``, ``<text>``, ``<hex>`` and ``<datetime>`` stand for values that differ each time.
"""

import asyncio
import json
import re
from collections.abc import Collection
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin, Subprotocol

from chanx.close_codes import CLOSE_CODES
from demo.seed import DEMO_USERS
from tests.servers import ROOT, Server

FOLDER: Final = ROOT / "tests" / "golden" / "wire"

#: Seconds within which a frame must come.
PATIENCE: Final = 10

#: The rooms that seeding makes in an empty database.
PLACES: Final = {"lobby": "1", "leadership": "2"}

#: The pattern of what each placeholder stands for, in JSON form.
PLACEHOLDERS: Final = {
    "<integer>": r"-?\d+",
    "<text>": r'".+"',
    "<hex>": r'"[0-9a-f]{32}"',
    "<datetime>": r'"\d{4}-\d\d-\d\dT\d\d:\d\d.*"',
}


#: Actions of the frames that come at any moment.
AT_ANY_MOMENT: Final = frozenset({"positions", "presence", "presence_changed"})


@dataclass(frozen=True)
class Transcript:
    """What clients send, and what the server answers, word for word."""

    name: str
    about: str
    settings: dict[str, Any]
    steps: list[dict[str, Any]]


def transcripts() -> list[Transcript]:
    """All of them, by name."""
    return [_read(file) for file in sorted(FOLDER.glob("*.json"))]


def _read(file: Path) -> Transcript:
    content = json.loads(file.read_text(encoding="utf-8"))
    return Transcript(file.stem, content["about"], content.get("settings", {}), content["steps"])


async def play(transcript: Transcript, server: Server) -> None:
    """Fails at the first step that is not as written; at the end, when a frame came that nobody expected."""
    async with AsyncExitStack() as stack:
        clients: dict[str, ClientConnection] = {}
        for number, step in enumerate(transcript.steps, start=1):
            where = f"{transcript.name}, step {number} on {server.kind}: {transcript.about}"
            if "open" in step:
                client = await _open(step, server, stack, where)
                if client is not None:
                    clients[step["open"]] = client
            elif "from" in step:
                await _send(step, clients[step["from"]])
            elif "to" in step:
                await _expect(step, clients[step["to"]], server, where)
            else:
                assert "post" in step, f"{where}: a step must have open, from, to or post"
                await asyncio.to_thread(
                    server.request, "POST", _fill(step["post"]), step["body"], token=_token(step["token"])
                )
        for name, client in clients.items():
            await _expect_nothing(client, f"{transcript.name} on {server.kind}, {name}")


async def _open(step: dict[str, Any], server: Server, stack: AsyncExitStack, where: str) -> ClientConnection | None:
    headers: dict[str, str] = {}
    if "token" in step:
        headers["Authorization"] = f"Token {_token(step['token'])}"
    if "session" in step:
        user = next(user for user in DEMO_USERS if user.name == step["session"])
        headers["Cookie"] = await asyncio.to_thread(server.log_in, user.name, user.password)
    origin = step.get("origin")
    connecting = connect(
        server.ws(_fill(step["path"])),
        additional_headers=headers,
        origin=Origin(server.origin if origin == "{own}" else origin) if origin else None,
        subprotocols=[Subprotocol(name) for name in step.get("subprotocols", [])] or None,
        proxy=None,
    )
    refused = step.get("refused")
    try:
        client = await stack.enter_async_context(connecting)
    except InvalidStatus as error:
        assert refused is not None, f"{where}: the handshake was refused with {error.response.status_code}"
        # daphne cannot answer a handshake with a status of the application's: ASGI's denial is always 403.
        assert error.response.status_code == refused[server.kind if server.kind in refused else "status"], where
        return None
    assert refused is None, f"{where}: the handshake should have been refused"
    assert client.subprotocol == step.get("selected"), where
    return client


async def _send(step: dict[str, Any], client: ClientConnection) -> None:
    match step:
        case {"binary": str(text)}:
            await client.send(text.encode())
        case {"text": str(text)}:
            await client.send(text)
        case {"bytes": int(size)}:
            # The last letter has two bytes: bytes count, not characters.
            await client.send('"' + "x" * (size - 4) + 'é"')
        case {"depth": int(depth)}:
            await client.send("[" * depth + "]" * depth)
        case _:
            await client.send(json.dumps(step["frame"]))


async def _next(client: ClientConnection, patience: float, passed_over: Collection[str]) -> str | bytes:
    while True:
        received = await asyncio.wait_for(client.recv(), patience)
        frame = json.loads(received)
        if frame.get("action", frame.get("type")) not in passed_over:
            return received


async def _expect(step: dict[str, Any], client: ClientConnection, server: Server, where: str) -> None:
    named = {step.get("frame", {}).get(key) for key in ("action", "type")}
    try:
        received = await _next(client, PATIENCE, AT_ANY_MOMENT - named)
    except TimeoutError:
        raise AssertionError(f"{where}: nothing came; see {server.log}") from None
    except ConnectionClosed as closed:
        assert "close" in step, f"{where}: closed with {closed.rcvd} in place of {step['frame']}"
        assert closed.rcvd is not None, f"{where}: the connection broke off without a close frame"
        code = step["close"]
        assert closed.rcvd.code == (CLOSE_CODES[code].daphne if server.kind == "daphne" else code), where
        return
    assert "frame" in step, f"{where}: received {received!r} in place of the close"
    frame = json.loads(received)
    assert _matches(step["frame"], frame), f"{where}:\nexpected {json.dumps(step['frame'])}\nreceived {received!r}"


async def _expect_nothing(client: ClientConnection, where: str) -> None:
    try:
        surplus = await _next(client, 0.05, AT_ANY_MOMENT)
    except (TimeoutError, ConnectionClosed):
        return
    raise AssertionError(f"{where}: a frame that no step expects: {surplus!r}")


def _matches(expected: Any, received: Any) -> bool:
    """Equal, keys and their order included, but for placeholders."""
    if isinstance(expected, str) and expected in PLACEHOLDERS:
        return re.fullmatch(PLACEHOLDERS[expected], json.dumps(received)) is not None
    if isinstance(expected, dict) and isinstance(received, dict):
        return list(expected) == list(received) and all(_matches(expected[key], received[key]) for key in expected)
    if isinstance(expected, list) and isinstance(received, list):
        return len(expected) == len(received) and all(map(_matches, expected, received))
    return type(expected) is type(received) and bool(expected == received)


def _fill(path: str) -> str:
    return path.format(**PLACES)


def _token(name: str) -> str:
    """The token of one of the demo's users; a name that is none of theirs is a wrong token."""
    return next((user.token for user in DEMO_USERS if user.name == name), name)
