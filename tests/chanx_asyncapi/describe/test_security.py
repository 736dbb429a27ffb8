"""Security schemes from DRF's authentication classes, through drf-spectacular's extensions."""

from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import (
    BaseAuthentication,
    BasicAuthentication,
    RemoteUserAuthentication,
    SessionAuthentication,
    TokenAuthentication,
)

from chanx.authentication import TicketAuthentication
from chanx_asyncapi.describe.security import Security, describe_security


class BearerToken(TokenAuthentication):
    keyword = "Bearer"


class Custom(BaseAuthentication): ...


class Failing(BaseAuthentication):
    def __init__(self) -> None:
        raise RuntimeError("not today")


def wire(found: Security) -> dict[str, Any]:
    return {name: scheme.to_wire() for name, scheme in found.schemes.items()}


@pytest.fixture
def extension() -> Iterator[type[OpenApiAuthenticationExtension]]:
    """An extension for Custom, which is forgotten after the test."""

    class CustomScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # without types
        target_class = Custom
        name: Any = "custom"
        definition: Any = None

        def get_security_definition(self, auto_schema: Any) -> Any:
            return self.definition

    yield CustomScheme
    registered: Any = vars(OpenApiAuthenticationExtension)["_registry"]
    registered.remove(CustomScheme)


class KeyTickets(TicketAuthentication):
    query_parameter = "key"
    keyword = "Key"


def test_one_time_tickets() -> None:
    """They come in the address, or as a subprotocol like any Authorization header."""
    found = describe_security([TicketAuthentication, KeyTickets])

    (own, renamed) = wire(found).values()
    assert (own.pop("description"), renamed.pop("description")) == (
        "A one-time ticket, which the REST API issues to a user who is authenticated there. "
        "It opens one connection, soon after it was issued.",
    ) * 2
    subprotocol = {"select": "chanx.v1", "authorization": "chanx.auth.{base64url}"}
    assert own == {
        "type": "httpApiKey",
        "name": "ticket",
        "in": "query",
        "x-subprotocol": {**subprotocol, "prefix": "Ticket"},
    }
    assert renamed == {
        "type": "httpApiKey",
        "name": "key",
        "in": "query",
        "x-subprotocol": {**subprotocol, "prefix": "Key"},
    }
    assert next(iter(found.schemes)) == "ticketAuth"


def test_the_classes_of_drf() -> None:
    found = describe_security([SessionAuthentication, BasicAuthentication, TokenAuthentication])

    assert found.problems == ()
    assert wire(found) == {
        "cookieAuth": {"type": "httpApiKey", "name": "sessionid", "in": "cookie"},
        "basicAuth": {
            "type": "http",
            "scheme": "basic",
            "x-subprotocol": {
                "select": "chanx.v1",
                "authorization": "chanx.auth.{base64url}",
                "prefix": "Basic",
            },
        },
        "tokenAuth": {
            "type": "httpApiKey",
            "name": "Authorization",
            "in": "header",
            "description": 'Token-based authentication with required prefix "Token"',
            "x-subprotocol": {
                "select": "chanx.v1",
                "authorization": "chanx.auth.{base64url}",
                "prefix": "Token",
            },
        },
    }


def test_a_bearer_token_has_its_short_subprotocol() -> None:
    (scheme,) = describe_security([BearerToken]).schemes.values()

    assert scheme.to_wire() == {
        "type": "http",
        "scheme": "bearer",
        "x-subprotocol": {
            "select": "chanx.v1",
            "authorization": "chanx.auth.{base64url}",
            "bearer": "chanx.bearer.{token}",
            "prefix": "Bearer",
        },
    }


def test_equal_schemes_are_one_and_different_ones_never_merge() -> None:
    class SameToken(TokenAuthentication): ...

    found = describe_security([TokenAuthentication, SameToken, BearerToken])

    assert found.by_class[SameToken] == ("tokenAuth",)
    assert found.by_class[BearerToken] == (f"tokenAuth.{__name__}.BearerToken",)
    assert [str(problem) for problem in found.problems] == [
        f"asyncapi.W007 [{__name__}.BearerToken] "
        f"rest_framework.authentication.TokenAuthentication and {__name__}.BearerToken are both called 'tokenAuth' "
        "but differ; the second one is called by its class. "
        "Write an OpenApiAuthenticationExtension with another name for one of them."
    ]


@pytest.mark.parametrize(
    ("authentication_class", "reason"),
    [
        (Custom, "no extension of drf-spectacular describes it."),
        (RemoteUserAuthentication, "no extension of drf-spectacular describes it."),
        (Failing, "its extension failed with RuntimeError: not today."),
    ],
)
def test_a_class_that_nobody_describes_is_a_problem(authentication_class: type[Any], reason: str) -> None:
    found = describe_security([authentication_class, BasicAuthentication])

    assert [problem.code for problem in found.problems] == ["asyncapi.W005"]
    assert reason in found.problems[0].text
    assert found.keys_of([authentication_class, BasicAuthentication]) == ("basicAuth",)


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (
            {"type": "apiKey", "in": "query", "name": "token"},
            {"type": "httpApiKey", "name": "token", "in": "query"},
        ),
        (
            {"type": "apiKey", "in": "header", "name": "X-Key"},
            {"type": "httpApiKey", "name": "X-Key", "in": "header"},
        ),
        (
            {
                "type": "oauth2",
                "flows": {"clientCredentials": {"tokenUrl": "https://a.example/t", "scopes": {"a": "b"}}},
            },
            {
                "type": "oauth2",
                "flows": {
                    "clientCredentials": {"tokenUrl": "https://a.example/t", "availableScopes": {"a": "b"}},
                },
                "x-subprotocol": {
                    "select": "chanx.v1",
                    "authorization": "chanx.auth.{base64url}",
                    "bearer": "chanx.bearer.{token}",
                    "prefix": "Bearer",
                },
            },
        ),
    ],
)
def test_what_an_extension_says_in_openapi_is_translated(extension: Any, definition: Any, expected: Any) -> None:
    extension.definition = definition

    assert wire(describe_security([Custom])) == {"custom": expected}


def test_what_an_extension_says_about_the_subprotocol_counts(extension: Any) -> None:
    own = {"select": "mine"}
    extension.definition = {"type": "http", "scheme": "bearer", "x-subprotocol": own, "x-more": 1}

    scheme = wire(describe_security([Custom]))["custom"]

    assert (scheme["x-subprotocol"], scheme["x-more"]) == (own, 1)


def test_credentials_that_belong_together_are_described_and_reported(extension: Any) -> None:
    extension.name = ["user", "secret"]
    extension.definition = [{"type": "apiKey", "in": "header", "name": name} for name in ("X-User", "X-Secret")]

    found = describe_security([Custom])

    assert found.by_class[Custom] == ("user", "secret")
    assert [problem.code for problem in found.problems] == ["asyncapi.W006"]


def test_a_definition_that_is_none_is_a_problem(extension: Any) -> None:
    extension.definition = {"type": "apiKey", "in": "body", "name": "x"}

    found = describe_security([Custom])

    assert [problem.code for problem in found.problems] == ["asyncapi.W005"]
    assert found.schemes == {}
