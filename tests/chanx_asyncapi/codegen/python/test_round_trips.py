"""The generated client and the demo, on real servers: every operation, and what goes wrong."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from types import ModuleType
from typing import Any

import pytest

from demo.seed import ALICE, BOB, DemoUser
from tests.servers import Server, ServerKind, Servers

Sdk = Any
LOBBY, LEADERSHIP = 1, 2


@pytest.fixture(name="sdk")
def untyped(sdk: ModuleType) -> Sdk:
    return sdk


@pytest.fixture(params=["uvicorn", "daphne"])
def server(request: pytest.FixtureRequest, servers: Servers) -> Server:
    kind: ServerKind = request.param
    return servers.start(kind)


class Tokens:
    """Gives these tokens, one for each connection, the last one again and again; and remembers what was asked."""

    def __init__(self, *tokens: str) -> None:
        self._tokens = tokens
        self.asked: list[bool] = []

    async def __call__(self, *, refresh: bool) -> str:
        self.asked.append(refresh)
        return self._tokens[min(len(self.asked), len(self._tokens)) - 1]


@asynccontextmanager
async def chat(sdk: Sdk, url: str, user: DemoUser = BOB, pk: int = LOBBY, **options: Any) -> AsyncGenerator[Any]:
    chosen = sdk.Options(**{"retry": sdk.Retry(min=0.02, max=0.2), **options})
    async with sdk.ChatClient(url, pk=pk, auth=user.token, options=chosen) as client:
        yield client


async def next_of(iterator: AsyncIterator[Any], kind: Any) -> Any:
    """The next message of a class."""
    async with asyncio.timeout(60):
        while not isinstance(message := await anext(iterator), kind):
            pass
        return message


async def test_every_operation_of_the_chat(sdk: Sdk, server: Server) -> None:
    async with chat(sdk, server.origin, ALICE) as alice, chat(sdk, server.origin) as bob:
        posted = await bob.request(sdk.ChatPostMessage(payload=sdk.ChatPostPayload(text="Grüße, @alice 👋")))
        assert isinstance(posted, sdk.ChatPosted)
        assert posted.payload.created_at.tzinfo is not None

        relayed = await next_of(aiter(alice), sdk.ChatMessagePosted)
        assert (relayed.payload, relayed.is_mine, relayed.is_current) == (posted.payload, False, False)

        await bob.send(sdk.ChatSetTyping(payload=sdk.ChatTypingPayload(typing=True)))
        assert (await next_of(aiter(alice), sdk.ChatUserTyping)).payload.user == "bob"

        history = await alice.request(sdk.ChatFetchHistory())
        assert history.payload.messages[-1] == posted.payload
        page = sdk.ChatHistoryRequest(before=posted.payload.id, limit=1)
        older = await alice.request(sdk.ChatFetchHistory(payload=page))
        assert [message.id < posted.payload.id for message in older.payload.messages] == [True]

        assert isinstance(await alice.request(sdk.ChanxIncomingPingMessage()), sdk.ChanxOutgoingPongMessage)

        path = f"/api/rooms/{LOBBY}"
        await asyncio.to_thread(server.request, "POST", f"{path}/announcements/", {"text": "Lunch"}, token=ALICE.token)
        announcement = await next_of(aiter(bob), sdk.ChatAnnouncement)
        assert (announcement.payload.kind, announcement.payload.text) == ("announcement", "Lunch")
        gone = announcement.payload.id
        await asyncio.to_thread(server.request, "DELETE", f"{path}/messages/{gone}/", token=ALICE.token)
        assert (await next_of(aiter(bob), sdk.ChatRemoved)).payload.id == gone


async def test_a_refusal_of_the_service_is_an_answer(sdk: Sdk, server: Server) -> None:
    message = sdk.ChatPostMessage(payload=sdk.ChatPostPayload(text="Twice"))
    async with chat(sdk, server.origin, ALICE, LEADERSHIP) as alice:
        first = await alice.request(message)
        second = await alice.request(message)
    # The first one may come within the ten seconds of an earlier test, too.
    assert {type(first), type(second)} <= {sdk.ChatPosted, sdk.ChatRefused}
    match second:
        case sdk.ChatRefused(payload=payload):
            assert 0 < payload.retry_after <= 10
        case other:
            pytest.fail(f"{other!r} was not refused")


async def test_every_operation_of_the_assistant(sdk: Sdk, server: Server) -> None:
    question = sdk.AssistantAsk(payload=sdk.AssistantAskPayload(question="How do I log in?"))
    async with sdk.AssistantClient(server.origin) as client:
        ready = await next_of(aiter(client), sdk.AssistantReady)
        texts: list[str] = []
        async for piece in client.replies(question):
            if isinstance(piece, sdk.AssistantDone):
                assert (piece.payload.reason, piece.payload.tokens) == ("complete", len(texts))
                break
            assert isinstance(piece, sdk.AssistantToken)
            assert piece.payload.index == len(texts)
            texts.append(piece.payload.text)
        assert len("".join(texts)) > 20
        # Stopped through REST, by the session that it told.
        replies = client.replies(question)
        await anext(replies)
        await asyncio.to_thread(server.request, "POST", f"/api/assistant/{ready.payload.session}/stop/")
        done = await next_of(replies, sdk.AssistantDone)
        assert done.payload.reason == "stopped"
        assert isinstance(await client.request(sdk.ChanxIncomingPingMessage()), sdk.ChanxOutgoingPongMessage)


async def test_every_operation_of_the_notifications(sdk: Sdk, server: Server) -> None:
    async with (
        sdk.NotificationsClient(server.origin, auth=ALICE.token) as phone,
        sdk.NotificationsClient(server.origin, auth=ALICE.token) as desk,
        chat(sdk, server.origin) as bob,
    ):
        await next_of(aiter(phone), sdk.NotificationsUnread)
        await bob.request(sdk.ChatPostMessage(payload=sdk.ChatPostPayload(text="Ping @alice")))
        notified = await next_of(aiter(desk), sdk.NotificationsNotified)
        await next_of(aiter(phone), sdk.NotificationsNotified)
        read = sdk.NotificationsMarkRead(payload=sdk.NotificationsReadPayload(ids=[notified.payload.id]))
        await phone.send(read)
        assert isinstance(await next_of(aiter(phone), sdk.NotificationsUnread), sdk.NotificationsUnread)
        elsewhere = await next_of(aiter(desk), sdk.NotificationsReadElsewhere)
        assert (elsewhere.payload.ids, elsewhere.is_mine) == ([notified.payload.id], True)
        assert isinstance(await phone.request(sdk.ChanxIncomingPingMessage()), sdk.ChanxOutgoingPongMessage)


async def test_errors_and_time_outs(sdk: Sdk, server: Server) -> None:
    async with chat(sdk, server.origin) as bob:
        # The model refuses it already; whoever goes past it hears it from the server.
        with pytest.raises(ValueError, match="at least 1 character"):
            sdk.ChatPostPayload(text="")
        empty = sdk.ChatPostPayload.model_construct(text="")
        wrong = sdk.ChatPostMessage.model_construct(action="post_message", payload=empty)
        with pytest.raises(sdk.ChatClient.RequestFailed) as raised:
            await bob.request(wrong)
        (error,) = raised.value.error.payload
        assert (error["type"], error["loc"]) == ("string_too_short", ["post_message", "payload", "text"])
        with pytest.raises(sdk.RequestTimeout):
            await bob.request(sdk.ChatFetchHistory(), timeout=0)
        assert isinstance(await bob.request(sdk.ChatFetchHistory()), sdk.ChatHistory)


async def test_an_expired_token_is_refreshed_once(sdk: Sdk, server: Server) -> None:
    tokens = Tokens("expired", BOB.token)
    options = sdk.Options(retry=sdk.Retry(min=0.01))
    async with sdk.ChatClient(server.origin, pk=LOBBY, auth=tokens, options=options) as client:
        assert isinstance(await client.request(sdk.ChatFetchHistory()), sdk.ChatHistory)
    assert tokens.asked == [False, True]


@pytest.mark.parametrize(
    ("token", "pk", "code", "asked"),
    [("wrong", LOBBY, 4401, [False, True]), (BOB.token, LEADERSHIP, 4403, [False]), (BOB.token, 999, 4404, [False])],
)
async def test_a_refused_client_stays_away(
    sdk: Sdk, server: Server, token: str, pk: int, code: int, asked: list[bool]
) -> None:
    tokens = Tokens(token)
    client = sdk.ChatClient(server.origin, pk=pk, auth=tokens, options=sdk.Options(retry=sdk.Retry(min=0.01)))
    with pytest.raises(sdk.SocketClosed) as raised:
        await client.connect()
    assert raised.value.code == code
    # Neither does it try again behind our back.
    await asyncio.sleep(0.2)
    assert tokens.asked == asked


async def test_a_frame_that_is_too_large_is_not_sent_again_and_again(sdk: Sdk, server: Server) -> None:
    large = sdk.ChatPostMessage.model_construct(
        action="post_message", payload=sdk.ChatPostPayload.model_construct(text="x" * 70_000)
    )
    async with chat(sdk, server.origin) as bob:
        with pytest.raises(sdk.SocketClosed) as raised:
            await bob.request(large)
        assert raised.value.code in (1009, 4009)
        with pytest.raises(sdk.SocketClosed):
            async for _ in bob:
                pass  # what had come before
        assert bob.state == "closed"


class Forwarder:
    """An address that stays while the server behind it is another one."""

    def __init__(self) -> None:
        self.target = 0

    async def __aenter__(self) -> "Forwarder":
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self.url = f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self._copy(reader, back), self._copy(there, writer))
        writer.close()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()


@pytest.mark.parametrize("kind", ["uvicorn", "daphne"])
async def test_a_server_that_restarts(sdk: Sdk, servers: Servers, kind: ServerKind) -> None:
    async with Forwarder() as address:
        first = servers.start(kind, RESTARTED="yes")
        address.target = first.port
        async with chat(sdk, address.url, queue=5) as bob:
            changes: list[Any] = []

            async def note() -> None:
                async for change in bob.watch():
                    changes.append(change)  # noqa: PERF401  # each is there as soon as it comes

            def waits() -> list[Any]:
                return [change for change in changes if change.state == "waiting"]

            noting = asyncio.create_task(note())
            await bob.request(sdk.ChanxIncomingPingMessage())
            await asyncio.to_thread(first.stop)
            # Nobody is there: it is tried again, each time within a limit that doubles.
            await until(lambda: len(waits()) >= 5)
            assert waits()[0].close.code in (1012, 4012)
            limits = [0.02, 0.04, 0.08, 0.16, 0.2]
            assert all(0 <= change.delay <= limit for change, limit in zip(waits(), limits, strict=False))
            await bob.send(sdk.ChatPostMessage(payload=sdk.ChatPostPayload(text="Sent while nobody was there")))
            second = await asyncio.to_thread(servers.start, kind, RESTARTED="yes")
            assert second.port != first.port
            address.target = second.port
            await until(lambda: changes[-1].state == "open")
            assert changes[-1].reconnected
            # What waited is the first that is sent; its answer has no request.
            posted = await next_of(aiter(bob), sdk.ChatPosted)
            assert posted.payload.text == "Sent while nobody was there"
        await noting


async def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so, on a busy machine too."""
    async with asyncio.timeout(90):
        while not condition():
            await asyncio.sleep(0.02)
