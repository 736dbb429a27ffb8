"""Routes as in Django, and the walk that finds every address below an ASGI application."""

import asyncio
import gc
import re
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Literal

import pytest
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter
from channels.routing import URLRouter as ChannelsRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.urls import URLPattern, converters, register_converter
from django.urls import path as django_path
from django.urls.resolvers import LocalePrefixPattern

from chanx.exceptions import RoutingError
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.registry import Registry, use_registry
from chanx.routing import Parameter, Route, URLRouter, include, path, re_path, walk
from tests.chanx.support import OpenMixin, connected, exactly, records

with use_registry(Registry()):

    class Matched(BaseMessage):
        action: Literal["matched"] = "matched"
        payload: dict[str, Any]

    class Chat(OpenMixin, AsyncJsonWebsocketConsumer[PingMessage]):
        outgoing_messages = Matched

        async def post_authentication(self) -> None:
            route = self.scope.get("url_route")
            assert route is not None
            await self.send_message(Matched(payload=dict(route["kwargs"])))

    class News(OpenMixin, AsyncJsonWebsocketConsumer[PingMessage]):
        pass


async def plain(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application that chanx knows nothing about."""


def routes(*patterns: Any) -> list[Route]:
    return list(walk(URLRouter(list(patterns))))


def addresses(application: Any) -> list[str]:
    return [route.address for route in walk(application)]


@pytest.fixture
def module(request: pytest.FixtureRequest) -> Iterator[ModuleType]:
    """An importable module without content."""
    made = ModuleType(f"routing_of_{request.node.originalname}")
    sys.modules[made.__name__] = made
    yield made
    del sys.modules[made.__name__]


class TestPath:
    @pytest.mark.parametrize("application", [Chat, Chat.as_asgi()], ids=["class", "as_asgi"])
    def test_a_consumer_class_or_its_application(self, application: Any) -> None:
        (by_path,) = routes(path("chat/", application, name="chat"))
        (by_expression,) = routes(re_path(r"^chat/$", application, name="chat"))
        assert by_path == by_expression == Route(address="/chat/", name="chat", spec=Chat.spec, application=Chat)

    def test_an_as_asgi_of_the_application_serves_its_class(self) -> None:
        made: list[Any] = []

        with use_registry(Registry()):

            class Own(Chat):
                @classmethod
                def as_asgi(cls, **initkwargs: Any) -> Any:
                    made.append(super().as_asgi(**initkwargs))
                    return made[0]

        assert path("chat/", Own).callback is made[0]

    async def test_what_it_matches_and_adds_reaches_the_consumer(self) -> None:
        rooms = URLRouter([re_path(r"^(?P<kind>\w+)/$", Chat, {"extra": 1})])
        application = URLRouter([path("ws/<int:room>/", include(rooms))])
        communicator = await connected(application, "/ws/7/public/")
        assert await communicator.receive_json_from() == {
            "action": "matched",
            "payload": {"room": 7, "kind": "public", "extra": 1},
        }
        await communicator.disconnect()


class TestRouter:
    """What is behind it sees what it would see behind Channels' routers."""

    @staticmethod
    async def scopes(router: Any, address: str, **more: Any) -> Any:
        """The scope in which the application is called; its routes are nested in ``router``s."""
        seen: list[dict[str, Any]] = []

        async def note(scope: Any, receive: Any, send: Any) -> None:
            seen.append(scope)

        inner = router(
            [re_path(r"^(\w+)/$", note), re_path(r"^(?P<kind>\w+)/(?P<id>\d+)", note, {"kind": "own", "x": 1})]
        )
        application = router([path("none/", note), path("ws/<int:room>/", router([path("", inner)]), {"x": 0})])
        await Answers().of(application, path=address, **more)
        (scope,) = seen
        return scope

    @pytest.mark.parametrize("address", ["/ws/7/public/", "/ws/7//public/", "/ws/7/public/12/rest", "/none/"])
    @pytest.mark.parametrize("more", [{}, {"url_route": {"args": ("a",), "kwargs": {"x": 2, "y": 3}}}])
    async def test_the_scope_is_that_of_channels(self, address: str, more: dict[str, Any]) -> None:
        assert await self.scopes(URLRouter, address, **more) == await self.scopes(ChannelsRouter, address, **more)

    async def test_the_scope_below_a_root_path(self) -> None:
        more = {"root_path": "/app"}
        found = await self.scopes(URLRouter, "/app/ws/7/public/", **more)
        assert found == await self.scopes(ChannelsRouter, "/app/ws/7/public/", **more)

    async def test_a_router_in_a_middleware_that_knows_no_route_leaves_it_to_the_next(self) -> None:
        behind = AuthMiddlewareStack(URLRouter([path("chat/", Chat)]))
        communicator = await connected(URLRouter([path("ws/", behind), path("ws/<kind>/", Chat)]), "/ws/news/")
        assert await communicator.receive_json_from() == {"action": "matched", "payload": {"kind": "news"}}
        await communicator.disconnect()

    async def test_a_connection_keeps_one_router_and_one_scope(self) -> None:
        kept: list[Any] = []

        async def wait(scope: Any, receive: Any, send: Any) -> None:
            kept.append(scope)
            await asyncio.sleep(60)

        router = URLRouter([path("a/", include(URLRouter([path("b/", URLRouter([path("c/", wait)]))])))])
        task = asyncio.create_task(Answers().of(router, path="/a/b/c/"))
        await asyncio.sleep(0)
        # By type(): there are proxies, of things that are gone, and they raise when isinstance() asks them.
        scopes = [thing for thing in gc.get_objects() if type(thing) is dict and thing.get("path") == "/a/b/c/"]
        frames: list[str] = []
        waiting: Any = task.get_coro()
        while hasattr(waiting, "cr_await"):
            frames.append(waiting.__qualname__.rpartition(".")[2])
            waiting = waiting.cr_await
        assert frames == ["of", "__call__", "wait", "sleep"]
        assert len(scopes) == 2, "the server's, and the application's"
        task.cancel()


class TestInclude:
    def test_a_router_is_taken_as_it_is(self) -> None:
        router = URLRouter([])
        assert include(router) is router

    def test_a_module_and_its_dotted_path(self, module: ModuleType) -> None:
        vars(module)["router"] = URLRouter([path("chat/", Chat)])
        for routing in (module, module.__name__):
            assert addresses(URLRouter([path("ws/", include(routing))])) == ["/ws/chat/"]

    @pytest.mark.parametrize("router", [None, [], plain], ids=["none", "list", "function"])
    def test_a_module_without_a_router_is_refused(self, module: ModuleType, router: Any) -> None:
        if router is not None:
            vars(module)["router"] = router
        for routing in (module, module.__name__):
            with pytest.raises(
                RoutingError,
                match=exactly(
                    f"include({module.__name__!r}): the module has no `router`. "
                    "Write in it: router = URLRouter([path('', ChatConsumer)])"
                ),
            ):
                include(routing)

    def test_a_module_that_is_not_there_is_pythons_error(self) -> None:
        with pytest.raises(ModuleNotFoundError, match="nowhere"):
            include("nowhere.routing")


class TestAddress:
    @pytest.mark.parametrize(
        ("pattern", "address"),
        [
            ("", "/"),
            ("ws", "/ws"),
            ("ws/", "/ws/"),
            ("ws/<room>/", "/ws/{room}/"),
            ("ws/<int:room>/<slug:name>", "/ws/{room}/{name}"),
            ("a.b/c+d/", "/a.b/c+d/"),
        ],
    )
    def test_of_a_path(self, pattern: str, address: str) -> None:
        assert routes(path(pattern, Chat))[0].address == address

    @pytest.mark.parametrize(
        ("expression", "address"),
        [
            ("", "/"),
            ("^$", "/"),
            (r"^ws/(?P<room>\w+)/$", "/ws/{room}/"),
            (r"\Aws/(?P<room>[a-z]+(?:-[a-z]+)*)/(?P<n>\d{1,3})\Z", "/ws/{room}/{n}"),
            (r"^ws/(?P<room>(a|b))/?$", "/ws/{room}/"),
            (r"^a\.b/c\-d/$", "/a.b/c-d/"),
            (r"^ws/(\d+)/(?:v1|v2)/$", "/ws/{var}/{var}/"),
            (r"^ws/(?:(?P<room>\w+)/)?$", "/ws/{var}"),
            (r"^ws/(?P<room>[)(\]]+)/$", "/ws/{room}/"),
            (r"^ws/\d{1,3}/[a-z]+/.*$", "/ws/{var}/{var}/{var}"),
            (r"(?i)^ws/(?=x)(?!y)(?<=z)(?<!a)(?#note)x/$", "/ws/x/"),
            (r"^(?i:ws)/(?P<a>x)(?P=a)$", "/{var}/{a}{var}"),
        ],
    )
    def test_of_an_expression(self, expression: str, address: str) -> None:
        assert routes(re_path(expression, Chat))[0].address == address

    @pytest.mark.parametrize(
        ("outer", "inner", "address"),
        [
            (path("ws/", plain), path("chat/", Chat), "/ws/chat/"),
            (path("ws", plain), path("/chat/", Chat), "/ws/chat/"),
            (path("", plain), path("chat/", Chat), "/chat/"),
            (path("ws/", plain), path("", Chat), "/ws/"),
            (re_path(r"^ws/(?P<a>\w+)/", plain), re_path(r"^chat/(?P<b>\w+)/$", Chat), "/ws/{a}/chat/{b}/"),
            (path("ws/<a>/", plain), re_path(r"^(?P<b>\w+)$", Chat), "/ws/{a}/{b}"),
        ],
    )
    def test_below_another_router(self, outer: Any, inner: Any, address: str) -> None:
        outer.callback = URLRouter([inner])
        (route,) = routes(outer)
        assert route.address == address
        assert [parameter.name for parameter in route.parameters] == re.findall(r"{(\w+)}", address)


class TestParameters:
    @pytest.mark.parametrize(
        ("converter", "schema"),
        [
            ("int", {"type": "integer", "minimum": 0}),
            ("str", {"type": "string", "minLength": 1}),
            ("slug", {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}),
            ("uuid", {"type": "string", "format": "uuid"}),
            ("path", {"type": "string", "minLength": 1}),
        ],
    )
    def test_of_djangos_converters(self, converter: str, schema: dict[str, Any]) -> None:
        (route,) = routes(path(f"<{converter}:value>/", Chat))
        assert route.parameters == (Parameter(name="value", schema=schema, converter=converter),)

    def test_without_a_converter_it_is_a_text(self) -> None:
        assert routes(path("<value>/", Chat))[0].parameters[0].converter == "str"

    def test_of_an_own_converter(self) -> None:
        class Year:
            regex = "[0-9]{4}"

            def to_python(self, value: str) -> int:
                return int(value)

            def to_url(self, value: int) -> str:
                return str(value)

        register_converter(Year, "chanx_year")
        try:
            (route,) = routes(path("<chanx_year:year>/", Chat))
        finally:
            del converters.REGISTERED_CONVERTERS["chanx_year"]
            vars(converters)["get_converters"].cache_clear()
        schema = {"type": "string", "pattern": "^(?:[0-9]{4})$"}
        assert route.parameters == (Parameter(name="year", schema=schema, converter="chanx_year"),)

    @pytest.mark.parametrize(
        ("group", "pattern"),
        [
            (r"\d{1,3}", r"^(?:\d{1,3})$"),
            (r"a|b", r"^(?:a|b)$"),
            (r"(?:a(b)c)+", r"^(?:(?:a(b)c)+)$"),
            (r"\)", r"^(?:\))$"),
            (r"[^/]+", r"^(?:[^/]+)$"),
            (r"[](\]]", r"^(?:[](\]])$"),
        ],
    )
    def test_of_a_group(self, group: str, pattern: str) -> None:
        (route,) = routes(re_path(rf"^ws/(?P<value>{group})/$", Chat))
        assert route.parameters == (Parameter(name="value", schema={"type": "string", "pattern": pattern}),)

    def test_a_group_without_a_name_is_none(self) -> None:
        assert routes(re_path(r"^ws/(\d+)/$", Chat))[0].parameters == ()

    @pytest.mark.parametrize(
        ("expression", "names"),
        [
            (r"^ws/(?:(?P<room>\w+)/)?$", ["room"]),
            (r"^ws/(?P<outer>a(?P<inner>b))/(?P<last>c)$", ["outer", "inner", "last"]),
        ],
    )
    def test_groups_inside_others_count_too(self, expression: str, names: list[str]) -> None:
        (route,) = routes(re_path(expression, Chat))
        assert [parameter.name for parameter in route.parameters] == names


class Middleware:
    """Wraps an application under the attribute that its framework uses."""

    def __init__(self, attribute: str, wrapped: Any) -> None:
        setattr(self, attribute, wrapped)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        raise NotImplementedError


class TestWalk:
    def test_through_everything_that_a_project_wraps_around_its_routes(self) -> None:
        router = URLRouter(
            [
                path("chat/", URLRouter([path("<int:room>/", Chat), path("", Chat)])),
                path("news/", AuthMiddlewareStack(News.as_asgi())),
            ]
        )
        application = ProtocolTypeRouter(
            {"http": plain, "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(router))}
        )
        assert [(route.address, route.spec) for route in walk(application)] == [
            ("/chat/{room}/", Chat.spec),
            ("/chat/", Chat.spec),
            ("/news/", News.spec),
        ]

    @pytest.mark.parametrize("attribute", ["inner", "application", "app"])
    def test_through_middleware(self, attribute: str) -> None:
        router = URLRouter([path("chat/", Chat)])
        assert addresses(Middleware(attribute, router)) == ["/chat/"]
        (route,) = routes(path("chat/", Middleware(attribute, Chat.as_asgi())))
        assert route.application is Chat

    def test_what_is_no_application_is_not_looked_into(self) -> None:
        middleware = Middleware("inner", "no application")
        (route,) = routes(path("chat/", middleware))
        assert route.application is middleware

    def test_a_consumer_with_such_an_attribute_is_still_the_consumer(self) -> None:
        with use_registry(Registry()):

            class Wrapping(Chat):
                app = plain

        assert routes(path("chat/", Wrapping))[0].application is Wrapping

    def test_another_application_ends_a_route_without_a_spec(self) -> None:
        (route,) = routes(path("plain/", plain, name="plain"))
        assert route == Route(address="/plain/", name="plain", spec=None, application=plain)

    def test_a_consumer_alone_is_the_root(self) -> None:
        assert list(walk(Chat.as_asgi())) == [Route(address="/", spec=Chat.spec, application=Chat)]

    def test_a_project_without_websockets_has_no_route(self) -> None:
        assert list(walk(ProtocolTypeRouter({"http": plain}))) == []

    def test_names_are_the_innermost(self) -> None:
        named = URLRouter([path("a/", Chat, name="inner"), path("b/", Chat)])
        assert [route.name for route in routes(path("", named, name="outer"))] == ["inner", "outer"]

    def test_routes_come_in_the_order_in_which_they_are_tried(self) -> None:
        assert [route.address for route in routes(path("b/", Chat), path("a/", Chat), path("b/", News))] == [
            "/b/",
            "/a/",
            "/b/",
        ]

    def test_djangos_own_path_is_understood(self) -> None:
        application: Any = Chat.as_asgi()
        route: Any = django_path("chat/", application)
        assert addresses(URLRouter([route])) == ["/chat/"]

    def test_another_pattern_is_refused(self) -> None:
        application: Any = Chat.as_asgi()
        pattern = URLPattern(LocalePrefixPattern(), application)
        with pytest.raises(RoutingError, match=r"^the pattern <.*> is neither a path\(\) nor a re_path\(\)\.$"):
            routes(pattern)


class Answers:
    """What an application sends for one scope, after the event that begins it."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    async def of(self, application: Any, **scope: Any) -> list[dict[str, Any]]:
        async def receive() -> dict[str, Any]:
            return {"type": "websocket.connect"}

        async def send(event: dict[str, Any]) -> None:
            self.sent.append(event)

        await application({"type": "websocket", "headers": [], "subprotocols": [], **scope}, receive, send)
        return self.sent


WITH_RESPONSE: dict[str, Any] = {"extensions": {"websocket.http.response": {}}}


class TestUnknownAddresses:
    """A WebSocket that no route matches is refused, and nothing is raised."""

    inner = URLRouter([path("chat/", Chat)])

    @pytest.mark.parametrize("address", ["/", "/nothing/", "/ws/", "/ws/nothing/", "//", "/ws/chat/more"])
    @pytest.mark.parametrize("nested", [URLRouter, ChannelsRouter])
    async def test_with_404_where_the_server_offers_it(self, address: str, nested: Any) -> None:
        router = URLRouter([path("ws/", nested([path("chat/", Chat)]))])
        start, body = await Answers().of(router, path=address, **WITH_RESPONSE)
        assert (start["type"], start["status"]) == ("websocket.http.response.start", 404)
        assert body == {"type": "websocket.http.response.body", "body": b'{"detail":"Not found."}'}
        assert await Answers().of(router, path=address) == [{"type": "websocket.close"}]

    async def test_below_a_root_path_and_beside_it(self) -> None:
        for address, root in (("/app/other/", "/app"), ("/chat/", "/app"), ("/ap", "/app")):
            start, _ = await Answers().of(self.inner, path=address, root_path=root, **WITH_RESPONSE)
            assert start["status"] == 404
        communicator = await connected(URLRouter([path("chat/", Chat)]), "/chat/")
        await communicator.disconnect()

    async def test_routes_are_tried_to_the_last(self) -> None:
        router = URLRouter([path("ws/", self.inner), path("ws/", URLRouter([path("news/<int:x>/", Chat)]))])
        communicator = await connected(router, "/ws/news/3/")
        assert await communicator.receive_json_from() == {"action": "matched", "payload": {"x": 3}}
        await communicator.disconnect()

    async def test_below_a_router_of_channels_it_is_for_that_one_to_say(self) -> None:
        with pytest.raises(ValueError, match="No route found"):
            await Answers().of(ChannelsRouter([path("ws/", self.inner)]), path="/ws/nothing/")

    async def test_what_is_no_websocket_is_left_to_channels(self) -> None:
        with pytest.raises(ValueError, match="No route found"):
            await Answers().of(self.inner, type="http", path="/nothing/")

    async def test_the_log_has_one_short_line(self, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level("INFO", "chanx")
        await Answers().of(self.inner, path="/\x1b[31m\n" + "x" * 500)
        assert records(caplog, "INFO") == ["No route for a WebSocket at /\\x1b[31m\\n" + "x" * 57 + "…"]
