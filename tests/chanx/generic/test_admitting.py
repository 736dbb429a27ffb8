"""Who stays connected: what was decided at the handshake is decided again, and closed when the answer is no."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser, Group, User
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.throttling import SimpleRateThrottle
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.tokens import AccessToken

from chanx.authentication import TicketAuthentication
from chanx.connections import Connections, Revocation, user_key
from chanx.generic import sending
from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.handshake import accepted_request
from chanx.messages.incoming import PingMessage
from chanx.rechecks import Rechecks
from chanx.routing import path
from chanx.testing import WebsocketCommunicator
from chanx.utils.settings import override_chanx_settings
from chanx.views import TicketView
from tests.chanx.support import (
    Echo,
    News,
    Noticed,
    OpenMixin,
    Said,
    Say,
    client,
    connected,
    records,
    refused,
    said,
    say,
)

Header = tuple[bytes, bytes]


@pytest.fixture(autouse=True)
def _database(transactional_db: None, settings: Settings) -> None:
    """DRF's classes run in another thread, which sees only what is committed."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def user() -> User:
    return User.objects.create_user("alice", password="secret")


@pytest.fixture
def token(user: User) -> list[Header]:
    return [(b"authorization", f"Token {Token.objects.create(user=user).key}".encode())]


@pytest.fixture
def session(user: User) -> list[Header]:
    """The headers of a browser that is logged in."""
    browser = Client()
    browser.force_login(user)
    return [
        (b"cookie", f"sessionid={browser.cookies['sessionid'].value}".encode()),
        (b"origin", b"http://testserver"),
        (b"host", b"testserver"),
    ]


class Guarded(Echo):
    """For users, however they say who they are."""

    authentication_classes: AuthenticationClasses = (
        TokenAuthentication,
        SessionAuthentication,
        JWTAuthentication,
        TicketAuthentication,
    )
    permission_classes: PermissionClasses = (IsAuthenticated,)


class InTheClub(BasePermission):
    """For members of one group."""

    def has_permission(self, request: Any, view: Any) -> bool:
        return bool(request.user.groups.filter(name="club"))


class IsMember(BasePermission):
    """A group is for its members."""

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        return bool(obj.user_set.filter(pk=request.user.pk))


class Club(Guarded):
    permission_classes = (IsAuthenticated, InTheClub)


def consumer_of(communicator: WebsocketCommunicator) -> Any:
    """The consumer that serves the only connection there is."""
    (consumer,) = Connections.of(asyncio.get_running_loop())
    return consumer


async def rechecked(communicator: WebsocketCommunicator) -> int | None:
    """The code with which a recheck closes; None when the connection serves on."""
    await consumer_of(communicator).recheck_connection()
    await communicator.send_json_to(say("still here?"))
    event = await communicator.receive_output(5)
    if event["type"] == "websocket.close":
        code: int = event["code"]
        return code
    assert event["type"] == "websocket.send"
    await communicator.disconnect()
    return None


Loss = Callable[[User], Awaitable[Any]]


async def nothing(user: User) -> None: ...


async def deactivated(user: User) -> None:
    # No signal tells of it.
    await User.objects.filter(pk=user.pk).aupdate(is_active=False)


async def token_replaced(user: User) -> None:
    await Token.objects.filter(user=user).aupdate(key="another")


async def deleted(user: User) -> None:
    await Token.objects.filter(user=user).adelete()
    await User.objects.filter(pk=user.pk).adelete()


@pytest.mark.parametrize(
    ("loss", "code"), [(nothing, None), (deactivated, 4401), (token_replaced, 4401), (deleted, 4401)]
)
async def test_what_a_token_has_lost(loss: Loss, code: int | None, user: User, token: list[Header]) -> None:
    communicator = await connected(Guarded, headers=token)
    await loss(user)
    assert await rechecked(communicator) == code


async def session_ended(user: User) -> None:
    await Session.objects.all().adelete()


async def password_changed(user: User) -> None:
    user.set_password("another")
    await User.objects.filter(pk=user.pk).aupdate(password=user.password)


@pytest.mark.parametrize("consumer", [Guarded, AuthMiddlewareStack(Guarded.as_asgi())], ids=["chanx", "Channels"])
@pytest.mark.parametrize(
    ("loss", "code"), [(nothing, None), (deactivated, 4401), (session_ended, 4401), (password_changed, 4401)]
)
async def test_what_a_session_has_lost(
    loss: Loss, code: int | None, consumer: Any, user: User, session: list[Header]
) -> None:
    """Whether chanx has read it, or Channels' own middleware."""
    communicator = await connected(consumer, headers=session)
    await loss(user)
    assert await rechecked(communicator) == code


