"""The request of a handshake: its Origin, its cookies, and the credential among its subprotocols."""

import base64
import logging
from typing import Any, ClassVar

import pytest
from channels.auth import AuthMiddlewareStack
from django.contrib.auth.models import AnonymousUser, User
from django.test import AsyncClient, modify_settings
from pytest_django import Settings
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.permissions import IsAuthenticated

from chanx.generic.authenticator import PermissionClasses
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.handshake import django_request, origin_is_allowed, selected_subprotocol
from chanx.messages.incoming import PingMessage
from chanx.registry import Registry, use_registry
from tests.chanx.support import client, connected, exactly, records, refused

Header = tuple[bytes, bytes]

OWN = "http://testserver"
NOT_PROVIDED = "Authentication credentials were not provided."
#: The test client adds an Origin of its own unless there is one; an empty one leaves it out.
NO_ORIGIN: Header = (b"origin", b"")


class Bearer(TokenAuthentication):
    keyword = "Bearer"


with use_registry(Registry()):

    class Guarded(AsyncJsonWebsocketConsumer[PingMessage]):
        authentication_classes = (TokenAuthentication, Bearer, SessionAuthentication)
        permission_classes: PermissionClasses = (IsAuthenticated,)
        latest: ClassVar[Any] = None

        async def post_authentication(self) -> None:
            type(self).latest = self

    class Open(Guarded):
        permission_classes = ()


async def let_in(application: Any, headers: list[Header] | None = None, subprotocols: list[str] | None = None) -> Any:
    """The connection of a client that is let in."""
    Guarded.latest = Open.latest = None
    communicator = await connected(application, headers=headers, subprotocols=subprotocols)
    await communicator.disconnect()
    return Guarded.latest or Open.latest


def after_middleware(application: Any, user: User) -> Any:
    """The application behind a middleware that puts a user into the scope, as one for tokens does."""

    async def with_user(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "user": user}, receive, send)

    return with_user


async def refusal(
    application: Any, headers: list[Header] | None = None, subprotocols: list[str] | None = None
) -> tuple[int, int, str]:
    """Status, close code and detail of a handshake that fails."""
    payload, code = await refused(client(application, headers=headers, subprotocols=subprotocols))
    return payload["status_code"], code, payload["data"]["detail"]


def credential(value: str) -> str:
    return "chanx.auth." + base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


def scope(*headers: Header, **changes: Any) -> dict[str, Any]:
    return {"type": "websocket", "path": "/ws/", "query_string": b"", "headers": list(headers), **changes}


@pytest.fixture
def user(transactional_db: None) -> User:
    return User.objects.create(username="alice")


@pytest.fixture
def token(user: User) -> str:
    return str(Token.objects.create(user=user).key)


@pytest.fixture
async def cookie(user: User) -> Header:
    browser = AsyncClient()
    await browser.aforce_login(user)
    return (b"cookie", f"theme=dark; sessionid={browser.cookies['sessionid'].value}".encode())


