"""Who may open a WebSocket: DRF's classes decide, each refusal has its close code, and whatever fails stays closed."""

import base64
from typing import Any, ClassVar

import pytest
from channels.routing import URLRouter
from django.contrib.auth.models import AnonymousUser, Group, Permission, User
from django.core.cache import cache
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.test import AsyncClient
from pytest_django import Settings
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.authentication import BasicAuthentication as Basic
from rest_framework.authentication import SessionAuthentication as Session
from rest_framework.authentication import TokenAuthentication as Tokens
from rest_framework.authtoken.models import Token
from rest_framework.permissions import AllowAny, BasePermission, DjangoModelPermissions, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle, ScopedRateThrottle, SimpleRateThrottle
from rest_framework.views import APIView

from chanx.close_codes import CloseCode
from chanx.generic.authenticator import (
    AuthenticationResult,
    AuthMethod,
    ChanxAuthView,
    ChanxSerializer,
    ChanxWebsocketAuthenticator,
    close_code_of,
)
from chanx.generic.metaclass import ConsumerMeta
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.registry import Registry, use_registry
from chanx.routing import path
from tests.chanx.support import client, connected, records, refused

Refusal = tuple[int, int, Any]
Header = tuple[bytes, bytes]

NOT_PROVIDED = "Authentication credentials were not provided."
NO_PERMISSION = "You do not have permission to perform this action."