class Middleware:
    """Puts a user into the scope, as that of many a project does, whatever the client has sent."""

    found: ClassVar[Any] = None

    def __init__(self, application: Any) -> None:
        self._application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._application({**scope, "user": self.found}, receive, send)


@pytest.mark.parametrize(
    ("loss", "code"), [(nothing, None), (deactivated, 4401), (deleted, 4401), (password_changed, 4401)]
)
async def test_what_the_user_of_a_middleware_has_lost(loss: Loss, code: int | None, user: User) -> None:
    Middleware.found = await User.objects.aget(pk=user.pk)
    communicator = await connected(Middleware(Guarded.as_asgi()))
    await loss(user)
    assert await rechecked(communicator) == code


class Knocking(BaseAuthentication):
    """A user who is none of the database's."""

    class Knocker:
        pk = 7
        is_authenticated = is_active = True

    def authenticate(self, request: Request) -> Any:
        return self.Knocker(), None


async def test_users_that_are_no_models_stay() -> None:
    class Knocked(Guarded):
        authentication_classes = (Knocking,)

    assert await rechecked(await connected(Knocked)) is None
    Middleware.found = Knocking.Knocker()
    assert await rechecked(await connected(Middleware(Guarded.as_asgi()))) is None


async def test_a_stranger_where_everybody_may_enter() -> None:
    assert await rechecked(await connected(Echo)) is None
    Middleware.found = AnonymousUser()
    assert await rechecked(await connected(Middleware(Echo.as_asgi()))) is None


async def test_a_permission_that_was_taken_away(user: User, token: list[Header]) -> None:
    group = await Group.objects.acreate(name="club")
    await user.groups.aadd(group)
    assert await rechecked(await connected(Club, headers=token)) is None
    communicator = await connected(Club, headers=token)
    # No signal tells of it.
    await User.groups.through.objects.all().adelete()
    assert await rechecked(communicator) == 4403


class Members(AsyncJsonWebsocketConsumer[PingMessage, None, None, Group]):
    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated, IsMember)
    queryset = Group.objects.all()

    asked: ClassVar[list[Any]] = []

    def get_object(self) -> Group:
        self.asked.append((self, self.request))
        self.note = "asked"
        return super().get_object()


MEMBERS = URLRouter([path("<int:pk>/", Members.as_asgi())])


@pytest.fixture
async def club(user: User) -> Group:
    group = await Group.objects.acreate(name="club")
    await user.groups.aadd(group)
    return group


async def denied(club: Group) -> None:
    # No signal tells of it.
    await User.groups.through.objects.all().adelete()


async def gone(club: Group) -> None:
    await Group.objects.all().adelete()


@pytest.mark.parametrize(("loss", "code"), [(denied, 4403), (gone, 4404)])
async def test_what_the_object_has_to_say(
    loss: Callable[[Group], Awaitable[None]], code: int, club: Group, token: list[Header]
) -> None:
    communicator = await connected(MEMBERS, f"/{club.pk}/", headers=token)
    consumer = consumer_of(communicator)
    assert await consumer.recheck_connection() is not None
    await loss(club)
    assert await consumer.recheck_connection() is None
    await communicator.assert_closed(code)
    await communicator.disconnect()


async def test_the_consumer_notices_nothing(club: Group, token: list[Header]) -> None:
    """A handler may be in the middle of something with its user or its object."""
    communicator = await connected(MEMBERS, f"/{club.pk}/", headers=token)
    consumer = consumer_of(communicator)
    consumer.note = "of the handshake"
    before = (consumer.user, consumer.obj, consumer.request, consumer.authenticator, consumer.note)
    Members.asked.clear()
    await consumer.recheck_connection()
    assert (consumer.user, consumer.obj, consumer.request, consumer.authenticator, consumer.note) == before
    ((asked, request),) = Members.asked
    assert asked is not consumer, "the methods of a copy are asked"
    assert request is not consumer.request
    await communicator.disconnect()


class Once(SimpleRateThrottle):
    rate = "1/day"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return "once"


async def test_it_is_not_the_client_who_asks(token: list[Header]) -> None:
    class Throttled(Guarded):
        throttle_classes = (Once,)

    communicator = await connected(Throttled, headers=token)
    assert await rechecked(communicator) is None


