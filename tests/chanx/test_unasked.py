import gc
import weakref
from collections.abc import Mapping
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.test import APIRequestFactory

from chanx.unasked import UnaskedRequest


class Maker:
    """Makes a request, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def make_request(self, scope: Mapping[str, Any]) -> Request:
        self.times += 1
        request = Request(APIRequestFactory().get("/ws/?since=7", headers={"x-client": "cli"}))
        request.parser_context["kwargs"] = {"pk": 1}
        return request


@pytest.fixture
def maker() -> Maker:
    return Maker()


def test_who_the_client_is_needs_no_request(maker: Maker) -> None:
    request = UnaskedRequest(maker, {})
    assert isinstance(request, Request)
    assert isinstance(request.user, AnonymousUser)
    assert (request.auth, request.successful_authenticator, maker.times) == (None, None, 0)


def test_whatever_else_is_asked_for_makes_it_once(maker: Maker) -> None:
    request: Any = UnaskedRequest(maker, {})
    user = request.user
    assert request.query_params["since"] == "7"
    assert (request.path, request.method, request.headers["x-client"]) == ("/ws/", "GET", "cli")
    assert request.parser_context["kwargs"] == {"pk": 1}
    assert request.data == {}
    assert maker.times == 1
    assert request.user is user
    assert request._request.user is user


def test_what_it_does_not_know_either_is_an_attribute_error(maker: Maker) -> None:
    request = UnaskedRequest(maker, {})
    assert not hasattr(request, "tenant")
    assert not hasattr(request, "tenant")
    assert maker.times == 1


def test_the_user_may_be_another(maker: Maker) -> None:
    request: Any = UnaskedRequest(maker, {})
    request.user = someone = object()
    assert request.META["QUERY_STRING"] == "since=7"
    assert request._request.user is request.user is someone


def test_a_stranger_is_who_drf_says(maker: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_settings, "UNAUTHENTICATED_USER", None)
    monkeypatch.setattr(api_settings, "UNAUTHENTICATED_TOKEN", lambda: "nothing")
    request: Any = UnaskedRequest(maker, {})
    assert (request.user, request.auth) == (None, "nothing")


def test_it_does_not_wait_for_the_garbage_collector(maker: Maker) -> None:
    gc.disable()
    try:
        request = UnaskedRequest(maker, {})
        assert request.path == "/ws/"
        reference = weakref.ref(request._request)
        del request
        assert reference() is None
    finally:
        gc.enable()