@pytest.fixture(autouse=True)
def _database(transactional_db: None, settings: Settings) -> None:
    """DRF's classes run in another thread, which sees only what is committed."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def user() -> User:
    return User.objects.create_user("alice", password="secret")


@pytest.fixture
def group() -> Group:
    return Group.objects.create(name="lobby")


class Open(AsyncJsonWebsocketConsumer[PingMessage], abstract=True):
    authentication_classes = ()
    permission_classes = ()
    #: The connection that was let in last.
    latest: ClassVar[Any] = None

    async def post_authentication(self) -> None:
        type(self).latest = self


def guarded(**attributes: Any) -> Any:
    """A consumer class with these attributes, which lets everybody in unless they say otherwise."""
    with use_registry(Registry()):
        return ConsumerMeta("Guarded", (Open,), {"__module__": __name__, **attributes})


def routed(consumer: Any) -> URLRouter:
    return URLRouter([path("ws/", consumer), path("rooms/<pk>/", consumer)])


async def let_in(consumer: Any, address: str = "/ws/", headers: list[Header] | None = None) -> Any:
    """The connection of a client that is let in."""
    communicator = await connected(routed(consumer), address, headers=headers)
    await communicator.disconnect()
    return consumer.latest


async def refusal(consumer: Any, address: str = "/ws/", headers: list[Header] | None = None) -> Refusal:
    """Status, close code and detail of a handshake that fails."""
    payload, code = await refused(client(routed(consumer), address, headers=headers))
    return payload["status_code"], code, payload["data"]["detail"]


async def token_of(user: User) -> list[Header]:
    token, _ = await Token.objects.aget_or_create(user=user)
    return [(b"authorization", f"Token {token.key}".encode())]


async def session_of(user: User) -> list[Header]:
    browser = AsyncClient()
    await browser.aforce_login(user)
    return [(b"cookie", f"sessionid={browser.cookies['sessionid'].value}".encode())]


def basic(credential: str) -> list[Header]:
    return [(b"authorization", b"Basic " + base64.b64encode(credential.encode()))]


def scope(**changes: Any) -> dict[str, Any]:
    return {
        "type": "websocket",
        "path": "/ws/",
        "query_string": b"",
        "headers": [],
        "client": ["1.2.3.4", 5],
        **changes,
    }


class Yes(BasePermission):
    pass


class No(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> bool:
        return False


class TestAuthentication:
    async def test_nobody_needs_to_be_anybody_where_nobody_asks(self) -> None:
        connection = await let_in(guarded())
        assert isinstance(connection.user, AnonymousUser)
        assert connection.obj is None
        assert connection.request.user is connection.user
        assert connection.scope["user"] is connection.user

    async def test_token(self, user: User) -> None:
        tokens = guarded(authentication_classes=[Tokens], permission_classes=[IsAuthenticated])
        assert (await let_in(tokens, headers=await token_of(user))).user == user
        assert await refusal(tokens) == (401, 4401, NOT_PROVIDED)
        assert await refusal(tokens, headers=[(b"authorization", b"Token nonsense")]) == (401, 4401, "Invalid token.")

    async def test_wrong_credentials_are_refused_also_where_none_are_needed(self) -> None:
        tokens = guarded(authentication_classes=[Tokens])
        assert isinstance((await let_in(tokens)).user, AnonymousUser)
        assert await refusal(tokens, headers=[(b"authorization", b"Token nonsense")]) == (401, 4401, "Invalid token.")

    async def test_basic(self, user: User) -> None:
        passwords = guarded(authentication_classes=[Basic], permission_classes=[IsAuthenticated])
        assert (await let_in(passwords, headers=basic("alice:secret"))).user == user
        assert await refusal(passwords, headers=basic("alice:wrong")) == (401, 4401, "Invalid username/password.")

    async def test_session(self, user: User) -> None:
        sessions = guarded(authentication_classes=[Session], permission_classes=[IsAuthenticated])
        assert (await let_in(sessions, headers=await session_of(user))).user == user
        assert await refusal(sessions, headers=[(b"cookie", b"sessionid=nonsense")]) == (403, 4401, NOT_PROVIDED)

    async def test_a_user_who_was_deactivated_is_out(self, user: User) -> None:
        headers = await token_of(user)
        await User.objects.filter(pk=user.pk).aupdate(is_active=False)
        tokens = guarded(authentication_classes=[Tokens])
        assert await refusal(tokens, headers=headers) == (401, 4401, "User inactive or deleted.")

    @pytest.mark.parametrize(("first", "status"), [(Tokens, 401), (Session, 403)])
    async def test_a_missing_credential_closes_with_4401_whatever_status_drf_gives_it(
        self, first: type[BaseAuthentication], status: int
    ) -> None:
        consumer = guarded(authentication_classes=[first, Tokens, Session], permission_classes=[IsAuthenticated])
        assert await refusal(consumer) == (status, 4401, NOT_PROVIDED)

    async def test_each_class_has_its_turn(self, user: User) -> None:
        consumer = guarded(authentication_classes=[Session, Basic, Tokens], permission_classes=[IsAuthenticated])
        assert (await let_in(consumer, headers=await token_of(user))).user == user

    def test_none_means_drfs_defaults(self) -> None:
        view = ChanxWebsocketAuthenticator().make_view()
        for name in ("authentication_classes", "permission_classes", "throttle_classes"):
            assert getattr(view, name) is getattr(APIView, name)


class TestRequest:
    """What DRF's classes see."""

    async def asked(self, address: str, headers: list[Header] | None = None, **attributes: Any) -> tuple[Request, Any]:
        """Request and view of the permission that lets a client in."""
        asked: list[tuple[Request, Any]] = []

        class Asks(BasePermission):
            def has_permission(self, request: Request, view: Any) -> bool:
                asked.append((request, view))
                return True

        connection = await let_in(guarded(permission_classes=[Asks], **attributes), address, headers)
        assert connection.request is asked[0][0]
        return asked[0]

    async def test_path_query_and_headers(self) -> None:
        headers = [(b"x-tenant", b"blue"), (b"cookie", b"theme=dark")]
        request, _ = await self.asked("/ws/?color=red&color=blue&q=%C3%A4", headers)
        assert request.path == "/ws/"
        assert request.query_params.getlist("color") == ["red", "blue"]
        assert request.query_params["q"] == "ä"
        assert request.headers["X-Tenant"] == "blue"
        assert request.COOKIES == {"theme": "dark"}
        assert request.META["REMOTE_ADDR"] == "127.0.0.1"
        assert request.get_host() == "testserver"
        assert not request.data

    async def test_url_kwargs_without_a_queryset(self) -> None:
        request, view = await self.asked("/rooms/7/")
        assert view.kwargs == {"pk": "7"}
        assert view.args == ()
        assert request.parser_context is not None
        assert request.parser_context["kwargs"] == {"pk": "7"}
        assert request.resolver_match is not None
        assert request.resolver_match.kwargs == {"pk": "7"}

    @pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
    async def test_the_method_is_the_one_that_was_chosen(self, method: AuthMethod) -> None:
        request, _ = await self.asked("/ws/", auth_method=method)
        assert request.method == method.upper()

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    async def test_a_session_needs_no_csrf_token_for_any_method(self, user: User, method: AuthMethod) -> None:
        request, _ = await self.asked(
            "/ws/", await session_of(user), auth_method=method, authentication_classes=[Session]
        )
        assert request.user == user

    @pytest.mark.parametrize("address", ["/ws/?format=xyz", "/ws/?format=api"])
    async def test_a_parameter_called_format_means_nothing(self, address: str) -> None:
        request, _ = await self.asked(address, [(b"accept", b"image/png")])
        assert "format" in request.query_params

    async def test_a_client_that_claims_to_send_a_body_sends_none(self) -> None:
        class Reads(BasePermission):
            def has_permission(self, request: Request, view: APIView) -> bool:
                return not request.data

        headers = [(b"content-length", b"5"), (b"content-type", b"text/csv")]
        status, code, detail = await refusal(guarded(permission_classes=[Reads]), headers=headers)
        assert (status, code) == (415, 4400)
        assert detail == 'Unsupported media type "text/csv" in request.'