async def test_the_same_client_must_be_the_same_user(user: User, token: list[Header]) -> None:
    other = await User.objects.acreate(username="bob")
    communicator = await connected(Guarded, headers=token)
    await Token.objects.all().aupdate(user=other)
    assert await rechecked(communicator) == 4401


async def test_an_authenticator_of_the_application_is_asked_again() -> None:
    seen: list[bool] = []

    class Answers(BaseAuthentication):
        def authenticate(self, request: Request) -> Any:
            accepted = accepted_request(request)
            seen.append(accepted is not None)
            # A credential that can be used only once.
            return (Knocking.Knocker(), "a nonce") if accepted is None else (accepted.user, accepted.auth)

    class Asked(Guarded):
        authentication_classes = (Answers,)

    assert await rechecked(await connected(Asked)) is None
    assert seen == [False, True]


# -- what cannot be decided ----------------------------------------------------------------------------------


class Failing(BaseAuthentication):
    fails: ClassVar[bool] = False

    def authenticate(self, request: Request) -> Any:
        if self.fails:
            raise ConnectionError("the database is away")
        return Knocking.Knocker(), None


async def test_a_failure_of_the_server_closes_in_time(caplog: pytest.LogCaptureFixture) -> None:
    class Undecided(Guarded):
        authentication_classes = (Failing,)
        session_recheck_seconds = 0.2

    Failing.fails = False
    communicator = await connected(Undecided)
    consumer = consumer_of(communicator)
    Failing.fails = True
    assert await consumer.recheck_connection() == pytest.approx(0.04)
    await communicator.receive_nothing(0.01)
    Failing.fails = False
    assert await consumer.recheck_connection() > 0.09, "decided again"
    Failing.fails = True
    assert await consumer.recheck_connection() == pytest.approx(0.04)
    await asyncio.sleep(0.2)
    assert await consumer.recheck_connection() is None
    await communicator.assert_closed(4500)
    Failing.fails = False
    await communicator.disconnect()
    assert "the database is away" in caplog.text