class TestOriginIsAllowed:
    @pytest.mark.parametrize(
        "origin",
        [
            "null",
            "",
            "testserver",
            "//testserver",
            "http://",
            "http://:80",
            "file://",
            "http://testserver/",
            "http://testserver/path",
            "http://testserver?a",
            "http://testserver#a",
            "http://testserver:port",
            "http://testserver:99999",
            "http://[testserver",
            "http://testserver, http://evil.example",
        ],
    )
    @pytest.mark.parametrize("chanx", [{}, {"ALLOWED_ORIGINS": ["*"]}], ids=["hosts", "all"])
    def test_what_is_no_origin_is_refused_whatever_is_allowed(
        self, settings: Settings, origin: str, chanx: dict[str, Any]
    ) -> None:
        settings.CHANX = chanx
        settings.ALLOWED_HOSTS = ["testserver"]
        assert not origin_is_allowed(origin, "testserver")

    @pytest.mark.parametrize(
        ("origin", "allowed"),
        [
            ("https://app.example", True),
            ("https://app.example:8443", False),
            ("http://app.example", False),
            ("https://app.example.evil", False),
            ("https://www.app.example", False),
            ("https://dev.example:3000", True),
            ("https://dev.example", False),
            ("https://sub.example", True),
            ("https://a.sub.example", True),
            ("https://a.b.sub.example", True),
            ("https://a.sub.example:8443", False),
            ("http://a.sub.example", False),
            ("https://evilsub.example", False),
            ("https://sub.example.evil", False),
            ("https://Mixed.Example", True),
            ("https://mixed.example", True),
            ("http://testserver", False),
        ],
    )
    @pytest.mark.parametrize("setting", ["ALLOWED_ORIGINS", "CSRF_TRUSTED_ORIGINS"])
    def test_patterns(self, settings: Settings, setting: str, origin: str, allowed: bool) -> None:
        patterns = ["https://app.example", "https://dev.example:3000", "https://*.sub.example", "https://MIXED.example"]
        settings.ALLOWED_HOSTS = []
        if setting == "ALLOWED_ORIGINS":
            settings.CHANX = {setting: patterns}
        else:
            settings.CSRF_TRUSTED_ORIGINS = patterns
        assert origin_is_allowed(origin, "testserver") is allowed

    def test_allowed_origins_alone_count_where_they_are_set(self, settings: Settings) -> None:
        settings.ALLOWED_HOSTS = ["testserver"]
        settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.example"]
        assert origin_is_allowed(OWN, "testserver")
        assert origin_is_allowed("https://trusted.example", "testserver")
        settings.CHANX = {"ALLOWED_ORIGINS": []}
        assert not origin_is_allowed(OWN, "testserver")
        assert not origin_is_allowed("https://trusted.example", "testserver")

    def test_a_star_among_the_origins_allows_every_page(self, settings: Settings) -> None:
        settings.CHANX = {"ALLOWED_ORIGINS": ["*"]}
        assert origin_is_allowed("https://evil.example", "testserver")

    @pytest.mark.parametrize(
        ("origin", "allowed"),
        [
            ("http://chat.example", True),
            ("https://chat.example:8443", True),
            ("https://CHAT.example", True),
            ("https://a.team.example", True),
            ("https://team.example", True),
            ("http://[::1]:8000", True),
            ("https://evil.example", False),
            ("https://chat.example.evil", False),
            ("https://evilteam.example", False),
            ("http://[::2]:8000", False),
        ],
    )
    def test_pages_of_the_allowed_hosts(self, settings: Settings, origin: str, allowed: bool) -> None:
        settings.ALLOWED_HOSTS = ["chat.example", ".team.example", "[::1]"]
        assert origin_is_allowed(origin, "anything") is allowed

    @pytest.mark.parametrize(
        ("origin", "host", "allowed"),
        [
            ("https://chat.example", "chat.example", True),
            ("https://chat.example:8443", "chat.example:8443", True),
            ("https://chat.example:8443", "chat.example", False),
            ("https://evil.example", "chat.example", False),
            ("https://evil.example", "", False),
            ("https://*", "*", True),
        ],
    )
    def test_where_every_host_is_allowed_only_the_servers_own_pages_are(
        self, settings: Settings, origin: str, host: str, allowed: bool
    ) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        assert origin_is_allowed(origin, host) is allowed

    @pytest.mark.parametrize("debug", [True, False])
    @pytest.mark.parametrize(
        ("origin", "local"),
        [
            ("http://localhost:8000", True),
            ("http://app.localhost", True),
            ("http://127.0.0.1:3000", True),
            ("http://[::1]:8000", True),
            ("http://evil.example", False),
            ("http://localhost.evil.example", False),
        ],
    )
    def test_without_any_allowed_host_debug_allows_the_own_machine(
        self, settings: Settings, debug: bool, origin: str, local: bool
    ) -> None:
        settings.ALLOWED_HOSTS = []
        settings.DEBUG = debug
        assert origin_is_allowed(origin, "localhost:8000") is (debug and local)


