"""The mock as a front-end team meets it: over a socket. Each frame that it sends is held against the document."""

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from chanx_asyncapi.mock.making_frames import FrameError
from chanx_asyncapi.mock.script import ScriptError, parse_script
from chanx_asyncapi.mock.server import MAX_MESSAGE_SIZE, MockServer
from chanx_asyncapi.mock.service import NothingToServeError
from tests.chanx_asyncapi.documents import small_document
from tests.recorder import Contract

DEMO: dict[str, Any] = json.loads((Path(__file__).parents[2] / "golden" / "asyncapi.json").read_text())
CONTRACT = Contract(DEMO)
OK = {"action": "authentication", "payload": {"status_code": 200, "status_text": "OK", "data": {"detail": "OK"}}}


class Client:
    """A client whose frames are checked."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def receive(self) -> dict[str, Any]:
        text = await asyncio.wait_for(self.connection.recv(), 60)
        assert isinstance(text, str)
        assert CONTRACT.complaint(text) is None, text
        frame: dict[str, Any] = json.loads(text)
        return frame

    async def ask(self, frame: Mapping[str, Any]) -> dict[str, Any]:
        await self.connection.send(json.dumps(frame))
        return await self.receive()

    async def closed(self) -> int | None:
        """The code of the close, once it has come."""
        await asyncio.wait_for(self.connection.wait_closed(), 60)
        return self.connection.close_code


@asynccontextmanager
async def client(mock: MockServer, channel: str = "chat", **options: Any) -> AsyncGenerator[Client]:
    url = mock.url(channel, pk="7") if channel == "chat" else mock.url(channel)
    async with connect(url, **options) as connection:
        yield Client(connection)


def script(channel: str = "chat", **told: Any) -> Any:
    return parse_script({"channels": {channel: told}})


@pytest.fixture
async def mock() -> AsyncIterator[MockServer]:
    async with MockServer(DEMO) as running:
        yield running


async def test_every_message_of_every_channel_is_answered_as_the_document_says(mock: MockServer) -> None:
    answered: list[tuple[str, str]] = []
    for operation in DEMO["operations"].values():
        if operation["action"] != "receive":
            continue
        channel = operation["channel"]["$ref"].rpartition("/")[2]
        name = operation["messages"][0]["$ref"].rpartition("/")[2]
        message = DEMO["components"]["messages"][DEMO["channels"][channel]["messages"][name]["$ref"].split("/", 3)[3]]
        replies = [reply["$ref"].rpartition("/")[2] for reply in operation["reply"]["messages"]]
        async with client(mock, channel) as someone:
            assert await someone.receive() == OK
            await someone.connection.send(json.dumps({**message["examples"][0]["payload"], "id": 5}))
            await someone.connection.send('{"action":"nothing of this kind"}')
            frame = await someone.receive()
            while frame["action"] != "error":
                assert frame["action"] in replies
                assert frame["reply_to"] == 5
                answered.append((name, frame["action"]))
                frame = await someone.receive()
            assert frame["payload"][0]["type"] == "union_tag_invalid"
    assert {*answered} == {
        ("post_message", "posted"),
        ("fetch_history", "history"),
        ("ask", "token"),
        ("ask", "done"),
        ("ping", "pong"),
        ("resume", "resumed"),
    }


async def test_a_reply_carries_an_id_only_where_one_was_chosen(mock: MockServer) -> None:
    async with client(mock) as someone:
        await someone.receive()
        assert "reply_to" not in await someone.ask({"action": "ping"})
        assert (await someone.ask({"action": "ping", "id": "a"}))["reply_to"] == "a"
        assert (await someone.ask({"action": "post_message", "id": 2}))["reply_to"] == 2


@pytest.mark.parametrize("offered", [[], ["chanx.v1"], ["chanx.v1", "chanx.bearer.abc"], ["chanx.bearer.abc"]])
async def test_the_subprotocol_with_the_credential_is_never_selected(mock: MockServer, offered: list[str]) -> None:
    async with client(mock, subprotocols=[*map(Subprotocol, offered)] or None) as someone:
        assert await someone.receive() == OK
        assert someone.connection.subprotocol == ("chanx.v1" if "chanx.v1" in offered else None)


@pytest.mark.parametrize(
    "path", ["/ws/chat/seven/", "/ws/chat/-1/", "/ws/chat/7", "/ws/chat//", "/", "//ws/assistant/"]
)
async def test_other_addresses_are_not_found(mock: MockServer, path: str) -> None:
    with pytest.raises(InvalidStatus, match="404"):
        await connect(mock.base_url + path)


async def test_a_large_frame_closes_the_connection(mock: MockServer) -> None:
    async with client(mock) as someone:
        await someone.receive()
        largest = json.dumps({"action": "ping", "x": ""})
        await someone.connection.send(largest.replace('""', f'"{"x" * (MAX_MESSAGE_SIZE - len(largest))}"'))
        assert (await someone.receive())["action"] == "pong"
        await someone.connection.send("x" * (MAX_MESSAGE_SIZE + 1))
        assert await someone.closed() == 1009


async def test_too_many_connections_are_refused() -> None:
    async with MockServer(DEMO, max_connections=1) as mock:
        async with client(mock) as someone:
            await someone.receive()
            with pytest.raises(InvalidStatus, match="503"):
                await connect(mock.url("chat", pk="7"))
        async with client(mock) as someone:
            assert await someone.receive() == OK


@pytest.mark.parametrize(
    ("answer", "options", "status", "code"),
    [
        ({"status": 401}, {}, 401, 4401),
        ({"status": 403}, {}, 403, 4403),
        ({"status": 404}, {}, 404, 4404),
        ({"status": 500}, {}, 500, 4500),
        ({"status": 409}, {}, 409, 4400),
        ({"status": 401, "code": 4408}, {}, 401, 4408),
        ({"status": 401, "when": {"authorization": "Token a"}}, {}, 200, None),
        (
            {"status": 401, "when": {"authorization": "Token a"}},
            {"additional_headers": {"Authorization": "Token a"}},
            401,
            4401,
        ),
        (
            {"status": 401, "when": {"authorization": "Bearer a"}},
            {"subprotocols": ["chanx.v1", "chanx.bearer.a"]},
            401,
            4401,
        ),
        (
            {"status": 401, "when": {"authorization": "Token ä"}},
            {
                "subprotocols": [
                    "chanx.v1",
                    "chanx.auth." + base64.urlsafe_b64encode("Token ä".encode()).decode().rstrip("="),
                ]
            },
            401,
            4401,
        ),
        ({"status": 403, "when": {"parameters": {"pk": "8"}}}, {}, 200, None),
        ({"status": 403, "when": {"parameters": {"pk": "7"}}}, {}, 403, 4403),
        ({}, {"subprotocols": ["chanx.v1", "chanx.auth.!"]}, 401, 4401),
        ({}, {"subprotocols": ["chanx.v1", "chanx.bearer.a", "chanx.bearer.b"]}, 401, 4401),
    ],
)
async def test_authentication_ends_as_the_script_says(
    answer: dict[str, Any], options: dict[str, Any], status: int, code: int | None
) -> None:
    async with MockServer(DEMO, script=script(authentication=[answer])) as mock, client(mock, **options) as someone:
        assert (await someone.receive())["payload"]["status_code"] == status
        if code is not None:
            assert await someone.closed() == code


async def test_an_answer_may_hold_for_the_first_clients_only() -> None:
    told = script(authentication=[{"times": 2, "status": 401}])
    async with MockServer(DEMO, script=told) as mock:
        seen = []
        for _ in range(3):
            async with client(mock) as someone:
                seen.append((await someone.receive())["payload"]["status_code"])
    assert seen == [401, 401, 200]


@pytest.mark.parametrize(
    "told", [{"authentication": [{"after": 3600}]}, {"messages": {"ping": [{"do": [{"after": 3600}]}]}}]
)
async def test_a_step_that_waits_holds_up_neither_the_end_nor_other_clients(told: dict[str, Any]) -> None:
    async with asyncio.timeout(60):
        async with MockServer(DEMO, script=script(**told), max_connections=1) as mock:
            async with client(mock) as someone:
                await someone.connection.send('{"action":"ping"}')
            while True:
                try:
                    async with client(mock) as another:
                        await another.connection.send('{"action":"ping"}')
                        break
                except InvalidStatus:
                    await asyncio.sleep(0.01)


async def test_frames_of_a_refused_client_are_not_read() -> None:
    told = script(authentication=[{"after": 0.1, "status": 401}])
    async with MockServer(DEMO, script=told) as mock, client(mock) as someone:
        await someone.connection.send('{"action":"ping"}')
        assert (await someone.receive())["payload"]["status_code"] == 401
        assert await someone.closed() == 4401
        assert not mock.received


async def test_rules_are_tried_in_their_order() -> None:
    hello = {"action": "post_message", "payload": {"text": "hello"}}
    told = script(
        messages={
            "post_message": [
                {"when": {"payload": {"text": "hello"}}, "times": 1, "do": [{"reply": "refused"}]},
                {"when": {"payload": {"text": "silence"}}, "do": []},
                {"when": {"payload": {"text": "both"}}, "do": [{"send": "removed"}, {"reply": "posted"}]},
            ]
        }
    )
    async with MockServer(DEMO, script=told) as mock, client(mock) as someone:
        await someone.receive()
        assert (await someone.ask(hello))["action"] == "refused"
        assert (await someone.ask(hello))["action"] == "posted"
        await someone.connection.send(json.dumps({**hello, "payload": {"text": "silence"}}))
        frame = await someone.ask({**hello, "payload": {"text": "both"}, "id": 1})
        assert (frame["action"], "reply_to" in frame) == ("removed", False)
        frame = await someone.receive()
        assert (frame["action"], frame["reply_to"]) == ("posted", 1)


async def test_what_comes_later_does_not_hold_up_other_frames() -> None:
    told = script(messages={"post_message": [{"do": [], "later": [{"after": 0.05, "reply": "posted"}]}]})
    async with MockServer(DEMO, script=told) as mock, client(mock) as someone:
        await someone.receive()
        await someone.connection.send('{"action":"post_message","payload":{"text":"x"},"id":1}')
        assert (await someone.ask({"action": "ping"}))["action"] == "pong"
        assert (await someone.receive())["reply_to"] == 1


@pytest.mark.parametrize(
    ("step", "code"),
    [({"close": 1012, "reason": "new version"}, 1012), ({"close": 4429}, 4429), ({"drop": True}, 1006)],
)
async def test_a_step_ends_the_connection(step: dict[str, Any], code: int) -> None:
    told = script(messages={"ping": [{"do": [step]}]})
    async with MockServer(DEMO, script=told) as mock, client(mock) as someone:
        await someone.receive()
        await someone.connection.send('{"action":"ping"}')
        assert await someone.closed() == code
        assert someone.connection.close_reason == step.get("reason", "")


async def test_a_step_sends_what_no_document_allows() -> None:
    told = script(connect=[{"raw": "{"}, {"fail": "Out of order"}])
    async with MockServer(DEMO, script=told) as mock, client(mock) as someone:
        await someone.receive()
        assert await someone.connection.recv() == "{"
        failure = (await someone.receive())["payload"]
        assert (failure["detail"], failure["code"], len(failure["error_id"])) == ("Out of order", "handler_failed", 32)


async def test_a_frame_repeats_what_it_answers() -> None:
    payload = {"id": 2, "kind": "message", "author": "$message.payload#/id", "text": "$message.payload#/payload/text"}
    reply = {"action": "posted", "payload": {**payload, "created_at": "2025-01-31T12:00:00Z"}}
    told = script(messages={"post_message": [{"do": [{"reply": reply}]}]})
    logged: list[str] = []
    async with MockServer(DEMO, script=told, log=logged.append) as mock, client(mock) as someone:
        await someone.receive()
        frame = await someone.ask({"action": "post_message", "payload": {"text": "well"}, "id": "me"})
        assert (frame["payload"]["author"], frame["payload"]["text"]) == ("me", "well")
        # An author that is a number does not fit the document: the step fails as a handler would.
        frame = await someone.ask({"action": "post_message", "payload": {"text": "well"}, "id": 1})
        assert (frame["payload"]["code"], frame["reply_to"]) == ("handler_failed", 1)
        frame = await someone.ask({"action": "post_message", "payload": {"text": "well"}})
        assert frame["payload"]["code"] == "handler_failed"
    assert any("$message.payload#/id leads nowhere" in line for line in logged)


async def test_the_same_seed_gives_the_same_frames() -> None:
    async def answers(seed: int) -> list[dict[str, Any]]:
        async with MockServer(DEMO, seed=seed) as mock, client(mock, "assistant") as someone:
            await someone.receive()
            frames = []
            for _ in range(8):
                frame = await someone.ask({"action": "ask", "payload": {"question": "?"}})
                frames.append(frame)
                while frame["action"] != "done":
                    frames.append(frame := await someone.receive())
            return frames

    assert await answers(1) == await answers(1)
    assert await answers(1) != await answers(2)


async def test_messages_are_pushed_at_random_when_asked_for() -> None:
    async with MockServer(DEMO, push_every=0.01) as mock, client(mock) as someone:
        await someone.receive()
        pushed = {(await someone.receive())["action"] for _ in range(60)}
    # What only a server with a history can say is never made up.
    assert pushed == {"announcement", "removed", "message_posted", "user_typing", "presence", "presence_changed"}


async def test_a_test_pushes_closes_and_drops(mock: MockServer) -> None:
    async with client(mock) as first, client(mock) as second, client(mock, "assistant") as other:
        for someone in (first, second, other):
            await someone.receive()
        assert await mock.push("chat", "message_posted") == 2
        assert await mock.push("chat", {"action": "removed", "payload": {"id": 3}}) == 2
        for someone in (first, second):
            assert (await someone.receive())["is_mine"] is False
            assert (await someone.receive())["payload"] == {"id": 3}
        for wrong in ("token", {"action": "removed", "payload": {"id": "x"}}, {"payload": 1}):
            with pytest.raises(FrameError):
                await mock.push("chat", wrong)
        mock.drop("chat")
        assert await first.closed() == 1006
        await mock.close("assistant", 4408)
        assert await other.closed() == 4408


@pytest.mark.parametrize(
    ("host", "origins", "origin", "code"),
    [
        ("127.0.0.1", (), "https://anywhere.example", None),
        ("0.0.0.0", (), "https://anywhere.example", 4403),
        ("0.0.0.0", ("https://anywhere.example",), "https://anywhere.example", None),
        ("0.0.0.0", (), None, None),
        ("0.0.0.0", (), "http://127.0.0.1:{port}", None),
        ("0.0.0.0", (), "null", 4403),
    ],
)
async def test_the_origin_counts_where_others_can_reach_it(
    host: str, origins: tuple[str, ...], origin: str | None, code: int | None
) -> None:
    async with MockServer(DEMO, host=host, origins=origins) as mock:
        sent = None if origin is None else Origin(origin.format(port=mock.port))
        async with connect(f"ws://127.0.0.1:{mock.port}/ws/assistant/", origin=sent) as connection:
            someone = Client(connection)
            frame = await someone.receive()
            assert frame["payload"]["status_code"] == (200 if code is None else 403)
            if code is not None:
                assert await someone.closed() == code


async def test_the_query_string_is_held_against_the_document() -> None:
    document = json.loads(json.dumps(DEMO))
    document["channels"]["assistant"]["bindings"]["ws"]["query"] = {
        "type": "object",
        "properties": {
            "page": {"type": "integer", "minimum": 1},
            "tags": {"type": "array", "items": {"type": "integer"}},
            "wide": {"anyOf": [{"type": "boolean"}, {"type": "null"}]},
            "name": {"type": "string", "maxLength": 3},
        },
        "required": ["page"],
    }
    async with MockServer(document) as mock:
        for query, wrong in (
            ("page=1", set()),
            ("page=2&tags=1&tags=2&wide=true&name=123&else=x", set()),
            ("", {"page"}),
            ("page=0", {"page"}),
            ("page=x&tags=1&tags=y&wide=perhaps&name=long", {"page", "tags", "wide", "name"}),
        ):
            async with connect(f"{mock.url('assistant')}?{query}") as connection:
                someone = Client(connection)
                payload = (await someone.receive())["payload"]
                if not wrong:
                    assert payload["status_code"] == 200
                    continue
                assert payload["status_code"] == 400
                assert payload["data"].keys() - {"detail"} == wrong
                assert await someone.closed() == 4400


async def test_completion_frames_come_where_the_document_has_them() -> None:
    document = json.loads(json.dumps(DEMO))
    for name in ("complete", "group_complete"):
        document["components"]["messages"][name] = {
            "name": name,
            "correlationId": {"location": "$message.payload#/reply_to"},
            "payload": {
                "type": "object",
                "properties": {"action": {"const": name}, "payload": {"type": "null"}, "reply_to": {}},
                "required": ["action", "payload"],
            },
        }
        document["channels"]["chat"]["messages"][name] = {"$ref": f"#/components/messages/{name}"}
        document["operations"][f"chat.send.{name}"] = {
            "action": "send",
            "channel": {"$ref": "#/channels/chat"},
            "messages": [{"$ref": f"#/channels/chat/messages/{name}"}],
        }
    async with MockServer(document) as mock, connect(mock.url("chat", pk="7")) as connection:
        await connection.recv()

        async def receive() -> tuple[str, Any]:
            frame = json.loads(await asyncio.wait_for(connection.recv(), 60))
            return frame["action"], frame.get("reply_to")

        await connection.send('{"action":"ping","id":1}')
        assert [await receive(), await receive()] == [("pong", 1), ("complete", 1)]
        await connection.send('{"action":"fly","id":2}')
        assert [await receive(), await receive()] == [("error", 2), ("complete", 2)]
        await mock.push("chat", "message_posted")
        assert [await receive(), await receive()] == [("message_posted", None), ("group_complete", None)]
        await mock.push("chat", "removed")
        await mock.push("chat", "announcement")
        assert [await receive(), await receive()] == [("removed", None), ("announcement", None)]


async def test_an_example_of_a_reply_is_no_reply_when_it_is_pushed() -> None:
    document = json.loads(json.dumps(DEMO))
    example = document["components"]["messages"]["chat.messages.Removed"]["examples"][0]
    example["payload"]["reply_to"] = "somebody's"
    async with MockServer(document) as mock, client(mock) as someone:
        await someone.receive()
        await mock.push("chat", "removed")
        assert "reply_to" not in await someone.receive()


async def test_documents_of_others_are_served_as_well() -> None:
    async with MockServer(small_document()) as mock, connect(mock.url("chat", room_id="7")) as connection:
        # It has no authentication frame, no error frame, and does not say that questions have an id.
        await connection.send('{"action":"nonsense"}')
        await connection.send('{"action":"ask","payload":"?","id":1}')
        frame = json.loads(await asyncio.wait_for(connection.recv(), 60))
        assert (frame["action"], "reply_to" in frame) == ("answer", False)


def test_a_document_without_channels_is_refused() -> None:
    with pytest.raises(NothingToServeError, match="nothing to serve"):
        MockServer({"asyncapi": "3.1.0", "channels": {"unknown": {"address": None}}})


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"chats": {}}, r"channels\.chats: the document has no such channel; it has chat, assistant, notifications\."),
        (
            {"chat": {"messages": {"ask": []}}},
            r"channels\.chat\.messages\.ask: clients send no such message on this channel; they send post_message, ",
        ),
        (
            {"chat": {"connect": [{"send": "token"}]}},
            r"connect\.0: the server sends no message 'token' on this channel; ",
        ),
        (
            {"/ws/chat/{pk}/": {"messages": {"ping": [{"do": [{}, {"reply": {"action": "pong", "payload": 1}}]}]}}},
            r"ping\.0\.do\.1: pong is not as the document describes it: payload: 1 is not of type 'null'",
        ),
    ],
)
async def test_a_script_that_does_not_fit_the_document_is_refused(told: dict[str, Any], text: str) -> None:
    with pytest.raises(ScriptError, match=text):
        MockServer(DEMO, script=parse_script({"channels": told}))


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"chanels": {}}, "chanels: Extra inputs are not permitted"),
        ({"channels": {"chat": {"connect": [{"send": "a", "close": 1000}]}}}, "send and close are different steps"),
        ({"channels": {"chat": {"connect": [{"after": -1}]}}}, r"channels\.chat\.connect\.0\.after: "),
        ({"channels": {"chat": {"authentication": [{"status": "no"}]}}}, r"authentication\.0\.status: "),
    ],
)
def test_a_script_of_another_form_is_refused(data: dict[str, Any], text: str) -> None:
    with pytest.raises(ScriptError, match=text):
        parse_script(data)
