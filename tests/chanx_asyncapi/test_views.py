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
from chanx_asyncapi import views
from chanx_asyncapi.describe import Options, cached, describe
from chanx_asyncapi.validation import validate
from chanx_asyncapi.views import DocumentView, PageView

URLS = ("/asyncapi/", "/asyncapi.json", "/asyncapi.yaml", "/asyncapi.snippets.json", "/ws-docs/")
NAMED_URLS = (
    *("/asyncapi/part/", "/asyncapi/part.json", "/asyncapi/part.yaml", "/asyncapi/part.snippets.json"),
    "/ws-docs/part/",
)
ANY, ADMIN = (f"rest_framework.permissions.{name}" for name in ("AllowAny", "IsAdminUser"))


@pytest.fixture(autouse=True)
def _debug(settings: Settings) -> None:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["testserver", "a.example"]


def test_urls_have_names() -> None:
    names = ("document", "document-json", "document-yaml", "snippets", "page")

    assert tuple(reverse(f"chanx_asyncapi:{name}") for name in names) == URLS
    assert tuple(reverse(f"chanx_asyncapi:named-{name}", args=["part"]) for name in names) == NAMED_URLS


def test_json_and_yaml_are_the_document_of_the_service(client: Client) -> None:
    as_json, as_yaml = client.get("/asyncapi.json"), client.get("/asyncapi.yaml")

    expected = describe(options=Options(server_url="ws://testserver")).document.to_wire()
    assert as_json["Content-Type"] == "application/json; charset=utf-8"
    assert as_yaml["Content-Type"] == "application/yaml; charset=utf-8"
    assert as_json.json() == expected
    assert yaml.safe_load(as_yaml.content) == expected
    assert validate(as_json.json()) == []


def test_snippets_are_those_of_the_operations_of_the_document(client: Client) -> None:
    document = client.get("/asyncapi.json").json()
    response = client.get("/asyncapi.snippets.json")

    found = response.json()["snippets"]
    assert response["Cache-Control"] == "private, no-cache"
    received = {key for key, operation in document["operations"].items() if operation["action"] == "receive"}
    # Generated clients resume by themselves: there is nothing to call.
    assert {each["operation"] for each in found} == received - {"chat.receive.resume"}
    ask = next(each for each in found if each["action"] == "ask" and each["language"] == "typescript")
    assert (ask["channel"], ask["title"]) == ("assistant", "TypeScript")
    assert 'assistant.replies("ask", {\n  payload: ' in ask["before"]
    assert ask["payload"].startswith("{\n    question: ")
    parts = client.get("/asyncapi/public.snippets.json").json()["snippets"]
    assert {each["channel"] for each in parts} == {"assistant"}


@pytest.mark.parametrize("accept", ["text/html", "application/yaml", "image/png", "*/*"])
def test_a_url_with_a_suffix_has_one_representation_whatever_is_accepted(client: Client, accept: str) -> None:
    response = client.get("/asyncapi.json?format=yaml", headers={"accept": accept})

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json; charset=utf-8"
    assert "Accept" not in response["Vary"]


@pytest.mark.parametrize(
    ("query", "accept", "content_type", "read"),
    [
        ("", "*/*", "application/json; charset=utf-8", json.loads),
        ("", "text/yaml", "text/yaml; charset=utf-8", yaml.safe_load),
        ("?format=yaml", "*/*", "application/yaml; charset=utf-8", yaml.safe_load),
    ],
)
def test_the_client_chooses_a_representation(
    client: Client, query: str, accept: str, content_type: str, read: Any
) -> None:
    response = client.get(f"/asyncapi/{query}", headers={"accept": accept})

    assert response["Content-Type"] == content_type
    assert read(response.content) == client.get("/asyncapi.json").json()
    assert "Accept" in response["Vary"].split(", ")


@pytest.mark.parametrize(
    ("url", "headers", "status"),
    [
        ("/asyncapi/", {"accept": "image/png"}, 406),
        ("/asyncapi/?format=xml", {}, 404),
        ("/asyncapi/?format=json%00", {}, 404),
        ("/asyncapi/nowhere/", {}, 404),
        ("/asyncapi/nowhere.json", {}, 404),
        ("/ws-docs/nowhere/", {}, 404),
        ("/asyncapi/%2e%2e/", {}, 404),
        ("/asyncapi/a%00b.json", {}, 404),
        ("/asyncapi/" + "a" * 5000 + ".json", {}, 404),
        ("/asyncapi.json", {"host": "evil.example"}, 400),
        ("/asyncapi.json", {"host": "testserver/x?y#z"}, 400),
        ("/asyncapi.json", {"host": "testserver\r\nX-A: b"}, 400),
        ("/asyncapi.json", {"host": ""}, 400),
    ],
)
def test_what_cannot_be_answered_is_refused_cleanly(
    client: Client, url: str, headers: dict[str, str], status: int
) -> None:
    client.raise_request_exception = False

    assert client.get(url, headers=headers).status_code == status


@pytest.mark.parametrize("host", ['a"b.example', "a<b>.example", "a b.example", "a.example:99999999", "a.example:x"])
def test_no_host_gets_past_a_wildcard_that_is_none(client: Client, settings: Settings, host: str) -> None:
    settings.ALLOWED_HOSTS = ["*"]

    client.raise_request_exception = False

    assert client.get("/asyncapi.json", headers={"host": host}).status_code == 400


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
def test_head_has_what_get_has_but_no_body(client: Client, url: str) -> None:
    with_body, without = client.get(url), client.head(url)

    assert without.status_code == 200
    assert without.content == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Cache-Control", "Vary"):
        assert without.get(name) == with_body.get(name)


