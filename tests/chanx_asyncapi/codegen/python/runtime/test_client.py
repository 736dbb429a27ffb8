"""The generated client of the demo, against a mock of it: what it does when all is well, and when it is not."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any

import pytest
from websockets.asyncio.client import connect

from chanx_asyncapi.mock.script import parse_script
from chanx_asyncapi.mock.server import MockServer
from tests.chanx_asyncapi.codegen.python.conftest import DEMO

DOCUMENT: dict[str, Any] = json.loads(DEMO.read_text())

Sdk = Any


@pytest.fixture(name="sdk")
def untyped(sdk: ModuleType) -> Sdk:
    """Made while the tests run, so no type checker knows it here; test_types.py checks it."""
    return sdk


def mock_server(**told: Any) -> MockServer:
    """A mock whose chat does what it is told; the other channels do what the document says."""
    return MockServer(DOCUMENT, script=parse_script({"channels": {"chat": told}}))


def quick(sdk: Sdk, **options: Any) -> Any:
    """Options of a client that comes back at once."""
    return sdk.Options(**{"retry": sdk.Retry(min=0.01, max=0.02), **options})


def post(sdk: Sdk, text: str = "Hello") -> Any:
    return sdk.ChatPostMessage(payload=sdk.ChatPostPayload(text=text))


async def soon(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.005)


async def next_of(iterator: Any) -> Any:
    async with asyncio.timeout(60):
        return await anext(iterator)


def sent(mock: MockServer) -> list[Any]:
    return [received.frame for received in mock.received]


class Tokens:
    """Gives a token for each connection, and counts."""

    def __init__(self) -> None:
        self.asked: list[bool] = []

    async def __call__(self, *, refresh: bool) -> str:
        self.asked.append(refresh)
        return f"token-{len(self.asked)}"


@asynccontextmanager
async def chat(sdk: Sdk, mock: MockServer, **arguments: Any) -> AsyncGenerator[Any]:
    async with sdk.ChatClient(mock.base_url, **{"pk": 7, "options": quick(sdk), **arguments}) as client:
        yield client


# Sending and asking


async def test_it_sends_asks_and_iterates(sdk: Sdk) -> None:
    async with mock_server() as mock, chat(sdk, mock) as client:
        assert client.state == "open"
        assert client.authentication["status_code"] == 200
        await client.send(sdk.ChatSetTyping(payload=sdk.ChatTypingPayload(typing=True)))
        answer = await client.request(post(sdk, "Grüße"))
        assert isinstance(answer, sdk.ChatPosted)
        assert answer.payload.created_at.tzinfo is not None
        assert sent(mock)[0] == {"action": "set_typing", "payload": {"typing": True}}
        assert {**sent(mock)[1], "id": ""} == {"action": "post_message", "payload": {"text": "Grüße"}, "id": ""}
        await mock.push("chat", "message_posted")
        match await next_of(aiter(client)):
            case sdk.ChatMessagePosted(is_mine=False, payload=payload):
                assert payload.author == "alice"
            case other:
                pytest.fail(f"{other!r} was not pushed")


async def test_only_what_was_set_is_sent(sdk: Sdk) -> None:
    async with mock_server() as mock, chat(sdk, mock) as client:
        await client.send(sdk.ChatFetchHistory())
        await client.send(sdk.ChatFetchHistory(payload=sdk.ChatHistoryRequest(before=None)))
        await client.request(sdk.ChanxIncomingPingMessage())
        assert sent(mock)[:2] == [
            {"action": "fetch_history"},
            {"action": "fetch_history", "payload": {"before": None}},
        ]


def test_none_is_left_out_where_null_is_not_allowed(sdk: Sdk) -> None:
    assert sdk.ChatFetchHistory(payload=None).to_wire() == {"action": "fetch_history"}
    with pytest.raises(ValueError, match=r"payload\.present\s+Input should be an object"):
        sdk.ChatFetchHistory.model_validate_json('{"action":"fetch_history","payload":null}')


async def test_answers_find_their_requests_in_any_order(sdk: Sdk) -> None:
    def slow(text: str, seconds: float) -> dict[str, Any]:
        payload = {
            "id": 1,
            "kind": "message",
            "author": "a",
            "text": "$message.payload#/payload/text",
            "created_at": "2025-01-31T12:00:00Z",
        }
        reply = {"action": "posted", "payload": payload}
        return {"when": {"payload": {"text": text}}, "later": [{"after": seconds, "reply": reply}]}

    rules = [slow("first", 0.1), slow("second", 0.02)]
    async with mock_server(messages={"post_message": rules}) as mock, chat(sdk, mock) as client:
        answers = await asyncio.gather(client.request(post(sdk, "first")), client.request(post(sdk, "second")))
        assert [answer.payload.text for answer in answers] == ["first", "second"]


async def test_an_error_is_raised(sdk: Sdk) -> None:
    failing = {"post_message": [{"do": [{"fail": "Failed to process message"}]}]}
    async with mock_server(messages=failing) as mock, chat(sdk, mock) as client:
        with pytest.raises(sdk.ChatClient.RequestFailed, match="Failed to process message") as raised:
            await client.request(post(sdk))
        assert isinstance(raised.value, sdk.RequestFailed)
        assert raised.value.error.payload["code"] == "handler_failed"


async def test_a_refusal_names_what_is_wrong(sdk: Sdk) -> None:
    async with mock_server() as mock, chat(sdk, mock) as client:
        with pytest.raises(sdk.RequestFailed) as raised:
            await client.request(sdk.ChatPostMessage.model_construct(action="post_message"))
        assert raised.value.error.payload[0]["type"] == "missing"


async def test_no_answer_in_time(sdk: Sdk) -> None:
    rules = [{"times": 1, "do": [], "later": [{"after": 0.1, "reply": "posted"}]}]
    async with mock_server(messages={"post_message": rules}) as mock, chat(sdk, mock) as client:
        with pytest.raises(sdk.RequestTimeout, match=r"No answer to 'post_message' came within 0\.02 seconds\."):
            await client.request(post(sdk), timeout=0.02)
        assert issubclass(sdk.RequestTimeout, TimeoutError)
        # The late answer is nobody's: neither of the next request nor in the iteration.
        await asyncio.sleep(0.15)
        assert isinstance(await client.request(post(sdk)), sdk.ChatPosted)
        await mock.push("chat", "removed")
        assert isinstance(await next_of(aiter(client)), sdk.ChatRemoved)


async def test_a_cancelled_request_leaves_nothing(sdk: Sdk) -> None:
    async with mock_server(messages={"post_message": [{"do": []}]}) as mock, chat(sdk, mock) as client:
        request = asyncio.create_task(client.request(post(sdk)))
        await soon(lambda: len(mock.received) == 1)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        del request
        assert not client._requests
        assert isinstance(await client.request(sdk.ChanxIncomingPingMessage()), sdk.ChanxOutgoingPongMessage)


async def test_answers_that_are_a_stream(sdk: Sdk) -> None:
    question = sdk.AssistantAsk(payload=sdk.AssistantAskPayload(question="How do I log in?"))
    async with mock_server() as mock, sdk.AssistantClient(mock.base_url, options=quick(sdk)) as client:
        pieces = []
        async for piece in client.replies(question):
            pieces.append(type(piece))
            if isinstance(piece, sdk.AssistantDone):
                break
        assert pieces[-1] is sdk.AssistantDone
        assert {*pieces[:-1]} == {sdk.AssistantToken}
        # The service does not say that the last answer is the last one.
        replies = client.replies(question, timeout=0.05)
        while not isinstance(await anext(replies), sdk.AssistantDone):
            pass
        with pytest.raises(sdk.RequestTimeout):
            await anext(replies)


async def test_an_answer_that_the_document_does_not_describe(sdk: Sdk) -> None:
    raw = '{"action":"posted","payload":{"id":"x"},"reply_to":"%s"}'
    async with mock_server(messages={"post_message": [{"do": []}]}) as mock, chat(sdk, mock) as client:
        request = asyncio.create_task(client.request(post(sdk)))
        await soon(lambda: len(mock.received) == 1)
        client._receive(raw % sent(mock)[0]["id"], client._connection)
        with pytest.raises(sdk.InvalidFrame, match=r"payload\.id: Input should be a valid integer"):
            await request


async def test_what_the_document_does_not_describe_is_logged_and_passed_over(
    sdk: Sdk, caplog: pytest.LogCaptureFixture
) -> None:
    raw = ["{", "[]", '{"action":"fly"}', '{"action":"removed","payload":{}}', '{"action":["removed"]}']
    told = [*({"raw": text} for text in raw), {"send": "removed"}]
    async with mock_server(connect=told) as mock, chat(sdk, mock) as client:
        assert isinstance(await next_of(aiter(client)), sdk.ChatRemoved)
    logged = [record.getMessage() for record in caplog.records if "does not describe" in record.getMessage()]
    assert len(logged) == len(raw)
    assert "fly" not in "".join(logged)


# Not open


async def test_nothing_is_sent_before_and_after(sdk: Sdk) -> None:
    async with mock_server() as mock:
        client = sdk.ChatClient(mock.base_url, pk=7)
        for _ in range(2):
            with pytest.raises(sdk.NotOpen, match="Connect first"):
                await client.send(post(sdk))
            with pytest.raises(sdk.NotOpen):
                await client.request(post(sdk))
            async with client:
                await client.request(post(sdk))
        assert client.state == "closed"


async def test_a_queue_is_bounded_and_sent_in_order(sdk: Sdk) -> None:
    options = quick(sdk, queue=3, retry=sdk.Retry(min=0.2, max=0.2), random=lambda: 1.0)
    async with mock_server() as mock, chat(sdk, mock, options=options) as client:
        mock.drop("chat")
        await soon(lambda: client.state == "waiting")
        for text in ("1", "2", "3"):
            await client.send(post(sdk, text))
        with pytest.raises(sdk.QueueFull):
            await client.send(post(sdk, "4"))
        await soon(lambda: len(mock.received) == 3)
        assert [frame["payload"]["text"] for frame in sent(mock)] == ["1", "2", "3"]


async def test_a_queued_request_that_nobody_waits_for_is_not_sent(sdk: Sdk) -> None:
    options = quick(sdk, queue=3, retry=sdk.Retry(min=0.2, max=0.2), random=lambda: 1.0)
    async with mock_server() as mock, chat(sdk, mock, options=options) as client:
        mock.drop("chat")
        await soon(lambda: client.state == "waiting")
        with pytest.raises(sdk.RequestTimeout):
            await client.request(post(sdk, "in time"), timeout=0.02)
        answer = await client.request(post(sdk, "late"))
        assert isinstance(answer, sdk.ChatPosted)
        assert [frame["payload"]["text"] for frame in sent(mock)] == ["late"]


async def test_a_request_ends_with_its_connection(sdk: Sdk) -> None:
    async with mock_server(messages={"post_message": [{"do": [{"drop": True}]}]}) as mock, chat(sdk, mock) as client:
        with pytest.raises(sdk.SocketClosed) as raised:
            await client.request(post(sdk))
        assert raised.value.code == 1006


# Coming back


async def test_it_comes_back_and_says_so(sdk: Sdk) -> None:
    tokens = Tokens()
    async with mock_server() as mock, chat(sdk, mock, auth=tokens) as client:
        changes = client.watch()
        assert (await next_of(changes)).state == "open"
        await mock.close("chat", 1012, "new version")
        waiting = await next_of(changes)
        assert (waiting.state, waiting.close.code, waiting.close.reason) == ("waiting", 1012, "new version")
        assert 0 <= waiting.delay <= 0.02
        assert (await next_of(changes)).state == "connecting"
        back = await next_of(changes)
        assert (back.state, back.reconnected, back.recovered) == ("open", True, False)
        # The iteration goes on.
        await mock.push("chat", "removed")
        assert isinstance(await next_of(aiter(client)), sdk.ChatRemoved)
        assert tokens.asked == [False, False]


async def test_it_waits_longer_each_time_also_when_it_is_let_in_and_closed_at_once(sdk: Sdk) -> None:
    options = quick(sdk, retry=sdk.Retry(min=0.01, max=0.06), random=lambda: 1.0)
    async with mock_server(connect=[{"close": 1013}]) as mock, chat(sdk, mock, options=options) as client:
        delays: list[float] = []
        async for change in client.watch():
            delays += [change.delay] if change.state == "waiting" else []
            if len(delays) == 5:
                break
    assert delays == [0.01, 0.02, 0.04, 0.06, 0.06]


async def test_a_connection_that_has_lasted_begins_again(sdk: Sdk) -> None:
    options = quick(sdk, retry=sdk.Retry(min=0.01, max=1, stable=0.05), random=lambda: 1.0)
    async with (
        mock_server(connect=[{"after": 0.08, "close": 1013}]) as mock,
        chat(sdk, mock, options=options) as client,
    ):
        delays: list[float] = []
        async for change in client.watch():
            delays += [change.delay] if change.state == "waiting" else []
            if len(delays) == 3:
                break
    assert delays == [0.01, 0.01, 0.01]


@pytest.mark.parametrize("code", [4400, 4403, 4404, 1009, 4009, 1000, 4999])
async def test_it_stays_away_where_the_document_says_so(sdk: Sdk, code: int) -> None:
    async with mock_server() as mock, chat(sdk, mock) as client:
        await mock.close("chat", code)
        with pytest.raises(sdk.SocketClosed) as raised:
            await next_of(aiter(client))
        assert raised.value.code == code
        assert client.state == "closed"
        with pytest.raises(sdk.NotOpen):
            await client.send(post(sdk))


@pytest.mark.parametrize(("status", "code"), [(403, 4403), (404, 4404), (400, 4400)])
async def test_a_refused_client_does_not_try_again(sdk: Sdk, status: int, code: int) -> None:
    tokens = Tokens()
    async with mock_server(authentication=[{"status": status, "detail": "No."}]) as mock:
        with pytest.raises(sdk.SocketClosed, match=r": No\.") as raised:
            await sdk.ChatClient(mock.base_url, pk=7, auth=tokens, options=quick(sdk)).connect()
        assert raised.value.code == code
        assert tokens.asked == [False]


async def test_an_expired_token_is_refreshed_once(sdk: Sdk) -> None:
    expired = {"when": {"authorization": "Token token-1"}, "status": 401}
    tokens = Tokens()
    async with mock_server(authentication=[expired]) as mock, chat(sdk, mock, auth=tokens) as client:
        assert client.state == "open"
        assert tokens.asked == [False, True]


async def test_a_token_that_is_refused_twice_is_given_up(sdk: Sdk) -> None:
    tokens = Tokens()
    async with mock_server(authentication=[{"status": 401}]) as mock:
        with pytest.raises(sdk.SocketClosed, match="4401"):
            await sdk.ChatClient(mock.base_url, pk=7, auth=tokens, options=quick(sdk)).connect()
    assert tokens.asked == [False, True]


async def test_a_token_that_expires_while_connected_is_refreshed(sdk: Sdk) -> None:
    tokens = Tokens()
    async with mock_server() as mock, chat(sdk, mock, auth=tokens) as client:
        await mock.close("chat", 4401)
        await soon(lambda: len(tokens.asked) == 2 and client.state == "open")
        assert tokens.asked == [False, True]
        # Again at once: this token cannot be right either.
        await mock.close("chat", 4401)
        await soon(lambda: client.state == "closed")
        assert tokens.asked == [False, True]


async def test_a_token_that_nobody_can_refresh_is_given_up(sdk: Sdk) -> None:
    async with mock_server(authentication=[{"status": 401}]) as mock:
        with pytest.raises(sdk.SocketClosed, match="4401"):
            await sdk.ChatClient(mock.base_url, pk=7, auth="wrong", options=quick(sdk)).connect()


async def test_it_waits_as_long_as_it_is_told(sdk: Sdk) -> None:
    throttled = {"times": 1, "status": 429, "retry_after": 0.2}
    async with mock_server(authentication=[throttled]) as mock:
        client = sdk.ChatClient(mock.base_url, pk=7, options=quick(sdk))
        changes = client.watch()
        async with client:
            delays = []
            while (change := await next_of(changes)).state != "open":
                delays += [change.delay] if change.state == "waiting" else []
    assert len(delays) == 1
    assert 0.2 <= delays[0] <= 0.22


@pytest.mark.parametrize(
    "payload", [{"detail": "x", "retry_after": 0.3}, [{"type": "throttled", "loc": [], "msg": "x", "retry_after": 0.3}]]
)
async def test_an_error_tells_how_long_to_wait_after_the_close(sdk: Sdk, payload: Any) -> None:
    steps = [{"raw": json.dumps({"action": "error", "payload": payload})}, {"close": 4429}]
    async with mock_server(connect=steps) as mock, chat(sdk, mock) as client:
        changes = client.watch()
        while (change := await next_of(changes)).state != "waiting":
            pass
        assert 0.3 <= change.delay <= 0.32


async def test_credentials_are_not_shown(sdk: Sdk) -> None:
    secret = sdk.Credentials(token="SECRET", headers={"X": "SECRET"}, query={"x": "SECRET"})
    assert "SECRET" not in repr(secret)
    assert "SECRET" not in repr(sdk.Options(headers={"X": "SECRET"}))
    async with mock_server() as mock, chat(sdk, mock, auth=secret) as client:
        assert "SECRET" not in client.url


async def test_numbers_that_json_does_not_have(sdk: Sdk, cases: Any) -> None:
    for number in (float("inf"), float("nan")):
        with pytest.raises(ValueError, match="finite"):
            cases.DefaultsInPayload(number=number)


async def test_without_retry_it_does_not_come_back(sdk: Sdk) -> None:
    async with mock_server() as mock, chat(sdk, mock, options=sdk.Options(retry=None)) as client:
        mock.drop("chat")
        with pytest.raises(sdk.SocketClosed, match="1006"):
            await next_of(aiter(client))


async def test_attempts_may_be_counted(sdk: Sdk) -> None:
    client = sdk.ChatClient("ws://127.0.0.1:1", pk=7, options=quick(sdk, retry=sdk.Retry(min=0.001, attempts=2)))
    with pytest.raises(sdk.SocketClosed, match="1006"):
        await client.connect()


async def test_a_server_that_cannot_be_reached_in_time(sdk: Sdk) -> None:
    client = sdk.ChatClient("ws://127.0.0.1:1", pk=7, options=quick(sdk))
    with pytest.raises(sdk.RequestTimeout):
        await client.connect(timeout=0.1)
    assert client.state == "closed"
    assert client._task is None


async def test_an_attempt_that_takes_too_long_leaves_no_connection(sdk: Sdk) -> None:
    slow = parse_script({"channels": {"chat": {"authentication": [{"times": 1, "after": 3600}]}}})
    async with MockServer(DOCUMENT, script=slow, max_connections=1) as mock:
        options = quick(sdk, open_timeout=0.05)
        async with asyncio.timeout(60), chat(sdk, mock, options=options) as client:
            assert client.state == "open"


async def test_a_provider_that_fails(sdk: Sdk, caplog: pytest.LogCaptureFixture) -> None:
    calls = 0

    async def provider(*, refresh: bool) -> str:
        nonlocal calls
        calls += 1
        if calls in (1, 3):
            raise LookupError("no token")
        return "token"

    async with mock_server() as mock:
        # To begin with, whoever connects has to know.
        with pytest.raises(LookupError, match="no token"):
            await sdk.ChatClient(mock.base_url, pk=7, auth=provider).connect()
        async with chat(sdk, mock, auth=provider) as client:
            mock.drop("chat")
            await soon(lambda: calls == 4 and client.state == "open")
    assert any("cannot be connected to" in record.getMessage() for record in caplog.records)


# Signs of life


async def test_a_silent_server_is_asked_and_given_up(sdk: Sdk) -> None:
    options = quick(sdk, heartbeat=0.05, heartbeat_timeout=0.05)
    told = {"ping": [{"times": 1, "do": [{"reply": "pong"}]}, {"do": []}]}
    async with mock_server(messages=told) as mock, chat(sdk, mock, options=options) as client:
        changes = client.watch()
        while (change := await next_of(changes)).state != "waiting":
            pass
        assert change.close.code == 1006
        assert [frame["action"] for frame in sent(mock)] == ["ping", "ping"]
        # Its pongs are nobody's.
        await soon(lambda: client.state == "open")
        await mock.push("chat", "removed")
        assert isinstance(await next_of(aiter(client)), sdk.ChatRemoved)


async def test_a_server_that_talks_is_not_asked(sdk: Sdk) -> None:
    options = quick(sdk, heartbeat=0.1)
    pushes = [{"after": 0.02, "send": "removed"}] * 12
    async with mock_server(connect=pushes) as mock, chat(sdk, mock, options=options) as client:
        for _ in range(12):
            await next_of(aiter(client))
        assert not mock.received


# Reading


async def test_streams_and_handlers_see_their_messages(sdk: Sdk) -> None:
    seen: list[Any] = []

    async def note(message: Any) -> None:
        await asyncio.sleep(0)
        seen.append(message)
        if len(seen) == 1:
            raise LookupError("a mistake in a handler")

    async with mock_server() as mock, chat(sdk, mock) as client:
        off = client.on(sdk.ChatRemoved, note)
        client.on(sdk.ChatAnnouncement, seen.append)
        async with client.stream(sdk.ChatRemoved, sdk.ChatUserTyping) as stream:
            for action in ("removed", "announcement", "user_typing", "removed"):
                await mock.push("chat", action)
            kinds = [type(await next_of(stream)) for _ in range(3)]
        assert kinds == [sdk.ChatRemoved, sdk.ChatUserTyping, sdk.ChatRemoved]
        await soon(lambda: len(seen) == 3)
        assert [type(message) for message in seen].count(sdk.ChatRemoved) == 2
        off()
        await mock.push("chat", "removed")
        await mock.push("chat", "announcement")
        await soon(lambda: len(seen) == 4)
        assert isinstance(seen[-1], sdk.ChatAnnouncement)
        # All of them are in the iteration as well.
        assert isinstance(await next_of(aiter(client)), sdk.ChatRemoved)
    assert not client._handlers


async def test_what_nobody_reads_is_bounded_and_never_lost_in_silence(sdk: Sdk) -> None:
    async with mock_server() as mock, chat(sdk, mock, options=quick(sdk, buffer=3)) as client:
        for number in range(5):
            await mock.push("chat", {"action": "removed", "payload": {"id": number + 1}})
        # Requests are answered all the same.
        await client.request(sdk.ChanxIncomingPingMessage())
        with pytest.raises(sdk.MessagesLost, match="2 messages were dropped"):
            await next_of(aiter(client))
        assert [(await next_of(aiter(client))).payload.id for _ in range(3)] == [3, 4, 5]


async def test_closing_ends_all_iterations(sdk: Sdk) -> None:
    async with mock_server() as mock:
        client = sdk.ChatClient(mock.base_url, pk=7, options=quick(sdk))
        await client.connect()
        await client.connect()

        async def read(iterator: Any) -> int:
            return len([each async for each in iterator])

        readers = [asyncio.create_task(read(each)) for each in (client, client.stream(sdk.ChatRemoved), client.watch())]
        await asyncio.sleep(0)
        request = asyncio.create_task(client._request(sdk.ChatSetTyping(payload=sdk.ChatTypingPayload(typing=True)), 5))
        await soon(lambda: len(mock.received) == 1)
        await client.close()
        await client.close()
        assert await asyncio.gather(*readers) == [0, 0, 2]
        with pytest.raises(sdk.SocketClosed):
            await request
        assert client.state == "closed"


async def test_a_task_that_is_cancelled_closes_the_client(sdk: Sdk) -> None:
    async with mock_server() as mock:
        client = sdk.ChatClient(mock.base_url, pk=7, options=quick(sdk))

        async def work() -> None:
            async with client:
                async for _ in client:
                    pass

        task = asyncio.create_task(work())
        await soon(lambda: client.state == "open")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client.state == "closed"
        before = asyncio.all_tasks()
        await asyncio.sleep(0.05)
        assert {task for task in before if "Client._run" in repr(task)} == set()


async def test_connecting_may_be_cancelled(sdk: Sdk) -> None:
    async with mock_server(authentication=[{"after": 5}]) as mock:
        client = sdk.ChatClient(mock.base_url, pk=7, options=quick(sdk))
        task = asyncio.create_task(client.connect())
        await soon(lambda: client.state == "connecting")
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert client.state == "closed"


# Handshakes


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ("abc", {"authorization": "Token abc"}),
        ({"token": "abc"}, {"authorization": "Token abc"}),
        ({"headers": {"Authorization": "Basic x"}}, {"authorization": "Basic x"}),
        ({"query": {"ticket": "a b&c"}}, {"query": {"ticket": "a b&c"}}),
    ],
)
async def test_credentials_go_where_they_belong(sdk: Sdk, credentials: Any, expected: Mapping[str, Any]) -> None:
    given = credentials if isinstance(credentials, str) else sdk.Credentials(**credentials)

    async def provider(*, refresh: bool) -> Any:
        return given

    for auth in (given, provider):
        async with mock_server(authentication=[{"when": expected, "status": 403, "detail": "found"}]) as mock:
            with pytest.raises(sdk.SocketClosed, match="found"):
                await sdk.ChatClient(mock.base_url, pk=7, auth=auth, options=quick(sdk)).connect()


async def test_without_credentials_none_are_sent(sdk: Sdk) -> None:
    async def provider(*, refresh: bool) -> None:
        return None

    for auth in (None, provider, sdk.Credentials()):
        seen: list[Any] = []

        async def opener(url: str, seen: list[Any] = seen, **options: Any) -> Any:
            seen.append(options["additional_headers"])
            return await connect(url, **options)

        async with mock_server() as mock, chat(sdk, mock, auth=auth, options=quick(sdk, opener=opener)):
            assert seen == [{}]


async def test_the_opener_is_the_users(sdk: Sdk) -> None:
    opened: list[Any] = []

    async def opener(url: str, **options: Any) -> Any:
        opened.append((url, options["origin"], options["subprotocols"], options["additional_headers"]))
        return await connect(url, **options)

    options = quick(sdk, opener=partial(opener), origin="http://localhost:8000", headers={"X-Mine": "1"})
    async with mock_server() as mock, chat(sdk, mock, options=options):
        assert opened == [(f"{mock.base_url}/ws/chat/7/", "http://localhost:8000", ["chanx.v1"], {"X-Mine": "1"})]


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host", "ws://", "ws://host?x=1", "wss://host#x"])
def test_what_is_no_address_is_refused(sdk: Sdk, url: str) -> None:
    with pytest.raises(ValueError, match="is no address of a service: write wss://host"):
        sdk.ChatClient(url, pk=7)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("wss://host", "wss://host/ws/chat/7/"),
        ("https://host:99/api/", "wss://host:99/api/ws/chat/7/"),
        ("http://[::1]:1", "ws://[::1]:1/ws/chat/7/"),
    ],
)
def test_addresses(sdk: Sdk, url: str, expected: str) -> None:
    assert sdk.ChatClient(url, pk=7).url == expected


@pytest.mark.parametrize(("value", "expected"), [("a/b?c#d", "a%2Fb%3Fc%23d"), ("größe", "gr%C3%B6%C3%9Fe")])
def test_parameters_are_escaped(cases: Any, value: str, expected: str) -> None:
    assert cases.CasesClient("ws://host", class_=value).url == f"ws://host/cases/{expected}/"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_parameters_that_change_the_path_are_refused(cases: Any, value: str) -> None:
    with pytest.raises(ValueError, match="cannot be a part of an address"):
        cases.CasesClient("ws://host", class_=value)


# Resuming


SAID = {"action": "announcement", "group": "g"}
CHAT = {"epoch": "e", "seq": 1}


@pytest.fixture(name="positions")
def _positions(sdk: Sdk) -> Any:
    """A client's place, in a group of which it has seen two messages."""
    description = sdk.ChatClient._description
    positions = import_module(f"{sdk.__name__}.runtime.resuming").Positions(description)
    for frame in (
        {"action": "positions", "payload": {"client": "me", "groups": {"g": CHAT}}},
        {**SAID, "seq": 2},
    ):
        assert positions.received(frame) is None
    return positions


