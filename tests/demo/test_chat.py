"""The WebSocket of a room."""

import base64
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.test import AsyncClient

from chanx.groups import group_id
from chanx.testing import WebsocketCommunicator
from chat.consumers import ChatConsumer
from chat.mentions import mentioned_names
from chat.messages import FetchHistory, HistoryRequest, PostMessage, PostPayload, SetTyping, TypingPayload
from chat.models import Message
from demo.seed import ALICE, BOB, Seeded
from tests.demo.conftest import Connect, Rest, token_header


def post(text: str) -> PostMessage:
    return PostMessage(payload=PostPayload(text=text))


async def exchange(client: WebsocketCommunicator, message: Any) -> dict[str, Any]:
    """Sends a message, and returns the next frame."""
    await client.send_message(message)
    frame: dict[str, Any] = await client.receive_json_from()
    return frame


@pytest.fixture
def lobby(rooms: Seeded) -> str:
    return f"/ws/chat/{rooms.lobby.pk}/"


@pytest.fixture
def leadership(rooms: Seeded) -> str:
    return f"/ws/chat/{rooms.leadership.pk}/"


class TestWhoMayEnter:
    async def test_a_member_by_subprotocol(self, connect: Connect, lobby: str) -> None:
        credential = base64.urlsafe_b64encode(f"Token {BOB.token}".encode()).decode().rstrip("=")

        client = await connect(lobby, subprotocols=["chanx.v1", f"chanx.auth.{credential}"])

        assert (await exchange(client, post("Hi")))["payload"]["author"] == "bob"

    async def test_a_member_by_session(self, connect: Connect, lobby: str) -> None:
        browser = AsyncClient()
        await browser.aforce_login(await User.objects.aget(username="bob"))
        cookie = browser.cookies[django_settings.SESSION_COOKIE_NAME].OutputString().encode()

        client = await connect(lobby, headers=[(b"cookie", cookie)])

        assert (await exchange(client, post("Hi")))["payload"]["author"] == "bob"

    async def test_nobody_without_credentials(self, connect: Connect, lobby: str) -> None:
        client = await connect(lobby, expect=401)
        await client.assert_closed(4401)

    async def test_nobody_with_a_wrong_token(self, connect: Connect, lobby: str) -> None:
        client = await connect(lobby, headers=[token_header("wrong")], expect=401)
        await client.assert_closed(4401)

    async def test_no_session_from_a_foreign_page(self, connect: Connect, lobby: str) -> None:
        browser = AsyncClient()
        await browser.aforce_login(await User.objects.aget(username="bob"))
        cookie = browser.cookies[django_settings.SESSION_COOKIE_NAME].OutputString().encode()

        client = await connect(lobby, headers=[(b"cookie", cookie), (b"origin", b"https://evil.example")], expect=403)

        await client.assert_closed(4403)

    async def test_only_members(self, connect: Connect, leadership: str) -> None:
        await connect(leadership, ALICE)

        client = await connect(leadership, BOB, expect=403)

        await client.assert_closed(4403)

    async def test_no_room_that_does_not_exist(self, connect: Connect, lobby: str) -> None:
        client = await connect("/ws/chat/99999/", ALICE, expect=404)
        await client.assert_closed(4404)