def test_head_says_as_well_that_nothing_has_changed(client: Client) -> None:
    etag = client.head("/asyncapi.json")["ETag"]

    assert client.head("/asyncapi.json", headers={"if-none-match": etag}).status_code == 304


def test_a_document_is_described_once_for_all_who_ask(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/asyncapi.json")
    monkeypatch.delattr(cached, "describe")

    assert client.get("/asyncapi.json").content == first.content
    assert client.get("/asyncapi/").content == first.content


def test_a_changed_setting_is_seen_at_once(client: Client) -> None:
    before = client.get("/asyncapi.json")

    with override_chanx_settings(CAMELIZE=True, INFO={"TITLE": "Other"}):
        after = client.get("/asyncapi.json", headers={"if-none-match": before["ETag"]})
        page = client.get("/ws-docs/")

    assert after.json()["info"]["title"] == "Other"
    assert after.json()["x-envelope"]["replyToKey"] == "replyTo"
    assert b"<title>Other</title>" in page.content
    assert client.get("/asyncapi.json").content == before.content


# -- named documents -----------------------------------------------------------------------------------------


def test_a_named_document_and_its_page(client: Client) -> None:
    documents = {"part": {"APPS": ["chat"], "INFO": {"TITLE": "Chat only"}, "SERVERS": {"eu": {"url": "wss://eu"}}}}

    with override_chanx_settings(DOCUMENTS=documents):
        part = client.get("/asyncapi/part.json").json()
        as_yaml = client.get("/asyncapi/part/", headers={"accept": "application/yaml"})
        page = client.get("/ws-docs/part/").content.decode()

    assert part["info"]["title"] == "Chat only"
    assert list(part["channels"]) == ["chat"]
    assert list(part["servers"]) == ["eu"]
    assert validate(part) == []
    assert yaml.safe_load(as_yaml.content) == part
    assert "<title>Chat only</title>" in page
    assert 'data-document-url="/asyncapi/part.json"' in page


def test_a_view_may_have_a_document_of_its_own(rf: Any) -> None:
    view = DocumentView.as_view(document="part", permission_classes=(AllowAny,))

    with override_chanx_settings(DOCUMENTS={"part": {"APPS": ["chat"]}}):
        response = view(rf.get("/x"))

    assert list(json.loads(response.content)["channels"]) == ["chat"]


# -- permissions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", NAMED_URLS)
def test_each_named_document_has_its_own_permission(client: Client, settings: Settings, url: str) -> None:
    settings.DEBUG = False
    with override_chanx_settings(DOCUMENTS={"part": {"PERMISSION_CLASSES": [ANY]}}):
        assert client.get(url).status_code == 200
        assert client.get(url.replace("part", "other")).status_code in (401, 403)
        for other in URLS:
            assert client.get(other).status_code in (401, 403)


@pytest.mark.parametrize("url", [*URLS, *NAMED_URLS])
def test_the_permission_of_the_service_is_that_of_documents_without_their_own(client: Client, url: str) -> None:
    with override_chanx_settings(DOCUMENT_PERMISSION_CLASSES=[ADMIN], DOCUMENTS={"part": {}}):
        assert client.get(url).status_code in (401, 403)
    with override_chanx_settings(DOCUMENT_PERMISSION_CLASSES=[ANY], DOCUMENTS={"part": {}}):
        assert client.get(url).status_code == 200


@pytest.mark.parametrize("url", [*URLS, *NAMED_URLS, "/asyncapi/nowhere.json", "/asyncapi/?format=xml"])
def test_nothing_is_described_for_strangers(
    client: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    settings.DEBUG = False
    monkeypatch.delattr(views, "cached_description")
    monkeypatch.delattr(views, "describe_info")

    with override_chanx_settings(DOCUMENTS={"part": {}}):
        assert client.get(url).status_code in (401, 403)


def test_classes_of_the_view_count_before_those_of_the_settings(settings: Settings, rf: Any) -> None:
    settings.DEBUG = False
    with override_chanx_settings(DOCUMENT_PERMISSION_CLASSES=[ADMIN]):
        assert DocumentView.as_view(permission_classes=(AllowAny,))(rf.get("/x")).status_code == 200


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
    assert 'data-document-url="/asyncapi.json" data-snippets-url="/asyncapi.snippets.json"' in text
    assert response["Content-Security-Policy"] == (
        "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
    )
    assert "<style" not in text
    assert "<script>" not in text


def test_the_page_shows_another_document(rf: Any) -> None:
    response = PageView.as_view(document_url="/other.json?a&b", permission_classes=(AllowAny,))(rf.get("/x"))

    assert b'data-document-url="/other.json?a&amp;b"' in response.content
    # Nobody knows where the snippets of such a document are.
    assert b"data-snippets-url" not in response.content


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, b' data-rest-docs-url="/api/schema/"'),
        ({"rest_docs_url": "/rest/?a&b"}, b' data-rest-docs-url="/rest/?a&amp;b"'),
        ({"rest_docs_url": ""}, None),
    ],
)
def test_the_page_names_the_description_of_the_rest_api(rf: Any, given: dict[str, Any], expected: bytes | None) -> None:
    response = PageView.as_view(permission_classes=(AllowAny,), **given)(rf.get("/x"))

    if expected is None:
        assert b"rest-docs" not in response.content
    else:
        assert expected in response.content


def test_the_views_are_not_part_of_the_rest_api(client: Client) -> None:
    response = client.get("/api/schema/", headers={"accept": "application/json"})

    paths = response.json()["paths"]
    assert paths
    assert not [each for each in paths if each.startswith(("/asyncapi", "/ws-docs"))]
