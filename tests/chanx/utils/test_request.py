"""The Django request of a WebSocket scope."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser

from chanx.utils.request import request_from_scope


def scope(**changes: Any) -> dict[str, Any]:
    return {
        "type": "websocket",
        "path": "/ws/räume/1/",
        "query_string": b"q=1&q=2&name=%C3%A4",
        "headers": [
            (b"host", b"testserver"),
            (b"cookie", b"a=1; b=2"),
            (b"authorization", b"Token abc"),
            (b"x-forwarded-for", b"10.0.0.1"),
        ],
        "client": ["192.0.2.7", 4711],
        **changes,
    }


def test_the_request_is_what_http_would_have_made() -> None:
    request = request_from_scope(scope())
    assert request.method == "GET"
    assert request.path == "/ws/räume/1/"
    assert request.GET.getlist("q") == ["1", "2"]
    assert request.GET["name"] == "ä"
    assert request.COOKIES == {"a": "1", "b": "2"}
    assert request.headers["Authorization"] == "Token abc"
    assert request.META["HTTP_X_FORWARDED_FOR"] == "10.0.0.1"
    assert request.META["REMOTE_ADDR"] == "192.0.2.7"
    assert request.body == b""


@pytest.mark.parametrize(
    ("given", "scheme", "secure"), [("ws", "http", False), ("wss", "https", True), (None, "http", False)]
)
def test_the_scheme_is_https_for_wss(given: str | None, scheme: str, secure: bool) -> None:
    request = request_from_scope(scope() if given is None else scope(scheme=given))
    assert (request.scheme, request.is_secure()) == (scheme, secure)
    assert request.build_absolute_uri("/") == f"{scheme}://testserver/"


@pytest.mark.parametrize("method", ["post", "POST"])
def test_the_method_is_a_verb_in_any_case(method: str) -> None:
    request = request_from_scope(scope(), method)
    assert request.method == "POST"
    assert not request.POST


def test_user_and_session_of_a_middleware_are_on_the_request() -> None:
    user, session = AnonymousUser(), object()
    request = request_from_scope(scope(user=user, session=session))
    assert request.user is user
    assert request.session is session


def test_without_a_middleware_there_are_none() -> None:
    request = request_from_scope(scope(user=None))
    assert not hasattr(request, "user")
    assert not hasattr(request, "session")


def test_the_scope_is_left_as_it_was() -> None:
    given = scope()
    request_from_scope(given, "post")
    assert given == scope()