class TestPermissions:
    async def test_all_must_agree(self) -> None:
        assert await let_in(guarded(permission_classes=[Yes, Yes]))
        assert await refusal(guarded(permission_classes=[Yes, No])) == (403, 4403, NO_PERMISSION)

    @pytest.mark.parametrize(
        ("permission", "allowed"),
        [
            (Yes & Yes, True),
            (Yes & No, False),
            (No | Yes, True),
            (No | No, False),
            (~No, True),
            (~Yes, False),
            (~(Yes & No), True),
            ((Yes | No) & ~No, True),
            ((Yes & No) | ~Yes, False),
        ],
    )
    async def test_operands(self, permission: Any, allowed: bool) -> None:
        consumer = guarded(permission_classes=[permission])
        if allowed:
            assert await let_in(consumer)
        else:
            assert await refusal(consumer) == (403, 4403, NO_PERMISSION)

    async def test_the_refusal_says_what_the_permission_says(self) -> None:
        class Closed(No):
            message = "Closed on Sundays."

        assert await refusal(guarded(permission_classes=[Closed])) == (403, 4403, "Closed on Sundays.")

    async def test_model_permissions_are_those_of_the_method(self, user: User, group: Group) -> None:
        attributes = {"authentication_classes": [Tokens], "permission_classes": [DjangoModelPermissions]}
        headers = await token_of(user)
        reads = guarded(queryset=Group.objects.all(), **attributes)
        adds = guarded(queryset=Group.objects.all(), auth_method="post", **attributes)
        address = f"/rooms/{group.pk}/"
        assert (await let_in(reads, address, headers)).obj == group
        assert await refusal(adds, address, headers) == (403, 4403, NO_PERMISSION)

        await user.user_permissions.aadd(await Permission.objects.aget(codename="add_group"))
        assert (await let_in(adds, address, headers)).obj == group


class TestThrottles:
    async def test_one_handshake_too_many(self) -> None:
        class OneAMinute(SimpleRateThrottle):
            rate = "1/min"

            def get_cache_key(self, request: Request, view: APIView) -> str:
                return "handshakes"

        consumer = guarded(throttle_classes=[OneAMinute])
        await let_in(consumer)
        status, code, detail = await refusal(consumer)
        assert (status, code) == (429, 4429)
        assert detail.startswith("Request was throttled. Expected available in ")

    async def test_a_scope_chooses_the_rate(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """DRF's ScopedRateThrottle lets everybody through on a view without a scope."""
        monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"doors": "1/min"})
        consumer = guarded(throttle_classes=[ScopedRateThrottle], throttle_scope="doors")
        await let_in(consumer)
        assert (await refusal(consumer))[:2] == (429, 4429)

    async def test_a_throttle_counts_only_whom_the_permissions_let_through(self) -> None:
        class Never(BaseThrottle):
            def allow_request(self, request: Request, view: APIView) -> bool:
                raise AssertionError

        assert (await refusal(guarded(permission_classes=[No], throttle_classes=[Never])))[:2] == (403, 4403)


class OnlyLobby(BasePermission):
    """Counts how often it was asked about an object."""

    asked = 0

    def has_object_permission(self, request: Request, view: APIView, obj: Group) -> bool:
        type(self).asked += 1
        return obj.name == "lobby"


def own_queryset(self: Any) -> QuerySet[Group]:
    return Group.objects.exclude(name=self.request.query_params.get("without", ""))


def own_object(self: Any) -> Group:
    return get_object_or_404(Group, pk=self.scope["url_route"]["kwargs"]["pk"])


SOURCES: dict[str, dict[str, Any]] = {
    "a QuerySet": {"queryset": Group.objects.all()},
    "a Manager": {"queryset": Group.objects},
    "get_queryset": {"get_queryset": own_queryset},
    # It forgets to check the object's permissions, which DRF leaves to it.
    "get_object": {"get_object": own_object},
    "get_object beside a queryset": {"get_object": own_object, "queryset": Group.objects.none()},
}