class TestOrigin:
    @pytest.mark.parametrize(
        "headers",
        [
            [(b"origin", b"https://evil.example")],
            [(b"Origin", b"https://evil.example")],
            [(b"origin", b"null")],
            [(b"origin", b"http://testserver:x")],
            [(b"origin", b"\xff\xfe")],
            [(b"origin", b"http://testserver"), (b"origin", b"https://evil.example")],
            [(b"origin", b"https://evil.example"), (b"origin", b"http://testserver")],
            [(b"origin", b"http://testserver"), (b"Origin", b"http://testserver")],
        ],
        ids=repr,
    )
    async def test_a_foreign_one_is_refused(self, headers: list[Header], caplog: pytest.LogCaptureFixture) -> None:
        assert await refusal(Open, headers) == (403, 4403, "Origin not allowed.")
        shown = headers[0][1].decode("latin1")
        assert records(caplog, "WARNING") == [f"WebSocket refused: Origin {shown!r} is not allowed"]

    async def test_a_foreign_one_is_refused_whatever_else_the_client_has(self, token: str, cookie: Header) -> None:
        evil = (b"origin", b"https://evil.example")
        assert (await refusal(Guarded, [evil, cookie]))[:2] == (403, 4403)
        assert (await refusal(Guarded, [evil, (b"authorization", f"Token {token}".encode())]))[:2] == (403, 4403)
        assert (await refusal(Guarded, [evil], ["chanx.v1", credential(f"Token {token}")]))[:2] == (403, 4403)

    async def test_the_log_bounds_what_a_client_can_write_into_it(self, caplog: pytest.LogCaptureFixture) -> None:
        await refusal(Open, [(b"origin", b"https://evil.example/\n" + b"a" * 1000)])
        (record,) = records(caplog, "WARNING")
        assert "\n" not in record
        assert len(record) < 260

    async def test_the_host_is_the_one_that_the_client_calls(self, settings: Settings) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        called = (b"host", b"chat.example:8443")
        assert await let_in(Open, [called, (b"origin", b"https://chat.example:8443")])
        assert await refusal(Open, [called, (b"origin", b"https://chat.example")]) == (
            403,
            4403,
            "Origin not allowed.",
        )

    async def test_a_client_without_one_may_have_a_credential_of_its_own(self, user: User, token: str) -> None:
        headers = [NO_ORIGIN, (b"authorization", f"Token {token}".encode())]
        assert (await let_in(Guarded, headers)).user == user


class TestCookies:
    async def test_with_an_own_origin_they_count(self, user: User, cookie: Header) -> None:
        connection = await let_in(Guarded, [cookie])
        assert connection.user == user
        assert connection.request.COOKIES["theme"] == "dark"

    async def test_without_an_origin_they_are_ignored(self, cookie: Header, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.INFO, "chanx")
        assert await refusal(Guarded, [NO_ORIGIN, cookie]) == (401, 4401, NOT_PROVIDED)
        assert "Cookies of a WebSocket handshake are ignored: it has no Origin header" in records(caplog, "INFO")
        connection = await let_in(Open, [NO_ORIGIN, (b"Cookie", cookie[1])])
        assert connection.request.COOKIES == {}
        assert isinstance(connection.user, AnonymousUser)

    async def test_what_a_middleware_read_from_them_is_ignored_too(self, user: User, cookie: Header) -> None:
        assert (await let_in(AuthMiddlewareStack(Guarded.as_asgi()), [cookie])).user == user
        assert await refusal(AuthMiddlewareStack(Guarded.as_asgi()), [NO_ORIGIN, cookie]) == (401, 4401, NOT_PROVIDED)
        connection = await let_in(AuthMiddlewareStack(Open.as_asgi()), [NO_ORIGIN, cookie])
        assert isinstance(connection.user, AnonymousUser)
        assert isinstance(connection.scope["user"], AnonymousUser)

    async def test_they_are_ignored_beside_a_credential_too(self, user: User, token: str, cookie: Header) -> None:
        other = await User.objects.acreate(username="bob")
        key = (await Token.objects.acreate(user=other)).key
        connection = await let_in(Guarded, [NO_ORIGIN, cookie, (b"authorization", f"Token {key}".encode())])
        assert connection.user == other
        assert connection.request.COOKIES == {}


class TestSessionAndUser:
    async def test_a_session_is_read_without_a_middleware(self, user: User, cookie: Header) -> None:
        request = (await let_in(Guarded, [cookie])).request
        assert await request.session.aget("_auth_user_id") == str(user.pk)

    async def test_the_session_of_a_middleware_is_taken(self, user: User, cookie: Header) -> None:
        connection = await let_in(AuthMiddlewareStack(Guarded.as_asgi()), [cookie])
        assert connection.request.session is connection.scope["session"]

    async def test_a_user_of_a_middleware_needs_no_cookie(self, user: User) -> None:
        application = after_middleware(Guarded.as_asgi(), user)
        assert (await let_in(application)).user is user
        assert (await let_in(application, [NO_ORIGIN])).user is user

    async def test_the_connections_user_is_the_one_that_drf_found(self, token: str) -> None:
        application = after_middleware(Guarded.as_asgi(), User(username="other"))
        connection = await let_in(application, [(b"authorization", f"Token {token}".encode())])
        assert connection.user.username == "alice"
        assert connection.scope["user"] is connection.user

    @modify_settings(INSTALLED_APPS={"remove": ["django.contrib.sessions"]})
    def test_a_project_without_sessions_has_none(self) -> None:
        request = django_request(scope((b"cookie", b"sessionid=1"), (b"origin", OWN.encode())), "get")
        assert not hasattr(request, "session")
        assert isinstance(request.user, AnonymousUser)

    def test_making_the_request_asks_no_database(self) -> None:
        """pytest-django raises where a test without the mark asks it."""
        key = "0123456789abcdef"
        headers = (b"cookie", f"sessionid={key}".encode()), (b"origin", OWN.encode())
        request = django_request(scope(*headers), "get")
        assert request.session.session_key == key
        with pytest.raises(RuntimeError, match="Database access not allowed"):
            request.user.pk  # noqa: B018 - the access is the test


