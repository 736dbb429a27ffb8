"""Requests that a service knows again: a client in Python sends them once more, and its caller notices nothing."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from types import ModuleType
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

Sdk = Any
#: What a server does with its first connection, its second one, and so on.
Turn = Callable[["Line"], Awaitable[None]]

WINDOW = 300.0
PAYLOAD = {"id": 1, "kind": "message", "author": "a", "text": "", "created_at": "2025-01-31T12:00:00Z"}


class Line:
    """One connection, seen from the server."""

    def __init__(self, socket: ServerConnection) -> None:
        self.socket = socket

    async def greet(self, name: str | None) -> None:
        payload = {"status_code": 200, "status_text": "OK", "data": {}}
        await self.give({"action": "authentication", "payload": payload})
        if name is not None:
            await self.give({"action": "positions", "payload": {"client": name, "groups": {}}})

    async def give(self, frame: dict[str, Any]) -> None:
        await self.socket.send(json.dumps(frame))

    async def take(self) -> dict[str, Any]:
        return dict(json.loads(await self.socket.recv()))

    async def post(self, frame: dict[str, Any], text: str) -> None:
        """Answers a request."""
        await self.give({"action": "posted", "payload": {**PAYLOAD, "text": text}, "reply_to": frame["id"]})


@pytest.fixture
def sdk(sdk: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Sdk:
    """The client of the demo, of whose requests one is known again."""
    untyped: Any = sdk
    told = replace(untyped.ChatClient._description, repeatable={"post_message": WINDOW}, resumable=False)
    monkeypatch.setattr(untyped.ChatClient, "_description", told)
    return untyped


@asynccontextmanager
async def service(sdk: Sdk, *turns: Turn, **options: Any) -> AsyncGenerator[Any]:
    """A client of a server that does this with its connections; when a turn ends, so does its connection."""
    left = list(turns)
    failures: list[BaseException] = []

    async def talk(socket: ServerConnection) -> None:
        try:
            # On a slow machine an attempt may time out before anything is said.
            await (left.pop(0) if len(left) > 1 else left[0])(Line(socket))
        except AssertionError as failure:
            failures.append(failure)
        socket.transport.abort()

    async with serve(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        chosen = sdk.Options(**{"retry": sdk.Retry(min=0.01, max=0.02), **options})
        async with asyncio.timeout(30), sdk.ChatClient(f"ws://127.0.0.1:{port}", pk=7, options=chosen) as client:
            yield client
    assert not failures
    assert len(left) == 1


def post(sdk: Sdk, text: str = "Hello") -> Any:
    return sdk.ChatPostMessage(payload=sdk.ChatPostPayload(text=text))


async def test_one_is_sent_again_under_the_name_of_its_first_connection(sdk: Sdk) -> None:
    seen: list[dict[str, Any]] = []

    async def cut_off(line: Line) -> None:
        await line.greet(f"name {len(seen)}")
        seen.append(await line.take())

    async def answer(line: Line) -> None:
        await cut_off(line)
        await line.post(seen[-1], "done")
        # The next one belongs to this connection.
        frame = await line.take()
        assert "retry" not in frame
        await line.post(frame, "another")
        await line.socket.wait_closed()

    async with service(sdk, cut_off, cut_off, answer) as client:
        assert (await client.request(post(sdk))).payload.text == "done"
        assert (await client.request(post(sdk))).payload.text == "another"
    first = {"action": "post_message", "payload": {"text": "Hello"}, "id": seen[0]["id"]}
    assert seen == [first, {**first, "retry": "name 0"}, {**first, "retry": "name 0"}]


async def test_answers_that_had_come_before_come_once(sdk: Sdk) -> None:
    async def answer(line: Line, count: int, *, ends: bool = False) -> None:
        await line.greet("name")
        frame = await line.take()
        for number in range(count):
            await line.post(frame, str(number))
        if ends:
            await line.give({"action": "error", "payload": {"detail": "", "code": "end"}, "reply_to": frame["id"]})
            await line.socket.wait_closed()
        # What was sent before the end of a connection may not have arrived.
        await asyncio.sleep(0.2)

    turns: list[Turn] = [partial(answer, count=3), partial(answer, count=2), partial(answer, count=5, ends=True)]
    async with service(sdk, *turns) as client:
        got: list[str] = []

        async def listen() -> None:
            async for message in client._replies(post(sdk), 20):
                got.append(message.payload.text)  # noqa: PERF401 - until it fails

        with pytest.raises(sdk.RequestFailed):
            await listen()
    assert got == ["0", "1", "2", "3", "4"]


async def test_it_is_told_what_nobody_knows(sdk: Sdk) -> None:
    async def cut_off(line: Line) -> None:
        await line.greet("name")
        await line.take()

    async def refuse(line: Line) -> None:
        await line.greet("name")
        frame = await line.take()
        payload = {"detail": "", "code": "outcome_unknown"}
        await line.give({"action": "error", "payload": payload, "reply_to": frame["id"]})
        await line.socket.wait_closed()

    async with service(sdk, cut_off, refuse) as client:
        with pytest.raises(sdk.RequestFailed) as raised:
            await client.request(post(sdk))
        assert raised.value.error.payload["code"] == "outcome_unknown"


async def test_what_the_document_does_not_name_fails_as_ever(sdk: Sdk) -> None:
    async def cut_off(line: Line) -> None:
        await line.greet("name")
        await line.take()

    async def quiet(line: Line) -> None:
        await line.greet("name")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.take(), 0.1)
        await line.socket.wait_closed()

    async with service(sdk, cut_off, quiet) as client:
        with pytest.raises(sdk.SocketClosed):
            await client.request(sdk.ChatFetchHistory())
        async for change in client.watch():
            if change.state == "open":
                break
        await asyncio.sleep(0.2)


async def test_nothing_is_asked_before_the_client_knows_its_name(sdk: Sdk) -> None:
    async def silent(line: Line) -> None:
        await line.greet(None)
        await line.socket.wait_closed()

    async def gone(line: Line) -> None:
        await line.greet(None)

    async def late(line: Line) -> None:
        await line.greet(None)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(line.take(), 0.1)
        await line.give({"action": "positions", "payload": {"client": "name", "groups": {}}})
        frame = await line.take()
        await line.post(frame, "done")
        await line.socket.wait_closed()

    async with service(sdk, silent, gone, late, open_timeout=2) as client:
        assert (await client.request(post(sdk))).payload.text == "done"


async def test_it_is_given_up_when_the_service_no_longer_knows_it(sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> None:
    told = replace(sdk.ChatClient._description, repeatable={"post_message": 0.05})
    monkeypatch.setattr(sdk.ChatClient, "_description", told)

    async def cut_off(line: Line) -> None:
        await line.greet("name")
        await line.take()
        await asyncio.sleep(0.1)

    async def quiet(line: Line) -> None:
        await line.greet("name")
        await line.socket.wait_closed()

    async with service(sdk, cut_off, quiet) as client:
        with pytest.raises(sdk.SocketClosed):
            await client.request(post(sdk))
        while client.state != "open":
            await asyncio.sleep(0.01)


async def test_nobody_waits_and_nothing_is_sent_again(sdk: Sdk) -> None:
    frames: list[dict[str, Any]] = []

    async def cut_off(line: Line) -> None:
        await line.greet("name")
        frames.append(await line.take())
        await asyncio.sleep(0.3)

    async def quiet(line: Line) -> None:
        await line.greet("name")
        frames.append(await line.take())
        await line.post(frames[-1], "other")
        await line.socket.wait_closed()

    async with service(sdk, cut_off, quiet) as client:
        with pytest.raises(sdk.RequestTimeout):
            await client.request(post(sdk, "given up"), timeout=0.05)
        async for change in client.watch():
            if change.reconnected:
                break
        await client.request(post(sdk, "other"))
    assert [frame["payload"]["text"] for frame in frames] == ["given up", "other"]


async def test_a_closed_client_fails_what_waits(sdk: Sdk) -> None:
    async def cut_off(line: Line) -> None:
        await line.greet("name")
        await line.take()

    async with service(sdk, cut_off, retry=sdk.Retry(min=50, max=50), random=lambda: 1.0) as client:
        asked = asyncio.create_task(client.request(post(sdk)))
        while client.state != "waiting":
            await asyncio.sleep(0.01)
        assert not asked.done()
        await client.close()
        with pytest.raises(sdk.SocketClosed):
            await asked