class TestObject:
    @pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
    async def test_every_source_is_closed_but_for_what_is_allowed(self, source: Any, group: Group) -> None:
        other = await Group.objects.acreate(name="secret")

        class Counting(OnlyLobby):
            pass

        consumer = guarded(permission_classes=[Counting], **source)
        assert (await let_in(consumer, f"/rooms/{group.pk}/")).obj == group
        assert Counting.asked == 1
        assert await refusal(consumer, f"/rooms/{other.pk}/") == (403, 4403, NO_PERMISSION)
        status, code, detail = await refusal(consumer, "/rooms/4711/")
        assert (status, code) == (404, 4404)
        assert detail == "No Group matches the given query."

    @pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
    async def test_operands_hold_for_objects(self, source: Any, group: Group) -> None:
        address = f"/rooms/{group.pk}/"
        assert await let_in(guarded(permission_classes=[OnlyLobby | No], **source), address)
        nobody = guarded(permission_classes=[OnlyLobby & ~OnlyLobby], **source)
        assert (await refusal(nobody, address))[:2] == (403, 4403)

    async def test_nothing_is_looked_up_before_permissions_and_throttles_agree(self, group: Group) -> None:
        def never(self: Any) -> Any:
            raise AssertionError

        consumer = guarded(permission_classes=[No], get_object=never)
        assert await refusal(consumer, "/rooms/1/") == (403, 4403, NO_PERMISSION)

    async def test_the_queryset_is_asked_anew_for_each_connection(self, group: Group) -> None:
        queryset = Group.objects.all()
        assert len([each async for each in queryset]) == 1
        consumer = guarded(queryset=queryset)
        late = await Group.objects.acreate(name="late")
        assert (await let_in(consumer, f"/rooms/{late.pk}/")).obj == late

    async def test_get_queryset_may_look_at_the_request(self, group: Group) -> None:
        consumer = guarded(get_queryset=own_queryset)
        address = f"/rooms/{group.pk}/"
        assert (await let_in(consumer, address)).obj == group
        assert (await refusal(consumer, f"{address}?without=lobby"))[:2] == (404, 4404)

    async def test_an_own_get_object_may_go_on_from_the_default(self, group: Group) -> None:
        def shouting(self: Any) -> Any:
            found: Any = Open.get_object(self)
            found.name = found.name.upper()
            return found

        consumer = guarded(queryset=Group.objects.all(), get_object=shouting)
        assert (await let_in(consumer, f"/rooms/{group.pk}/")).obj.name == "LOBBY"

    async def test_no_object_is_not_found(self) -> None:
        def nothing(self: Any) -> None:
            return None

        assert await refusal(guarded(get_object=nothing)) == (404, 4404, "Not found.")

    @pytest.mark.parametrize(
        ("error", "expected"),
        [
            (DjangoPermissionDenied(), (403, 4403, NO_PERMISSION)),
            (exceptions.PermissionDenied("No."), (403, 4403, "No.")),
            (Http404(), (404, 4404, "Not found.")),
            (exceptions.NotFound("Gone."), (404, 4404, "Gone.")),
            (exceptions.NotAuthenticated("Who?"), (403, 4401, "Who?")),
            (exceptions.ValidationError({"detail": "Odd."}), (400, 4400, "Odd.")),
            (Group.DoesNotExist(), (500, 4500, "Internal server error")),
        ],
        ids=repr,
    )
    async def test_what_an_own_get_object_raises(self, error: Exception, expected: Refusal) -> None:
        def failing(self: Any) -> Any:
            raise error

        assert await refusal(guarded(get_object=failing)) == expected

    async def test_the_lookup_is_chosen_as_in_drf(self, group: Group) -> None:
        by_name = guarded(queryset=Group.objects.all(), lookup_field="name", lookup_url_kwarg="pk")
        assert (await let_in(by_name, "/rooms/lobby/")).obj == group
        by_own_name = guarded(queryset=Group.objects.all(), lookup_field="name")
        application = URLRouter([path("rooms/<str:name>/", by_own_name)])
        await (await connected(application, "/rooms/lobby/")).disconnect()
        assert by_own_name.latest.obj == group

    async def test_a_value_that_cannot_be_a_key_is_not_found(self, group: Group) -> None:
        consumer = guarded(queryset=Group.objects.all())
        assert (await refusal(consumer, "/rooms/lobby/"))[:2] == (404, 4404)

    async def test_a_route_without_the_key_stays_closed(self, group: Group, caplog: pytest.LogCaptureFixture) -> None:
        consumer = guarded(queryset=Group.objects.all())
        assert await refusal(consumer) == (500, 4500, "Internal server error")
        assert 'Expected view ChanxAuthView to be called with a URL keyword argument named "pk"' in caplog.text

    @pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options"])
    async def test_the_object_is_wanted_for_every_method(self, group: Group, method: AuthMethod) -> None:
        consumer = guarded(queryset=Group.objects.all(), auth_method=method, permission_classes=[OnlyLobby])
        other = await Group.objects.acreate(name="secret")
        assert (await let_in(consumer, f"/rooms/{group.pk}/")).obj == group
        assert (await refusal(consumer, f"/rooms/{other.pk}/"))[:2] == (403, 4403)
        assert (await refusal(consumer, "/rooms/4711/"))[:2] == (404, 4404)


