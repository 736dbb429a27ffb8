"""Channels: keys, addresses, parameters, the handshake."""

from typing import Any

from channels.routing import URLRouter
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, BasicAuthentication, SessionAuthentication

from chanx.generic.metaclass import ConsumerMeta
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.routing import Parameter, Route, path, re_path
from chanx_asyncapi.describe import describe
from chanx_asyncapi.describe.channels import channel_keys, parameter_problems
from tests.chanx_asyncapi.describe.support import codes, described


class Base(AsyncJsonWebsocketConsumer[PingMessage], abstract=True):
    authentication_classes = (BasicAuthentication,)


def consumer(name: str = "ChatRoomConsumer", **attributes: Any) -> type[Any]:
    return ConsumerMeta(name, (Base,), {"__module__": __name__, **attributes})


def channels(*routes: Any) -> dict[str, Any]:
    description = describe(URLRouter(list(routes)))
    assert description.problems == ()
    found: dict[str, Any] = description.document.to_wire()["channels"]
    return found


def test_a_channel() -> None:
    chat = consumer(__doc__="Talk.\n\n    Much.", permission_classes=())

    assert channels(path("ws/<int:room>/", chat, name="chat")) == {
        "chat": {
            "address": "/ws/{room}/",
            "title": "Chat Room",
            "summary": "Talk.",
            "description": "Talk.\n\nMuch.",
            "servers": [{"$ref": "#/servers/default"}],
            "parameters": {"room": {"x-schema": {"type": "integer", "minimum": 0}}},
            "bindings": {
                "ws": {
                    "method": "GET",
                    "headers": {
                        "type": "object",
                        "properties": {
                            "Sec-WebSocket-Protocol": {
                                "type": "string",
                                "description": "chanx.v1, and behind a comma the credential: for browsers, which "
                                "cannot send the header Authorization.",
                            }
                        },
                    },
                    "bindingVersion": "0.1.0",
                }
            },
            "messages": {
                "ping": {"$ref": "#/components/messages/chanx.messages.incoming.PingMessage"},
                "pong": {"$ref": "#/components/messages/chanx.messages.outgoing.PongMessage"},
                "error": {"$ref": "#/components/messages/chanx.messages.outgoing.ErrorMessage"},
                "authentication": {"$ref": "#/components/messages/chanx.messages.outgoing.AuthenticationMessage"},
            },
            "x-permissions": [],
            "x-resume": {"supported": False},
            "x-security-optional": True,
        }
    }


def test_one_consumer_on_two_routes_is_two_channels() -> None:
    chat = consumer()

    assert list(channels(path("a/", chat), path("b/<slug:x>/", chat))) == ["a", "b.x"]


def test_the_first_route_keeps_a_name_that_a_second_one_has_as_well() -> None:
    chat, mail = consumer(), consumer("Mail")

    description = describe(URLRouter([path("a/", chat, name="x"), path("b/", mail, name="x")]))

    assert list(description.document.channels) == ["x", "b"]
    assert str(description.problems[0]) == (
        f"asyncapi.W002 [routing > /b/] /a/ ({__name__}.ChatRoomConsumer) and /b/ ({__name__}.Mail) would both be the "
        "channel 'x'; the second one is 'b'. Give each route a name of its own: path(…, name=…)."
    )


def test_two_routes_with_one_address_are_two_channels() -> None:
    routes = [Route(address="/a/{x}"), Route(address="/a/{x}"), Route(address="/a/x")]

    keys, problems = channel_keys([Route(address=each.address, application=Base) for each in routes])

    assert list(keys) == ["a.x", "a.x-2", "a.x-3"]
    assert len(problems) == 2


def test_keys_of_channels_have_no_character_that_a_reference_would_have_to_escape() -> None:
    assert list(channels(path("a/", consumer(), name="Räume?#/"))) == ["R-ume-7fccb5"]


def test_parameters_are_exactly_those_of_the_address() -> None:
    route = re_path(r"^(?P<room>\w+)/(\d+)/$", consumer())

    description = describe(URLRouter([route]))

    (channel,) = description.document.to_wire()["channels"].values()
    assert channel["address"] == "/{room}/{var}/"
    assert list(channel["parameters"]) == ["room", "var"]
    assert codes(description) == ["asyncapi.W003"]


def test_parameters_that_the_address_does_not_show_or_shows_twice_are_reported() -> None:
    route = Route(address="/{a}/{a}", parameters=(Parameter(name="a", schema={}), Parameter(name="b", schema={})))

    assert [problem.text for problem in parameter_problems(route)] == [
        "{a} is in the address more than once; a client can only give it one value.",
        "the address does not show where the parameter 'b' is.",
    ]


def test_a_cookie_needs_an_origin() -> None:
    (channel,) = described(consumer(authentication_classes=(SessionAuthentication,)))["channels"].values()

    assert list(channel["bindings"]["ws"]["headers"]["properties"]) == ["Origin"]
    assert "x-security-optional" not in channel


def test_a_credential_in_the_query_is_part_of_the_handshake() -> None:
    class QueryToken(BaseAuthentication): ...

    class QueryScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # without types
        target_class = QueryToken
        name = "queryToken"

        def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
            return {"type": "apiKey", "in": "query", "name": "token"}

    try:
        (channel,) = described(consumer(authentication_classes=(QueryToken,)))["channels"].values()
    finally:
        registered: Any = vars(OpenApiAuthenticationExtension)["_registry"]
        registered.remove(QueryScheme)

    assert channel["bindings"]["ws"]["query"] == {
        "type": "object",
        "properties": {"token": {"type": "string", "description": "The credential."}},
    }
    assert "headers" not in channel["bindings"]["ws"]


def test_titles_are_words() -> None:
    titles = [
        next(iter(channels(path("a", consumer(name))).values()))["title"]
        for name in ("Consumer", "HTTPStatusConsumer", "chat_consumer", "V2Chat")
    ]

    assert titles == ["Consumer", "HTTP Status", "chat consumer", "V2 Chat"]