def asks_for(positions: Any) -> Any:
    """The groups in the frame with which it comes back."""
    frame = positions.resume()
    assert (frame["action"], frame["payload"]["client"]) == ("resume", "me")
    return frame["payload"]["groups"]


@pytest.mark.parametrize(
    "frame",
    [
        {"action": "positions"},
        {"action": "positions", "payload": None},
        {"action": "positions", "payload": {"client": 7, "groups": ["g"]}},
        {"action": "positions", "payload": {"groups": {"h": {"epoch": "e"}, "i": "text", "j": {"seq": True}}}},
        {"action": "positions", "payload": {"groups": {"h": {"epoch": "e", "seq": float("inf")}}}},
        {"action": "resumed"},
        {"action": "resumed", "payload": {"groups": {"h": None, "i": 7, "j": {"position": "text"}}}},
        {**SAID},
        {**SAID, "seq": None},
        {**SAID, "seq": "9"},
        {**SAID, "seq": float("inf")},
        # It came twice.
        {**SAID, "seq": 1},
        {**SAID, "group": ["g"], "seq": 9},
        {"action": "complete", "reply_to": "resume"},
        {"action": ["positions"]},
    ],
)
def test_no_frame_leads_it_astray(positions: Any, frame: Mapping[str, Any]) -> None:
    positions.received(frame)
    assert asks_for(positions) == {"g": {"epoch": "e", "seq": 2}}
    positions.received({**SAID, "seq": 3})
    assert asks_for(positions) == {"g": {"epoch": "e", "seq": 3}}