class Crash(Exception):
    """Holds what no client may see."""


def crash(*args: Any) -> Any:
    raise Crash("the password is 12345")


class CrashingAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> Any:
        return crash()


class CrashingPermission(BasePermission):
    def has_permission(self, request: Request, view: APIView) -> Any:
        return crash()


class CrashingThrottle(BaseThrottle):
    def allow_request(self, request: Request, view: APIView) -> Any:
        return crash()


class TestCrash:
    @pytest.mark.parametrize("debug", [False, True])
    @pytest.mark.parametrize(
        "attributes",
        [
            {"authentication_classes": [CrashingAuthentication]},
            {"permission_classes": [CrashingPermission]},
            {"throttle_classes": [CrashingThrottle]},
            {"get_queryset": crash},
            {"get_object": crash},
        ],
        ids=lambda attributes: next(iter(attributes)),
    )
    async def test_it_is_logged_and_tells_the_client_nothing(
        self, attributes: dict[str, Any], debug: bool, settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        settings.DEBUG = debug
        payload, code = await refused(client(routed(guarded(**attributes)), "/rooms/1/"))
        assert code == 4500
        assert payload == {
            "status_code": 500,
            "status_text": "Internal Server Error",
            "data": {"detail": "Internal server error"},
        }
        assert records(caplog, "ERROR") == ["Authentication of a WebSocket failed"]
        assert "Crash: the password is 12345" in caplog.text

    async def test_the_authenticator_never_raises(self) -> None:
        result = await ChanxWebsocketAuthenticator().authenticate({"type": "nonsense"})
        assert (result.is_authenticated, result.status_code, result.close_code) == (
            False,
            500,
            CloseCode.HANDSHAKE_FAILURE,
        )


class TestResult:
    """The authenticator by itself."""

    async def test_success(self, user: User) -> None:
        class WithTokens(ChanxWebsocketAuthenticator):
            authentication_classes = (Tokens,)
            permission_classes = (IsAuthenticated,)

        result = await WithTokens().authenticate(scope(headers=await token_of(user)))
        assert isinstance(result.request, Request)
        assert result == AuthenticationResult(
            is_authenticated=True,
            status_code=200,
            status_text="OK",
            data={"detail": "OK"},
            user=user,
            obj=None,
            close_code=None,
            request=result.request,
        )

    async def test_refusal(self) -> None:
        class WithTokens(ChanxWebsocketAuthenticator):
            authentication_classes = (Tokens,)
            permission_classes = (IsAuthenticated,)

        assert await WithTokens().authenticate(scope()) == AuthenticationResult(
            is_authenticated=False,
            status_code=401,
            status_text="Unauthorized",
            data={"detail": NOT_PROVIDED},
            close_code=CloseCode.NOT_AUTHENTICATED,
        )

    async def test_an_object_without_a_consumer(self, group: Group) -> None:
        class WithGroups(ChanxWebsocketAuthenticator):
            authentication_classes = ()
            permission_classes = (OnlyLobby,)
            queryset = Group.objects
            lookup_field = "name"

        other = await Group.objects.acreate(name="secret")
        result = await WithGroups().authenticate(scope(url_route={"args": (), "kwargs": {"name": "lobby"}}))
        assert result.obj == group
        result = await WithGroups().authenticate(scope(url_route={"args": (), "kwargs": {"name": other.name}}))
        assert (result.obj, result.close_code) == (None, CloseCode.FORBIDDEN)

    @pytest.mark.parametrize(
        ("error", "status", "code"),
        [
            (exceptions.NotAuthenticated(), 403, CloseCode.NOT_AUTHENTICATED),
            (exceptions.AuthenticationFailed(), 403, CloseCode.NOT_AUTHENTICATED),
            (exceptions.PermissionDenied(), 403, CloseCode.FORBIDDEN),
            (DjangoPermissionDenied(), 403, CloseCode.FORBIDDEN),
            (exceptions.NotFound(), 404, CloseCode.NOT_FOUND),
            (Http404(), 404, CloseCode.NOT_FOUND),
            (exceptions.Throttled(), 429, CloseCode.THROTTLED),
            (exceptions.ValidationError(), 400, CloseCode.PROTOCOL_VIOLATION),
            (exceptions.MethodNotAllowed("GET"), 405, CloseCode.PROTOCOL_VIOLATION),
            (exceptions.APIException(), 500, CloseCode.HANDSHAKE_FAILURE),
            (None, 401, CloseCode.NOT_AUTHENTICATED),
            (None, 403, CloseCode.FORBIDDEN),
            (None, 404, CloseCode.NOT_FOUND),
            (None, 429, CloseCode.THROTTLED),
            (None, 409, CloseCode.PROTOCOL_VIOLATION),
            (None, 503, CloseCode.HANDSHAKE_FAILURE),
        ],
        ids=repr,
    )
    def test_the_close_code_is_the_exceptions_and_else_the_statuss(
        self, error: Exception | None, status: int, code: CloseCode
    ) -> None:
        assert close_code_of(error, status) is code


class TestOwnClasses:
    async def test_a_view_that_forgets_the_object_is_checked_for_it(self, group: Group) -> None:
        class Greeting(ChanxAuthView):
            def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
                return Response({"detail": "Welcome"})

        class Welcoming(ChanxWebsocketAuthenticator):
            view_class = Greeting

        consumer = guarded(authenticator_class=Welcoming, queryset=Group.objects.all(), permission_classes=[OnlyLobby])
        other = await Group.objects.acreate(name="secret")
        communicator = client(routed(consumer), f"/rooms/{group.pk}/")
        await communicator.connect()
        message = await communicator.wait_for_auth()
        assert message is not None
        assert message.payload.data == {"detail": "Welcome"}
        await communicator.disconnect()
        assert consumer.latest.obj == group
        assert (await refusal(consumer, f"/rooms/{other.pk}/"))[:2] == (403, 4403)
        assert (await refusal(consumer, "/rooms/4711/"))[:2] == (404, 4404)

    @pytest.mark.parametrize(
        ("status", "code"), [(401, 4401), (403, 4403), (404, 4404), (409, 4400), (429, 4429), (503, 4500)]
    )
    async def test_a_view_may_refuse_by_its_response(self, group: Group, status: int, code: int) -> None:
        class Refusing(ChanxAuthView):
            def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
                return Response({"detail": "No."}, status)

        class Authenticator(ChanxWebsocketAuthenticator):
            view_class = Refusing

        consumer = guarded(authenticator_class=Authenticator, queryset=Group.objects.all())
        assert await refusal(consumer, f"/rooms/{group.pk}/") == (status, code, "No.")

    @pytest.mark.parametrize(("status", "code"), [(401, 4401), (403, 4403), (500, 4500)])
    async def test_an_authenticator_that_decides_alone(self, status: int, code: int) -> None:
        class Deciding(ChanxWebsocketAuthenticator):
            async def authenticate(self, scope: Any) -> AuthenticationResult:
                return AuthenticationResult(False, status, "No", {"detail": "No."})

        assert await refusal(guarded(authenticator_class=Deciding)) == (status, code, "No.")

    async def test_the_consumer_counts_before_its_authenticator(self) -> None:
        class Strict(ChanxWebsocketAuthenticator):
            authentication_classes = (Tokens,)
            permission_classes = (IsAuthenticated,)

        unsaid = guarded(authentication_classes=None, permission_classes=None, authenticator_class=Strict)
        said = guarded(authentication_classes=None, permission_classes=[AllowAny], authenticator_class=Strict)
        assert await refusal(unsaid) == (401, 4401, NOT_PROVIDED)
        assert isinstance((await let_in(said)).user, AnonymousUser)


def test_a_serializer_is_there_for_classes_that_expect_one() -> None:
    view = ChanxWebsocketAuthenticator().make_view()
    serializer = view.get_serializer_class()()
    assert isinstance(serializer, ChanxSerializer)
    assert serializer.data == {}