# -- when ----------------------------------------------------------------------------------------------------


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The delays of the rechecks that were planned."""
    delays: list[float] = []

    def plan(self: Rechecks, rechecked: Any, delay: float) -> None:
        delays.append(delay)

    monkeypatch.setattr(Rechecks, "plan", plan)
    return delays


async def test_rechecks_are_spread_below_the_setting(planned: list[float]) -> None:
    for _ in range(20):
        await (await connected(Echo)).disconnect()
    assert len(planned) == 20
    assert len(set(planned)) > 10
    assert all(150 <= delay <= 300 for delay in planned)


async def test_the_setting_and_the_class(planned: list[float]) -> None:
    with override_chanx_settings(SESSION_RECHECK_SECONDS=None):
        await (await connected(Echo)).disconnect()
    assert planned == []

    class Often(Echo):
        session_recheck_seconds = 10

    await (await connected(Often)).disconnect()
    assert 5 <= planned.pop() <= 10


async def test_who_is_not_let_in_is_not_rechecked(planned: list[float]) -> None:
    await refused(client(Guarded))
    assert planned == []


async def test_it_happens_by_itself(user: User, token: list[Header], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chanx.rechecks.RESOLUTION", 0.02)

    class Often(Guarded):
        session_recheck_seconds = 0.1

    communicator = await connected(Often, headers=token)
    for _ in range(3):
        await communicator.send_json_to(say("hello"))
        assert await communicator.receive_json_from() == said("hello")
        await asyncio.sleep(0.1)
    await deactivated(user)
    await communicator.assert_closed(4401)
    await communicator.disconnect()


# -- tokens that expire --------------------------------------------------------------------------------------


def jwt(user: User, seconds: float) -> list[Header]:
    access = AccessToken.for_user(user)
    access.set_exp(lifetime=timedelta(seconds=seconds))
    return [(b"authorization", f"Bearer {access}".encode())]


async def test_the_expiry_of_a_token_is_planned(user: User, planned: list[float]) -> None:
    with override_chanx_settings(TOKEN_EXPIRY_GRACE_SECONDS=20.0):
        await (await connected(Guarded, headers=jwt(user, 60))).disconnect()
        assert 77 <= planned.pop() <= 80
        with override_chanx_settings(SESSION_RECHECK_SECONDS=None):
            await (await connected(Guarded, headers=jwt(user, 6000))).disconnect()
    assert 6017 <= planned.pop() <= 6020


async def test_a_connection_outlives_its_token_for_the_grace_and_no_longer(
    user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    with override_chanx_settings(TOKEN_EXPIRY_GRACE_SECONDS=30.0):
        communicator = await connected(Guarded, headers=jwt(user, 60))
    consumer, now = consumer_of(communicator), time.time()
    monkeypatch.setattr("time.time", lambda: now + 80)
    assert 5 <= await consumer.recheck_connection() <= 10
    monkeypatch.setattr("time.time", lambda: now + 91)
    assert await consumer.recheck_connection() is None
    await communicator.assert_closed(4401)
    await communicator.disconnect()


# -- tickets -------------------------------------------------------------------------------------------------


def _ticket(user: User) -> str:
    request = APIRequestFactory().post("/")
    force_authenticate(request, user)
    ticket: str = TicketView.as_view()(request).data["ticket"]
    return ticket


@pytest.mark.parametrize(("loss", "code"), [(nothing, None), (deactivated, 4401), (password_changed, 4401)])
async def test_a_ticket_is_used_up_and_its_connection_lives_on(loss: Loss, code: int | None, user: User) -> None:
    communicator = await connected(Guarded, f"/ws/?ticket={await sync_to_async(_ticket)(user)}")
    await loss(user)
    assert await rechecked(communicator) == code


# -- at the handshake ----------------------------------------------------------------------------------------


async def test_one_connection_too_many(user: User, token: list[Header], caplog: pytest.LogCaptureFixture) -> None:
    with override_chanx_settings(MAX_CONNECTIONS_PER_USER=2):
        first, second = await connected(Guarded, headers=token), await connected(Guarded, headers=token)
        payload, code = await refused(client(Guarded, headers=token))
        assert (payload["status_code"], code) == (429, 4429)
        assert payload["data"]["retry_after"] == 30
        assert records(caplog, "WARNING") == [
            f"{Guarded.spec.path} refuses auth.user:{user.pk}, who has 2 connections already"
        ]
        await first.disconnect()
        await (await connected(Guarded, headers=token)).disconnect()
    await (await connected(Guarded, headers=token)).disconnect()
    await second.disconnect()


async def test_the_limit_of_a_class_and_none(token: list[Header]) -> None:
    class Single(Guarded):
        max_connections_per_user = 1

    first = await connected(Single, headers=token)
    assert (await refused(client(Single, headers=token)))[1] == 4429
    with override_chanx_settings(MAX_CONNECTIONS_PER_USER=None):
        other = await connected(Guarded, headers=token)
    await first.disconnect()
    await other.disconnect()


async def test_strangers_are_not_counted() -> None:
    with override_chanx_settings(MAX_CONNECTIONS_PER_USER=1):
        opened = [await connected(Echo) for _ in range(3)]
    for communicator in opened:
        await communicator.disconnect()


@pytest.mark.parametrize("code", [4401, None])
async def test_what_is_revoked_during_the_handshake(
    code: int | None, user: User, token: list[Header], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database has been asked, and the connection is not known yet."""
    hurried: list[Any] = []

    def hurry(self: Rechecks, rechecked: Any) -> None:
        hurried.append(rechecked)

    monkeypatch.setattr(Rechecks, "hurry", hurry)

    class Revoked(Guarded):
        pass

    async def revoke_and_admit(self: Any, result: Any, began: float) -> Any:
        key = user_key(user)
        assert key is not None
        Connections.of(asyncio.get_running_loop()).revoke(Revocation(user=key, code=code))
        return await Guarded._admit(self, result, began)  # pyright: ignore[reportPrivateUsage]  # tested from inside

    # Afterwards, because no class may define it.
    monkeypatch.setattr(Revoked, "_admit", revoke_and_admit)

    if code is None:
        await (await connected(Revoked, headers=token)).disconnect()
        assert len(hurried) == 1
    else:
        payload, closed = await refused(client(Revoked, headers=token))
        assert (payload["status_code"], closed) == (401, 4401)


class Slow(OpenMixin, AsyncJsonWebsocketConsumer[PingMessage]):
    begun: ClassVar[asyncio.Event]

    async def receive_message(self, message: PingMessage, **kwargs: Any) -> None:
        self.begun.set()
        await asyncio.sleep(60)


