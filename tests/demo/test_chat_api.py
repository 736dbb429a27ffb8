"""The REST API of the chat, and what connected clients learn of it."""

from chat.models import Message, Room
from demo.seed import ALICE, BOB, Seeded
from tests.demo.conftest import Connect, Rest


class TestAnnouncements:
    async def test_reach_every_connection_of_the_room(self, connect: Connect, rest: Rest, rooms: Seeded) -> None:
        lobby = f"/ws/chat/{rooms.lobby.pk}/"
        clients = [await connect(lobby, ALICE), await connect(lobby, BOB)]
        elsewhere = await connect(f"/ws/chat/{rooms.leadership.pk}/", ALICE)

        response = await rest(ALICE).post(f"/api/rooms/{rooms.lobby.pk}/announcements/", {"text": "Lunch"})

        assert response.status_code == 201
        for client in clients:
            frame = await client.receive_json_from()
            assert frame == {"action": "announcement", "payload": response.json()}
            assert (frame["payload"]["text"], frame["payload"]["kind"]) == ("Lunch", "announcement")
        assert await elsewhere.receive_nothing()

    async def test_are_the_owners(self, connect: Connect, rest: Rest, rooms: Seeded) -> None:
        client = await connect(f"/ws/chat/{rooms.lobby.pk}/", ALICE)

        response = await rest(BOB).post(f"/api/rooms/{rooms.lobby.pk}/announcements/", {"text": "Lunch"})

        assert response.status_code == 403
        assert await client.receive_nothing()
        assert not await Message.objects.filter(text="Lunch").aexists()

    async def test_have_a_text(self, rest: Rest, rooms: Seeded) -> None:
        response = await rest(ALICE).post(f"/api/rooms/{rooms.lobby.pk}/announcements/", {"text": " "})
        assert response.status_code == 400
        assert list(response.json()) == ["text"]


class TestDeletingAMessage:
    async def test_tells_every_connection(self, connect: Connect, rest: Rest, rooms: Seeded) -> None:
        message = await Message.objects.aget(room=rooms.lobby)
        client = await connect(f"/ws/chat/{rooms.lobby.pk}/", BOB)

        response = await rest(ALICE).delete(f"/api/rooms/{rooms.lobby.pk}/messages/{message.pk}/")

        assert response.status_code == 204
        assert await client.receive_json_from() == {"action": "removed", "payload": {"id": message.pk}}
        assert not await Message.objects.filter(pk=message.pk).aexists()

    async def test_is_not_for_others(self, rest: Rest, rooms: Seeded) -> None:
        message = await Message.objects.aget(room=rooms.lobby)
        response = await rest(BOB).delete(f"/api/rooms/{rooms.lobby.pk}/messages/{message.pk}/")
        assert response.status_code == 403
        assert await Message.objects.filter(pk=message.pk).aexists()

    async def test_needs_the_right_room(self, rest: Rest, rooms: Seeded) -> None:
        message = await Message.objects.aget(room=rooms.lobby)
        response = await rest(ALICE).delete(f"/api/rooms/{rooms.leadership.pk}/messages/{message.pk}/")
        assert response.status_code == 404


class TestMembers:
    async def test_a_new_one_is_notified_and_may_enter(self, connect: Connect, rest: Rest, rooms: Seeded) -> None:
        room = f"/ws/chat/{rooms.leadership.pk}/"
        await connect(room, BOB, expect=403)
        notifications = await connect("/ws/notifications/", BOB)
        await notifications.receive_until_action("unread")
        url = f"/api/rooms/{rooms.leadership.pk}/members/"

        responses = [await rest(ALICE).post(url, {"username": "bob"}) for _ in range(2)]

        assert [response.status_code for response in responses] == [201, 201]
        assert (await notifications.receive_json_from())["payload"]["title"] == "alice let you into Leadership"
        assert await notifications.receive_nothing()  # the second time changed nothing
        await connect(room, BOB)

    async def test_are_let_in_by_the_owner_alone(self, rest: Rest, rooms: Seeded) -> None:
        response = await rest(BOB).post(f"/api/rooms/{rooms.leadership.pk}/members/", {"username": "bob"})
        assert response.status_code == 403
        assert not await rooms.leadership.members.filter(username="bob").aexists()


class TestRooms:
    async def test_the_list_holds_the_users_own(self, rest: Rest) -> None:
        names = {
            user.name: [room["name"] for room in (await rest(user).get("/api/rooms/")).json()["results"]]
            for user in (ALICE, BOB)
        }
        assert names == {"alice": ["Leadership", "Lobby"], "bob": ["Lobby"]}

    async def test_whoever_makes_one_owns_it_and_is_in_it(self, connect: Connect, rest: Rest) -> None:
        response = await rest(BOB).post("/api/rooms/", {"name": "Garden", "slug": "garden"})

        assert response.status_code == 201
        assert (response.json()["owner"], response.json()["members"]) == ("bob", ["bob"])
        await connect(f"/ws/chat/{response.json()['id']}/", BOB)

    async def test_messages_are_for_members(self, rest: Rest, rooms: Seeded) -> None:
        own = await rest(BOB).get(f"/api/rooms/{rooms.lobby.pk}/messages/")
        foreign = await rest(BOB).get(f"/api/rooms/{rooms.leadership.pk}/messages/")
        missing = await rest(BOB).get("/api/rooms/99999/messages/")

        assert [message["text"] for message in own.json()["results"]] == ["Welcome! Say hello to @bob."]
        assert (own.status_code, foreign.status_code, missing.status_code) == (200, 403, 404)

    async def test_only_the_owner_changes_one(self, rest: Rest, rooms: Seeded) -> None:
        url = f"/api/rooms/{rooms.lobby.pk}/"
        response = await rest(BOB).patch(url, {"name": "Mine"}, content_type="application/json")
        assert response.status_code == 403
        assert (await Room.objects.aget(pk=rooms.lobby.pk)).name == "Lobby"

    async def test_nobody_gets_one_without_credentials(self, rest: Rest, rooms: Seeded) -> None:
        response = await rest(None).get("/api/rooms/")
        assert (response.status_code, response["WWW-Authenticate"]) == (401, "Token")