class TestPosting:
    async def test_the_author_gets_a_reply_and_the_others_the_message(
        self, connect: Connect, lobby: str, rooms: Seeded
    ) -> None:
        alice, alice_too, bob = await connect(lobby, ALICE), await connect(lobby, ALICE), await connect(lobby, BOB)

        reply = await exchange(alice, post("  Hello  "))

        written = await Message.objects.aget(text="Hello")
        assert reply["action"] == "posted"
        assert reply["payload"] == {
            "id": written.pk,
            "kind": "message",
            "author": "alice",
            "text": "Hello",
            "created_at": written.created_at.isoformat().replace("+00:00", "Z"),
        }
        place = {"group": group_id(rooms.lobby.group_name), "seq": 1}
        relayed = {"action": "message_posted", "payload": reply["payload"], "is_current": False, **place}
        assert await bob.receive_json_from() == {**relayed, "is_mine": False}
        assert await alice_too.receive_json_from() == {**relayed, "is_mine": True}
        assert await alice.receive_nothing()

    async def test_the_other_room_hears_nothing(self, connect: Connect, lobby: str, leadership: str) -> None:
        elsewhere, here = await connect(leadership, ALICE), await connect(lobby, ALICE)
        await exchange(here, post("Hello"))
        assert await elsewhere.receive_nothing()

    @pytest.mark.parametrize("text", ["", "   ", "x" * 2001])
    async def test_a_text_of_wrong_length_is_refused(self, connect: Connect, lobby: str, text: str) -> None:
        client = await connect(lobby, ALICE)
        before = await Message.objects.acount()

        await client.send_json_to({"action": "post_message", "payload": {"text": text}, "id": 1})
        frame = await client.receive_json_from()

        assert (frame["action"], frame["reply_to"]) == ("error", 1)
        assert [error["loc"] for error in frame["payload"]] == [["post_message", "payload", "text"]]
        assert await Message.objects.acount() == before

    async def test_a_mention_notifies_members_of_the_room(self, connect: Connect, lobby: str, leadership: str) -> None:
        notifications = await connect("/ws/notifications/", BOB)
        await notifications.receive_until_action("unread")
        await exchange(await connect(leadership, ALICE), post("Not a word to @bob"))
        assert await notifications.receive_nothing()

        await exchange(await connect(lobby, ALICE), post("What does @bob say, and what @alice?"))

        frame = await notifications.receive_json_from()
        assert frame["action"] == "notified"
        assert frame["payload"]["title"] == "alice mentioned you in Lobby"
        assert await notifications.receive_nothing()

    async def test_slow_mode_makes_a_member_wait(self, connect: Connect, rest: Rest, rooms: Seeded) -> None:
        client = await connect(f"/ws/chat/{rooms.leadership.pk}/", ALICE)
        assert (await exchange(client, post("One")))["action"] == "posted"

        refused = await exchange(client, post("Two"))

        assert refused["action"] == "refused"
        assert refused["payload"]["code"] == "slow_mode"
        assert 1 <= refused["payload"]["retry_after"] <= rooms.leadership.slow_mode_seconds
        assert not await Message.objects.filter(text="Two").aexists()

        # The owner ends it; connections that are open notice.
        response = await rest(ALICE).patch(
            f"/api/rooms/{rooms.leadership.pk}/", {"slow_mode_seconds": 0}, content_type="application/json"
        )
        assert response.status_code == 200
        assert (await exchange(client, post("Two")))["action"] == "posted"


class TestTyping:
    async def test_the_others_see_it(self, connect: Connect, lobby: str, rooms: Seeded) -> None:
        alice, bob = await connect(lobby, ALICE), await connect(lobby, BOB)

        await alice.send_message(SetTyping(payload=TypingPayload(typing=True)))

        assert await bob.receive_json_from() == {
            "action": "user_typing",
            "payload": {"user": "alice", "typing": True},
            "is_mine": False,
            "is_current": False,
            "group": group_id(rooms.lobby.group_name),
            "seq": 1,
        }
        assert await alice.receive_nothing()


class TestPresence:
    async def test_members_see_each_other_and_nobody_else(
        self, connect: Connect, rooms: Seeded, lobby: str, leadership: str
    ) -> None:
        await connect(leadership, ALICE)
        await connect(lobby, BOB)
        present = await ChatConsumer.apresent(rooms.lobby.group_name)
        assert [member.info.user for member in present.members] == ["bob"]


class TestHistory:
    async def test_comes_page_by_page(self, connect: Connect, rooms: Seeded, lobby: str) -> None:
        author = rooms.lobby.owner
        await Message.objects.all().adelete()
        for text in "abcde":
            await Message.objects.acreate(room=rooms.lobby, author=author, text=text)
        await Message.objects.acreate(room=rooms.leadership, author=author, text="elsewhere")
        client = await connect(lobby, BOB)

        pages: list[tuple[str, bool]] = []
        before: int | None = None
        for _ in range(3):
            frame = await exchange(client, FetchHistory(payload=HistoryRequest(before=before, limit=2)))
            messages = frame["payload"]["messages"]
            pages.append(("".join(message["text"] for message in messages), frame["payload"]["has_more"]))
            before = messages[0]["id"]

        assert pages == [("de", True), ("bc", True), ("a", False)]

    async def test_without_a_payload_it_is_the_latest(self, connect: Connect, lobby: str) -> None:
        client = await connect(lobby, BOB)
        await client.send_json_to({"action": "fetch_history"})
        frame = await client.receive_json_from()
        assert [message["text"] for message in frame["payload"]["messages"]] == ["Welcome! Say hello to @bob."]


async def test_ping(connect: Connect, lobby: str) -> None:
    client = await connect(lobby, ALICE)
    await client.send_json_to({"action": "ping", "id": "a"})
    assert await client.receive_json_from() == {"action": "pong", "payload": None, "reply_to": "a"}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@bob", {"bob"}),
        ("Hi @bob, and @alice.smith! (@eve)", {"bob", "alice.smith", "eve"}),
        ("write to bob@example.org", set()),
        ("@ nobody", set()),
    ],
)
def test_mentioned_names(text: str, names: set[str]) -> None:
    assert mentioned_names(text) == names