class TestCredentialAmongTheSubprotocols:
    @pytest.mark.parametrize("padding", ["", "=", "=="])
    async def test_the_whole_authorization_value(self, user: User, token: str, padding: str) -> None:
        # As many characters as leave 0, 1 and 2 paddings.
        value = f"Token {token}" + " " * len(padding)
        connection = await let_in(Guarded, subprotocols=["chanx.v1", credential(value)])
        assert connection.user == user
        assert connection.request.headers["Authorization"] == value

    async def test_a_bearer_token(self, user: User, token: str) -> None:
        connection = await let_in(Guarded, subprotocols=[f"chanx.bearer.{token}", "chanx.v1"])
        assert connection.user == user
        assert isinstance(connection.request.successful_authenticator, Bearer)

    @pytest.mark.parametrize("byte", ["?", ">", "ÿ"])
    def test_base64url_has_its_own_alphabet(self, byte: str) -> None:
        value = f"Basic {byte * 8}"
        request = django_request(scope(subprotocols=[credential(value)]), "get")
        assert request.headers["Authorization"] == value.encode().decode("latin1")

    @pytest.mark.parametrize("subprotocol", ["chanx.auth.a", "chanx.auth.!!!!", "chanx.auth.ä", "chanx.auth.YQ=x"])
    async def test_what_is_not_base64url_is_refused(self, subprotocol: str) -> None:
        assert await refusal(Open, subprotocols=["chanx.v1", subprotocol]) == (
            401,
            4401,
            "The credential among the subprotocols is not base64url.",
        )

    @pytest.mark.parametrize(
        ("headers", "subprotocols"),
        [
            ([], [credential("Token a"), credential("Token b")]),
            ([], [credential("Token a"), "chanx.bearer.b"]),
            ([], ["chanx.bearer.b", "chanx.bearer.b"]),
            ([(b"authorization", b"Token a")], ["chanx.bearer.b"]),
            ([(b"Authorization", b"Token a")], [credential("Token a")]),
        ],
    )
    async def test_two_credentials_are_refused(self, headers: list[Header], subprotocols: list[str]) -> None:
        assert await refusal(Open, headers, subprotocols) == (401, 4401, "More than one credential.")

    async def test_a_wrong_credential_is_refused(self, user: User) -> None:
        assert await refusal(Guarded, subprotocols=["chanx.v1", credential("Token x")]) == (
            401,
            4401,
            "Invalid token.",
        )

    async def test_an_empty_one_is_none(self) -> None:
        assert await refusal(Guarded, subprotocols=["chanx.auth."]) == (401, 4401, NOT_PROVIDED)

    def test_the_scope_is_left_as_it_was(self) -> None:
        given = scope((b"cookie", b"a=1"), subprotocols=["chanx.bearer.b"], user="somebody")
        django_request(given, "get")
        assert given == scope((b"cookie", b"a=1"), subprotocols=["chanx.bearer.b"], user="somebody")

    @pytest.mark.parametrize(
        ("offered", "selected"),
        [
            (["chanx.v1", "chanx.bearer.b"], "chanx.v1"),
            (["chanx.bearer.b", "chanx.v1"], "chanx.v1"),
            (["chanx.bearer.b"], None),
            (["graphql-ws"], None),
            ([], None),
        ],
    )
    def test_the_server_never_selects_a_credential(self, offered: list[str], selected: str | None) -> None:
        assert selected_subprotocol(scope(subprotocols=offered)) == selected
        assert selected_subprotocol(scope()) is None

    async def test_the_client_is_told_the_selected_one(self, token: str) -> None:
        communicator = client(Guarded, subprotocols=[credential(f"Token {token}"), "chanx.v1"])
        assert await communicator.connect() == (True, "chanx.v1")
        await communicator.disconnect()


class TestErrors:
    """The request by itself raises DRF's exceptions."""

    def test_origin(self) -> None:
        with pytest.raises(PermissionDenied, match=exactly("Origin not allowed.")):
            django_request(scope((b"origin", b"https://evil.example")), "get")

    def test_credential(self) -> None:
        with pytest.raises(AuthenticationFailed, match=exactly("More than one credential.")):
            django_request(scope(subprotocols=["chanx.bearer.a", "chanx.bearer.b"]), "get")
