"""The page on authentication: who is let in, what is told, how credentials travel."""

import asyncio
import base64
import json
import subprocess
from typing import Any
from unittest import mock

import pytest
from asgiref.sync import SyncToAsync, sync_to_async
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.test import override_settings
from pytest_django import Settings
from rest_framework.authtoken.models import Token
from rest_framework.test import APIRequestFactory
from rest_framework.throttling import SimpleRateThrottle

from chanx.connections import Connections
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.groups import member_event
from chanx.handshake import origin_is_allowed
from chanx.messages.incoming import PingMessage
from chanx.testing import WebsocketCommunicator
from chanx.utils.settings import override_chanx_settings
from chat.models import Room
from tests.docs.conftest import Load, router
from tests.docs.pages import blocks
from tests.docs.transcripts import matches, play_in_process

PAGE = "docs/guide/authentication.md"
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Settings) -> None:
    """A password takes a quarter of a second otherwise, on purpose, and each test makes three."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def rooms() -> dict[str, Token]:
    """A lobby that alice owns, with bob as member, and a newer room of bob's alone; gives everybody's tokens."""
    users = {name: User.objects.create_user(name, password="wonderland") for name in ("alice", "bob", "carol")}
    lobby = Room.objects.create(name="Lobby", slug="lobby", owner=users["alice"])
    lobby.members.set([users["alice"], users["bob"]])
    Room.objects.create(name="Den", slug="den", owner=users["bob"]).members.set([users["bob"]])
    return {name: Token.objects.create(user=user) for name, user in users.items()}


def _headers(token: Token) -> list[tuple[bytes, bytes]]:
    return [(b"authorization", f"Token {token.key}".encode())]


async def _close_code(application: Any, address: str, **options: Any) -> int | None:
    """The code of the close after the handshake; None when the client is let in."""
    client = WebsocketCommunicator(application, address, **options)
    await client.connect()
    answer = await client.wait_for_auth()
    assert answer is not None
    if answer.payload.status_code == 200:
        await client.disconnect()
        return None
    event = await client.receive_output()
    assert event["type"] == "websocket.close"
    return int(event["code"])


async def test_who_may_enter(load: Load, rooms: dict[str, Token]) -> None:
    lounge = router("ws/lounge/<slug:slug>/", load(PAGE)["lounge/consumers.py"].LoungeConsumer)
    codes = {
        name: await _close_code(lounge, "/ws/lounge/lobby/", headers=_headers(token)) for name, token in rooms.items()
    }
    assert codes == {"alice": None, "bob": None, "carol": 4403}
    assert await _close_code(lounge, "/ws/lounge/nowhere/", headers=_headers(rooms["alice"])) == 4404


async def test_the_session_of_a_stranger(load: Load, rooms: dict[str, Token]) -> None:
    lounge = router("ws/lounge/<slug:slug>/", load(PAGE)["lounge/consumers.py"].LoungeConsumer)
    await play_in_process(blocks(PAGE, language="text", heading="What the client is told"), lounge)


async def test_the_query_string(load: Load, rooms: dict[str, Token]) -> None:
    history = router("ws/history/", load(PAGE)["lounge/history.py"].HistoryConsumer)
    await play_in_process(blocks(PAGE, language="text", heading="The query string"), history)
    for query in ("", "?limit=3&kind=message", "?kind=message&kind=announcement&unknown=1"):
        assert await _close_code(history, f"/ws/history/{query}") is None
    assert await _close_code(history, "/ws/history/?limit=0") == 4400


async def test_own_queryset_and_object(load: Load, rooms: dict[str, Token]) -> None:
    choosing = load(PAGE)["lounge/choosing.py"]
    lobby = await Room.objects.aget(slug="lobby")
    own = router("<int:pk>/", choosing.OwnRoomConsumer)
    assert await _close_code(own, f"/{lobby.pk}/", headers=_headers(rooms["alice"])) is None
    assert await _close_code(own, f"/{lobby.pk}/", headers=_headers(rooms["bob"])) == 4404
    # get_object() checks no permission itself: chanx does.
    newest = router("", choosing.NewestRoomConsumer)
    assert await _close_code(newest, "/", headers=_headers(rooms["bob"])) is None
    assert await _close_code(newest, "/", headers=_headers(rooms["alice"])) == 4403


async def test_cookies_count_with_an_allowed_origin_only(load: Load, rooms: dict[str, Token]) -> None:
    from asgiref.sync import sync_to_async
    from django.test import Client

    browser = Client()
    await sync_to_async(browser.login)(username="alice", password="wonderland")
    cookie = (b"cookie", f"sessionid={browser.cookies['sessionid'].value}".encode())
    lounge = router("ws/lounge/<slug:slug>/", load(PAGE)["lounge/consumers.py"].LoungeConsumer)

    async def code(*headers: tuple[bytes, bytes]) -> int | None:
        return await _close_code(lounge, "/ws/lounge/lobby/", headers=[cookie, *headers])

    assert await code() is None
    assert await code((b"origin", b"")) == 4401
    assert await code((b"origin", b"https://evil.example")) == 4403
    assert await code((b"origin", b"null")) == 4403
    assert await code((b"origin", b"http://testserver"), (b"origin", b"http://testserver")) == 4403


def test_which_origins_are_allowed(load: Load) -> None:
    with override_settings(ALLOWED_HOSTS=["example.com"], CSRF_TRUSTED_ORIGINS=["https://app.example.net"]):
        assert origin_is_allowed("https://example.com", "example.com")
        assert origin_is_allowed("https://app.example.net", "example.com")
        assert not origin_is_allowed("https://example.org", "example.com")
    with override_settings(ALLOWED_HOSTS=[], DEBUG=True):
        assert origin_is_allowed("http://localhost:3000", "localhost:8000")
    with override_settings(ALLOWED_HOSTS=["*"]):
        assert origin_is_allowed("http://localhost:8000", "localhost:8000")
        assert not origin_is_allowed("http://localhost:3000", "localhost:8000")
    with override_chanx_settings(**load(PAGE)["lounge/settings.py"].CHANX), override_settings(ALLOWED_HOSTS=["other"]):
        assert origin_is_allowed("https://app.example.com", "other")
        assert origin_is_allowed("https://shop.example.org", "other")
        assert not origin_is_allowed("https://other", "other")


async def test_a_token_from_a_browser(load: Load, rooms: dict[str, Token]) -> None:
    function, use = blocks(PAGE, language="js")
    assert "subprotocols(" in use.text
    # Slashes, plus signs and padding are what base64url is about.
    for value in (f"Token {rooms['alice'].key}", "Basic ??>>", "Basic ~~~~"):
        script = f"{function.text}\nconsole.log(JSON.stringify(subprotocols({json.dumps(value)})))"
        printed = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True, timeout=30).stdout
        version, credential = json.loads(printed)
        encoded = base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")
        assert (version, credential) == ("chanx.v1", "chanx.auth." + encoded)
        if value.startswith("Token"):
            await _enter_with(load, [version, credential])


async def _enter_with(load: Load, subprotocols: list[str]) -> None:
    lounge: URLRouter = router("ws/lounge/<slug:slug>/", load(PAGE)["lounge/consumers.py"].LoungeConsumer)
    client = WebsocketCommunicator(lounge, "/ws/lounge/lobby/", subprotocols=subprotocols)
    assert await client.connect() == (True, "chanx.v1")
    await client.assert_authenticated_status_ok()
    await client.disconnect()


async def test_one_credential_is_enough(load: Load, rooms: dict[str, Token]) -> None:
    lounge = router("ws/lounge/<slug:slug>/", load(PAGE)["lounge/consumers.py"].LoungeConsumer)
    for options in (
        {"subprotocols": ["chanx.v1", "chanx.bearer.a", "chanx.bearer.b"]},
        {"subprotocols": ["chanx.v1", "chanx.bearer.a"], "headers": _headers(rooms["alice"])},
        {"subprotocols": ["chanx.v1", "chanx.auth.!"]},
    ):
        assert await _close_code(lounge, "/ws/lounge/lobby/", **options) == 4401


async def test_a_class_that_knows_its_credentials_needs_no_thread_for_strangers(
    load: Load, rooms: dict[str, Token], monkeypatch: pytest.MonkeyPatch
) -> None:
    class KeyConsumer(AsyncJsonWebsocketConsumer[PingMessage]):
        authentication_classes = (load(PAGE)["lounge/keys.py"].KeyAuthentication,)

    application, hops = router("ws/", KeyConsumer), list[Any]()
    hop: Any = SyncToAsync.__call__

    def note(call: Any, *args: Any) -> Any:
        hops.append(call)
        return hop(call, *args)

    monkeypatch.setattr(SyncToAsync, "__call__", note)
    assert await _close_code(application, "/ws/") == 4401
    assert hops == []
    assert await _close_code(application, "/ws/", headers=[(b"x-key", b"none of ours")]) == 4401
    assert await _close_code(application, "/ws/", headers=[(b"x-key", rooms["bob"].key.encode())]) is None
    assert len(hops) >= 2


async def test_what_a_nonce_has_answered_is_answered_again(load: Load, rooms: dict[str, Token]) -> None:
    nonces = load(PAGE)["lounge/nonces.py"]
    asked: list[Any] = []

    class Nonces(nonces.NonceAuthentication):  # type: ignore[name-defined,misc]  # of the page's module
        def redeem(self, request: Any) -> Any:
            asked.append(request)
            return rooms["bob"].user, "once"

    class NonceConsumer(AsyncJsonWebsocketConsumer[PingMessage]):
        authentication_classes = (Nonces,)

    client = WebsocketCommunicator(router("ws/", NonceConsumer), "/ws/?nonce=1")
    await client.connect()
    await client.assert_authenticated_status_ok()
    (connection,) = Connections.of(asyncio.get_running_loop())
    assert await connection.recheck_connection() is not None
    assert len(asked) == 1
    assert await _close_code(router("ws/", NonceConsumer), "/ws/") == 4401
    await client.disconnect()


async def test_who_leaves_a_room_and_who_is_banned(load: Load, rooms: dict[str, Token]) -> None:
    page = load(PAGE)
    lounge = router("ws/lounge/<slug:slug>/", page["lounge/consumers.py"].LoungeConsumer)
    clients = {}
    for name, slug in (("bob", "lobby"), ("bob", "den"), ("alice", "lobby")):
        client = clients[name, slug] = WebsocketCommunicator(
            lounge, f"/ws/lounge/{slug}/", headers=_headers(rooms[name])
        )
        await client.connect()
        await client.assert_authenticated_status_ok()
    bob, lobby = rooms["bob"].user, await Room.objects.aget(slug="lobby")
    await page["lounge/banning.py"].leave_room(bob, lobby)
    await clients["bob", "lobby"].assert_closed(4403)
    await clients["bob", "lobby"].disconnect()
    assert await clients["bob", "den"].receive_nothing()
    await sync_to_async(page["lounge/banning.py"].ban)(bob)
    await clients["bob", "den"].assert_closed(4403)
    assert await clients["alice", "lobby"].receive_nothing()


async def test_a_group_message_is_withheld(load: Load, rooms: dict[str, Token]) -> None:
    consumer = load(PAGE)["lounge/secret.py"].SecretConsumer
    secret, lobby = router("<int:pk>/", consumer), await Room.objects.aget(slug="lobby")
    client = WebsocketCommunicator(secret, f"/{lobby.pk}/", headers=_headers(rooms["bob"]))
    await client.connect()
    await client.assert_authenticated_status_ok()
    await lobby.members.aremove(rooms["bob"].user)
    layer = get_channel_layer()
    assert layer is not None
    event = member_event({}, kind="json", exclude_current=True, from_channel="another", from_user_pk=None)
    await layer.group_send(f"secret.{lobby.pk}", dict(event))
    await client.assert_closed(4403)


async def test_limited_messages(load: Load, rooms: dict[str, Token]) -> None:
    consumer = load(PAGE)["lounge/limited.py"].CalmConsumer
    with mock.patch.object(SimpleRateThrottle, "THROTTLE_RATES", {"post": "3/min"}):
        client = WebsocketCommunicator(router("ws/", consumer), "/ws/", headers=_headers(rooms["bob"]))
        await client.connect()
        await client.assert_authenticated_status_ok()
        for number in range(4):
            await client.send_json_to({"action": "post", "payload": "hello", "id": number})
        (shown,) = [json.loads(block.text) for block in blocks(PAGE, language="json", heading="Limits")]
        answer = await client.receive_json_from()
        assert answer["payload"].keys() == shown["payload"].keys()
        assert (answer["payload"]["code"], answer["reply_to"]) == (shown["payload"]["code"], 3)
        await client.disconnect()


def test_the_action_of_the_admin(load: Load) -> None:
    admin = load(PAGE)["lounge/admin.py"].MemberAdmin(User, site)
    (action,) = admin.actions
    assert action.short_description == "Close the WebSockets of selected users"


async def test_a_ticket(load: Load, rooms: dict[str, Token]) -> None:
    pages = load(PAGE)
    ticketed = router("ws/ticketed/", pages["lounge/ticketed.py"].TicketedConsumer)
    (text,) = [block.text for block in blocks(PAGE, language="text", heading="One-time tickets")]
    asked, answered, opened, frame = text.splitlines()
    assert asked.startswith("$ curl -X POST")
    (route,) = pages["lounge/urls.py"].urlpatterns
    assert asked.endswith(f"/{route.pattern}")
    token = f"Token {rooms['bob'].key}"
    request = APIRequestFactory().post("/", {"path": "/ws/ticketed/"}, headers={"authorization": token})
    response = await sync_to_async(route.callback)(request)
    assert matches(response.data, json.loads(answered))

    address = f"/ws/ticketed/?ticket={response.data['ticket']}"
    assert f'"ws://127.0.0.1:8000{address.replace(response.data["ticket"], "…")}"' in opened
    client = WebsocketCommunicator(ticketed, address)
    await client.connect()
    assert await client.receive_json_from() == json.loads(frame.removeprefix("< "))
    await client.disconnect()
    assert await _close_code(ticketed, address) == 4401
