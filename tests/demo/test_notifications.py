"""The notifications of a user, on every connection."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias
from unittest import mock

import pytest
from asgiref.sync import sync_to_async
from channels.layers import InMemoryChannelLayer
from django.contrib.auth.models import User
from django.db import transaction

from chanx.testing import WebsocketCommunicator
from demo.seed import ALICE, BOB, DemoUser
from notifications.messages import MarkRead, ReadPayload
from notifications.models import Notification
from notifications.views import NotifyThrottle
from tests.demo.conftest import Connect, Rest

PATH = "/ws/notifications/"

Listen: TypeAlias = Callable[[DemoUser], Awaitable[WebsocketCommunicator]]


@pytest.fixture
def listen(connect: Connect) -> Listen:
    """Connects a user, and reads what comes first."""

    async def listening(user: DemoUser) -> WebsocketCommunicator:
        client = await connect(PATH, user)
        await client.receive_until_action("unread")
        return client

    return listening


async def notify(name: str, title: str) -> Notification:
    return await Notification.objects.acreate(recipient=await User.objects.aget(username=name), title=title)


class TestNew:
    async def test_what_a_view_creates_reaches_every_connection_of_the_recipient(
        self, listen: Listen, rest: Rest
    ) -> None:
        bobs, alices = [await listen(BOB), await listen(BOB)], await listen(ALICE)

        response = await rest(ALICE).post("/api/notifications/", {"recipient": "bob", "title": "Hi", "text": "there"})

        assert response.status_code == 201
        created = response.json()
        for client in bobs:
            assert await client.receive_json_from() == {
                "action": "notified",
                "payload": {
                    "id": created["id"],
                    "title": "Hi",
                    "text": "there",
                    "created_at": created["created_at"],
                },
            }
        assert await alices.receive_nothing()

    async def test_so_does_what_other_code_saves(self, listen: Listen) -> None:
        client = await listen(BOB)
        await notify("bob", "From a task")
        assert (await client.receive_json_from())["payload"]["title"] == "From a task"

    async def test_a_change_is_not_new(self, listen: Listen) -> None:
        notification = await notify("bob", "Old")
        client = await listen(BOB)
        notification.title = "Changed"
        await notification.asave()
        assert await client.receive_nothing()

    async def test_what_a_rollback_takes_back_is_never_sent(self, listen: Listen) -> None:
        client = await listen(BOB)

        @sync_to_async
        def create_in_vain() -> None:
            with transaction.atomic():
                Notification.objects.create(recipient=User.objects.get(username="bob"), title="In vain")
                transaction.set_rollback(True)

        await create_in_vain()
        assert await client.receive_nothing()

    async def test_is_saved_although_the_channel_layer_is_down(
        self, rest: Rest, caplog: pytest.LogCaptureFixture
    ) -> None:
        with mock.patch.object(InMemoryChannelLayer, "group_send", side_effect=OSError("no layer")):
            response = await rest(ALICE).post("/api/notifications/", {"recipient": "bob", "title": "Hi"})
        assert response.status_code == 201
        assert await Notification.objects.filter(title="Hi").aexists()
        assert "no layer" in caplog.text


class TestRead:
    async def test_what_is_unread_is_told_first(self, connect: Connect) -> None:
        for number in range(12):
            await notify("bob", f"Number {number}")
        await notify("alice", "Not for bob")

        client = await connect(PATH, BOB)

        frame = await client.receive_json_from()
        assert (frame["action"], frame["payload"]["count"]) == ("unread", 12)
        titles = [notification["title"] for notification in frame["payload"]["latest"]]
        assert titles == [f"Number {number}" for number in range(11, 1, -1)]

    async def test_marking_tells_the_users_other_connections(self, listen: Listen) -> None:
        first, second = await notify("bob", "First"), await notify("bob", "Second")
        client, other, alices = await listen(BOB), await listen(BOB), await listen(ALICE)

        await client.send_message(MarkRead(payload=ReadPayload(ids=[first.pk])))

        frame = await client.receive_json_from()
        assert (frame["action"], frame["payload"]["count"]) == ("unread", 1)
        assert frame["payload"]["latest"][0]["id"] == second.pk
        assert await other.receive_json_from() == {
            "action": "read_elsewhere",
            "payload": {"ids": [first.pk]},
            "is_mine": True,
            "is_current": False,
        }
        assert await alices.receive_nothing()

    async def test_without_a_payload_all_are_marked(self, listen: Listen) -> None:
        for title in ("First", "Second"):
            await notify("bob", title)
        client = await listen(BOB)
        await client.send_json_to({"action": "mark_read"})
        assert (await client.receive_json_from())["payload"] == {"count": 0, "latest": []}

    async def test_nobody_marks_what_belongs_to_another(self, listen: Listen) -> None:
        alices = await notify("alice", "Hers")
        client = await listen(BOB)

        await client.send_message(MarkRead(payload=ReadPayload(ids=[alices.pk])))
        await client.receive_json_from()

        await alices.arefresh_from_db()
        assert alices.read_at is None


async def test_ping_is_answered_by_the_consumer_itself(listen: Listen) -> None:
    client = await listen(ALICE)
    await client.send_json_to({"action": "ping"})
    assert await client.receive_json_from() == {"action": "pong", "payload": None}


async def test_nobody_listens_without_credentials(connect: Connect) -> None:
    client = await connect(PATH, expect=401)
    await client.assert_closed(4401)


async def test_one_user_cannot_notify_without_end(rest: Rest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotifyThrottle, "rate", "2/min", raising=False)
    note = {"recipient": "bob", "title": "Hi"}
    statuses = [(await rest(ALICE).post("/api/notifications/", note)).status_code for _ in range(3)]
    assert statuses == [201, 201, 429]
    assert (await rest(ALICE).get("/api/notifications/")).status_code == 200


async def test_the_list_holds_the_users_own(rest: Rest) -> None:
    await notify("bob", "His")
    await notify("alice", "Hers")
    response = await rest(BOB).get("/api/notifications/")
    assert [notification["title"] for notification in response.json()["results"]] == ["His"]


class TestTicket:
    async def test_lets_a_client_in_that_has_nothing_but_an_address(self, connect: Connect, rest: Rest) -> None:
        response = await rest(BOB).post("/api/ws-ticket/", {"path": PATH}, content_type="application/json")

        assert response.status_code == 201
        client = await connect(f"{PATH}?ticket={response.json()['ticket']}")
        assert [frame["action"] for frame in await client.receive_until_action("unread", inclusive=True)] == ["unread"]

    async def test_is_described_in_the_rest_schema(self, rest: Rest) -> None:
        schema = (await rest(BOB).get("/api/schema/", {"format": "json"})).json()

        operation = schema["paths"]["/api/ws-ticket/"]["post"]
        assert list(operation["responses"]) == ["201"]
        assert {"tokenAuth": []} in operation["security"]
        assert {"ticket", "expires_in"} <= schema["components"]["schemas"]["Ticket"]["properties"].keys()