def test_it_forgets_a_group_that_it_has_left(positions: Any) -> None:
    positions.received({"action": "positions", "payload": {"client": "me", "groups": {"h": CHAT}}})
    positions.received({"action": "positions", "payload": {"client": "me", "groups": {"g": None}}})
    assert asks_for(positions) == {"h": CHAT}


def test_who_resumes_too_late_has_a_loss_and_goes_on_from_what_came_since(positions: Any) -> None:
    late = {"recovered": False, "position": {"epoch": "e", "seq": 5}, "reason": "late"}
    assert positions.received({"action": "resumed", "payload": {"groups": {"g": late}}}) is False
    assert asks_for(positions) == {"g": {"epoch": "e", "seq": 5}}
    assert positions.received({**SAID, "seq": 6}) is None
    late = {**late, "position": {"epoch": "e", "seq": 6}}
    assert positions.received({"action": "resumed", "reply_to": "resume", "payload": {"groups": {"g": late}}}) is False
    assert asks_for(positions) == {"g": {"epoch": "e", "seq": 6}}


def test_a_refusal_is_a_loss_and_it_goes_on_from_where_it_has_connected(positions: Any) -> None:
    positions.resume()
    now = {"g": {"epoch": "e", "seq": 9}}
    positions.received({"action": "positions", "payload": {"client": "new", "groups": now}})
    positions.received({"action": "positions", "payload": {"client": "new", "groups": {"later": CHAT}}})
    assert positions.received({"action": "error", "payload": [{}], "reply_to": 7}) is None
    assert positions.received({"action": "error", "payload": [{}], "reply_to": "resume"}) is False
    assert asks_for(positions) == now


class Positions:
    """Remembers the last frame, and asks for what was missed."""

    def __init__(self) -> None:
        self.last: Any = None

    def received(self, frame: Mapping[str, Any]) -> bool | None:
        self.last = frame
        return True if frame.get("action") == "removed" else None

    def resume(self) -> Mapping[str, Any]:
        return {"action": "resume", "payload": {"last": self.last["action"]}}


async def test_it_asks_for_what_it_missed(sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setattr(sdk.ChatClient, "_description", replace(sdk.ChatClient._description, resumable=True))
    async with mock_server() as mock, chat(sdk, mock, options=quick(sdk, resume=Positions())) as client:
        await mock.push("chat", "announcement")
        await next_of(aiter(client))
        mock.drop("chat")
        await soon(lambda: len(mock.received) == 1)
        assert sent(mock) == [{"action": "resume", "payload": {"last": "announcement"}}]
        await soon(lambda: client.state == "open")
        changes = client.watch()
        assert (await next_of(changes)).recovered is False
        await mock.push("chat", "removed")
        assert (await next_of(changes)).recovered is True
