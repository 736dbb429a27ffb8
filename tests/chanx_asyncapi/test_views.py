"""The document over HTTP, and the page."""

import json
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings
from rest_framework.permissions import AllowAny
from rest_framework.test import APIRequestFactory

from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import Options, describe
from chanx_asyncapi.validation import validate
from chanx_asyncapi.views import DocumentView, PageView

URLS = ("/asyncapi.json", "/asyncapi.yaml", "/ws-docs/")


@pytest.fixture(autouse=True)
def _debug(settings: Settings) -> None:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["testserver", "a.example"]


def test_urls_have_names() -> None:
    names = ("document-json", "document-yaml", "page")

    assert tuple(reverse(f"chanx_asyncapi:{name}") for name in names) == URLS


def test_json_and_yaml_are_the_document_of_the_service(client: Client) -> None:
    as_json, as_yaml = client.get("/asyncapi.json"), client.get("/asyncapi.yaml")

    expected = describe(options=Options(server_url="ws://testserver")).document.to_wire()
    assert as_json["Content-Type"] == "application/json; charset=utf-8"
    assert as_yaml["Content-Type"] == "application/yaml; charset=utf-8"
    assert as_json.json() == expected
    assert yaml.safe_load(as_yaml.content) == expected
    assert validate(as_json.json()) == []


@pytest.mark.parametrize("accept", ["text/html", "application/yaml", "image/png", "*/*"])
def test_each_url_has_one_representation_whatever_is_accepted(client: Client, accept: str) -> None:
    response = client.get("/asyncapi.json", headers={"accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json; charset=utf-8"


@pytest.mark.parametrize(
    ("request_extra", "expected"),
    [
        ({}, {"host": "testserver", "protocol": "ws"}),
        ({"HTTP_HOST": "a.example:8443", "secure": True}, {"host": "a.example:8443", "protocol": "wss"}),
        ({"SCRIPT_NAME": "/prefix"}, {"host": "testserver", "protocol": "ws", "pathname": "/prefix"}),
    ],
)
def test_the_server_is_the_one_that_was_asked(
    client: Client, request_extra: dict[str, Any], expected: dict[str, str]
) -> None:
    response = client.get("/asyncapi.json", **request_extra)

    assert response.json()["servers"] == {"default": expected}


def test_a_configured_server_counts_before_the_one_that_was_asked(client: Client) -> None:
    with override_chanx_settings(WEBSOCKET_BASE_URL="wss://b.example"):
        response = client.get("/asyncapi.json")

    assert response.json()["servers"]["default"]["host"] == "b.example"


def test_an_unchanged_document_is_not_sent_again(client: Client) -> None:
    first = client.get("/asyncapi.yaml")

    again = client.get("/asyncapi.yaml", headers={"if-none-match": first["ETag"]})
    changed = client.get("/asyncapi.yaml", headers={"if-none-match": first["ETag"], "host": "a.example"})

    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert changed.status_code == 200
    assert "private" in first["Cache-Control"]
    assert {"Authorization", "Cookie", "Host"} <= set(first["Vary"].split(", "))


@pytest.mark.parametrize("url", URLS)
def test_strangers_are_refused_outside_of_debug(client: Client, settings: Settings, url: str) -> None:
    settings.DEBUG = False

    response = client.get(url)

    assert response.status_code in (401, 403)
    assert b"channels" not in response.content
    assert b"data-document-url" not in response.content


@pytest.mark.django_db
@pytest.mark.parametrize("url", URLS)
def test_users_are_let_in(client: Client, settings: Settings, url: str) -> None:
    settings.DEBUG = False
    client.force_login(User.objects.create_user("reader"))

    assert client.get(url).status_code == 200


def test_the_permission_can_be_replaced(settings: Settings) -> None:
    settings.DEBUG = False
    view = DocumentView.as_view(permission_classes=(AllowAny,), spec_version="3.0.0")

    response = view(APIRequestFactory().get("/x"))

    assert response.status_code == 200
    assert json.loads(response.content)["asyncapi"] == "3.0.0"


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_can_be_written(client: Client, url: str, method: str) -> None:
    assert getattr(client, method)(url).status_code in (401, 403, 405)


def test_the_page_names_the_document_and_loads_nothing_from_elsewhere(client: Client) -> None:
    response = client.get("/ws-docs/")

    text = response.content.decode()
    assert response["Content-Type"].startswith("text/html")
    assert "<title>Chanx demo</title>" in text
    assert 'data-document-url="/asyncapi.json"' in text
    assert response["Content-Security-Policy"] == (
        "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
    )
    assert "<style" not in text
    assert "<script>" not in text


def test_the_page_shows_another_document(rf: Any) -> None:
    response = PageView.as_view(document_url="/other.json?a&b", permission_classes=(AllowAny,))(rf.get("/x"))

    assert b'data-document-url="/other.json?a&amp;b"' in response.content


def test_the_views_are_not_part_of_the_rest_api(client: Client) -> None:
    response = client.get("/api/schema/", headers={"accept": "application/json"})

    paths = response.json()["paths"]
    assert paths
    assert not set(URLS) & set(paths)