async def test_a_client_that_does_not_read_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its close frame would wait for it, and the connection with it."""
    monkeypatch.setattr(sending, "CLOSE_PATIENCE", 0.05)
    Slow.begun = asyncio.Event()
    communicator = await connected(Slow)
    consumer = consumer_of(communicator)
    await communicator.send_json_to({"action": "ping"})
    await Slow.begun.wait()

    async def send(event: Any) -> None:
        await asyncio.sleep(60)

    consumer.base_send = send
    await consumer.end_connection(4401)
    await asyncio.wait_for(asyncio.shield(communicator.future), 5)
    assert len(Connections.of(asyncio.get_running_loop())) == 0


# -- before each group message -------------------------------------------------------------------------------


class Watched(AsyncJsonWebsocketConsumer[Say | PingMessage, Noticed, News]):
    """Asks before it tells."""

    authentication_classes = (TokenAuthentication,)
    permission_classes = (IsAuthenticated, InTheClub)
    groups: ClassVar[list[str]] = ["club"]  # type: ignore[misc]  # Channels' attribute is an instance's as well
    recheck_group_events = True
    outgoing_messages = Said

    async def receive_message(self, message: Say | PingMessage, **kwargs: Any) -> None:
        if isinstance(message, Say):
            await self.send_group_message(News(payload=message.payload))

    async def receive_event(self, event: Noticed) -> None:
        await self.send_message(Said(payload=event.payload))


async def _club(*names: str) -> list[list[Header]]:
    group = await Group.objects.acreate(name="club")
    found = []
    for name in names:
        user = await User.objects.acreate(username=name)
        await user.groups.aadd(group)
        token = await Token.objects.acreate(user=user)
        found.append([(b"authorization", f"Token {token.key}".encode())])
    return found


async def test_what_a_user_may_no_longer_see_is_withheld() -> None:
    sender, reader = [await connected(Watched, headers=headers) for headers in await _club("alice", "bob")]
    await sender.send_json_to(say("one"))
    assert (await reader.receive_json_from())["payload"] == "one"
    await Watched.asend_channel_event("club", Noticed(payload="two"))
    assert await reader.receive_json_from() == said("two")
    assert await sender.receive_json_from() == said("two")
    # No signal tells of it.
    await User.groups.through.objects.filter(user__username="bob").adelete()
    await sender.send_json_to(say("three"))
    await Watched.asend_channel_event("club", Noticed(payload="four"))
    await reader.assert_closed(4403)
    assert await sender.receive_json_from() == said("four")
    await sender.disconnect()
    await reader.disconnect()


async def test_what_nobody_can_decide_is_withheld_and_closes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    (headers,) = await _club("alice")
    reader = await connected(Watched, headers=headers)

    def fails(*args: Any) -> bool:
        raise ConnectionError("the database is away")

    with monkeypatch.context() as broken:
        broken.setattr(InTheClub, "has_permission", fails)
        await Watched.asend_channel_event("club", Noticed(payload="withheld"))
        assert await reader.receive_nothing(0.2)
    await Watched.asend_channel_event("club", Noticed(payload="told"))
    assert await reader.receive_json_from() == said("told")
    await reader.disconnect()


# -- groups --------------------------------------------------------------------------------------------------


async def test_groups_beyond_the_limit_are_refused_at_the_handshake() -> None:
    class Many(Echo):
        async def build_groups(self) -> list[str]:
            return ["one", "two", "two", "three"]

    with override_chanx_settings(MAX_GROUPS_PER_CONNECTION=3):
        await (await connected(Many)).disconnect()
    with override_chanx_settings(MAX_GROUPS_PER_CONNECTION=2):
        communicator = client(Many)
        await communicator.connect()
        await communicator.assert_closed(4429)
        await communicator.disconnect()


async def test_a_message_that_would_join_one_group_too_many_is_answered() -> None:
    class Joining(Echo):
        async def receive_message(self, message: Say | PingMessage, **kwargs: Any) -> None:
            assert isinstance(message, Say)
            await self.join_group(message.payload)
            await self.send_message(Said(payload=message.payload))

    with override_chanx_settings(MAX_GROUPS_PER_CONNECTION=1):
        communicator = await connected(Joining)
        for name in ("one", "one", "two"):
            await communicator.send_json_to(say(name, id=name))
        assert await communicator.receive_json_from() == said("one", reply_to="one")
        assert await communicator.receive_json_from() == said("one", reply_to="one")
        assert await communicator.receive_json_from() == {
            "action": "error",
            "payload": {"detail": "Too many groups", "code": "too_many_groups"},
            "reply_to": "two",
        }
        await communicator.disconnect()
