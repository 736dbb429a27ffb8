"""The page: what its template says, where its URLs lead, what a project may change."""

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import clear_script_prefix, include, path, set_script_prefix
from pytest_django import Settings
from rest_framework.permissions import AllowAny

from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.urls import urlpatterns as views
from chanx_asyncapi.views import PageView

ANY, ADMIN = (f"rest_framework.permissions.{name}" for name in ("AllowAny", "IsAdminUser"))

EVIL = '</script><!--<script>alert(\'1\')</script>" onload="alert(2)" {{ 7 }}'


@pytest.fixture(autouse=True)
def _debug(settings: Settings) -> None:
    settings.DEBUG = True
    settings.ALLOWED_HOSTS = ["testserver"]


def pages_in(text: str) -> list[dict[str, Any]]:
    """What the page's switcher offers."""
    (data,) = re.findall(r'<script id="chanx-pages" type="application/json">(.*?)</script>', text)
    documents: list[dict[str, Any]] = json.loads(data)["documents"]
    return documents


# -- the documents to choose from ----------------------------------------------------------------------------


def test_the_page_offers_each_document_that_its_reader_may_see(client: Client) -> None:
    documents = {"part": {"INFO": {"TITLE": "Part"}}, "secret": {"PERMISSION_CLASSES": [ADMIN]}}
    with override_chanx_settings(DOCUMENTS=documents):
        whole = client.get("/ws-docs/").content.decode()
        part = client.get("/ws-docs/part/").content.decode()

    assert pages_in(whole) == [
        {"title": "Chanx demo", "url": "/ws-docs/", "current": True},
        {"title": "Part", "url": "/ws-docs/part/", "current": False},
    ]
    assert [page["current"] for page in pages_in(part)] == [False, True]
    assert "secret" not in whole + part


def test_who_may_read_a_part_learns_nothing_of_the_whole(client: Client, settings: Settings) -> None:
    settings.DEBUG = False
    with override_chanx_settings(DOCUMENTS={"part": {"PERMISSION_CLASSES": [ANY]}}):
        text = client.get("/ws-docs/part/").content.decode()

    assert [page["url"] for page in pages_in(text)] == ["/ws-docs/part/"]


def test_a_page_with_a_document_of_its_own_offers_no_others(rf: Any) -> None:
    view = PageView.as_view(document_url="/other.json", permission_classes=(AllowAny,))
    with override_chanx_settings(DOCUMENTS={"part": {}}):
        text = view(rf.get("/x")).content.decode()

    assert pages_in(text) == []


# -- where it is ---------------------------------------------------------------------------------------------


def url_conf(*patterns: Any) -> Any:
    module: Any = ModuleType("urls")
    module.urlpatterns = list(patterns)
    return module


AT_THE_ROOT = url_conf(path("", include((views, "chanx_asyncapi"))))
NESTED = url_conf(path("a/", include(([path("b/", include((views, "chanx_asyncapi")))], "outer"))))
UNDER_ANOTHER_NAME = url_conf(path("docs/", include((views, "chanx_asyncapi"), namespace="internal")))
TWICE = url_conf(
    path("one/", include((views, "chanx_asyncapi"), namespace="chanx_asyncapi")),
    path("two/", include((views, "chanx_asyncapi"), namespace="second")),
)
BELOW_A_VARIABLE_PART = url_conf(path("<slug:tenant>/", include((views, "chanx_asyncapi"))))


@pytest.mark.parametrize(
    ("urlconf", "prefix"),
    [
        (AT_THE_ROOT, "/"),
        (NESTED, "/a/b/"),
        (UNDER_ANOTHER_NAME, "/docs/"),
        (TWICE, "/one/"),
        (TWICE, "/two/"),
        (BELOW_A_VARIABLE_PART, "/acme/"),
    ],
)
@pytest.mark.parametrize("name", ["", "part/"])
def test_it_stays_in_the_include_in_which_it_was_asked_for(
    client: Client, settings: Settings, urlconf: Any, prefix: str, name: str
) -> None:
    settings.ROOT_URLCONF = urlconf
    with override_chanx_settings(DOCUMENTS={"part": {}}):
        text = client.get(f"{prefix}ws-docs/{name}").content.decode()
        document = f"{prefix}asyncapi{'/part' if name else ''}.json"
        assert client.get(document).status_code == 200

    assert f'data-document-url="{document}"' in text
    assert [page["url"] for page in pages_in(text)] == [f"{prefix}ws-docs/", f"{prefix}ws-docs/part/"]


def test_a_prefix_of_the_whole_site_is_part_of_every_url(client: Client, settings: Settings) -> None:
    # A relative one, as `startproject` writes it: Django puts the prefix before it.
    settings.STATIC_URL = "static/"
    # What the handlers of a server do with FORCE_SCRIPT_NAME, and the client of tests does not.
    set_script_prefix("/site/")
    try:
        with override_chanx_settings(DOCUMENTS={"part": {}}):
            text = client.get("/ws-docs/").content.decode()
    finally:
        clear_script_prefix()

    assert 'data-document-url="/site/asyncapi.json"' in text
    assert 'src="/site/static/chanx_asyncapi/page.js"' in text
    assert 'href="/site/static/chanx_asyncapi/page.css"' in text
    assert [page["url"] for page in pages_in(text)] == ["/site/ws-docs/", "/site/ws-docs/part/"]


# -- what a project may change -------------------------------------------------------------------------------


def test_title_and_theme_of_the_settings(client: Client) -> None:
    with override_chanx_settings(PAGE={"TITLE": "Our sockets", "THEME": "dark"}):
        text = client.get("/ws-docs/").content.decode()

    assert "<title>Chanx demo · Our sockets</title>" in text
    assert 'data-site-title="Our sockets"' in text
    assert '<html lang="en" data-theme="dark">' in text


def test_without_settings_the_document_names_the_page_and_the_system_colours_it(client: Client) -> None:
    text = client.get("/ws-docs/").content.decode()

    assert "<title>Chanx demo</title>" in text
    assert "data-site-title" not in text
    assert 'data-theme="system"' in text


BLOCKS = """{% extends "chanx_asyncapi/page.html" %}
{% block head %}<link rel="stylesheet" href="/brand.css">{% endblock %}
{% block before %}<header>Acme for {{ request.user }}</header>{% endblock %}
{% block after %}<footer>Imprint</footer>{% endblock %}
"""


@pytest.mark.parametrize("name", ["chanx_asyncapi/page.html", "brand/docs.html"])
def test_a_template_of_the_project_extends_the_page(
    rf: Any, client: Client, settings: Settings, tmp_path: Path, name: str
) -> None:
    template = tmp_path / name
    template.parent.mkdir()
    template.write_text(BLOCKS)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]

    if name == "chanx_asyncapi/page.html":
        text = client.get("/ws-docs/").content.decode()
    else:
        view = PageView.as_view(template_name=name, permission_classes=(AllowAny,))
        text = view(rf.get("/x")).content.decode()

    positions = [
        text.index(part)
        for part in ("page.js", "/brand.css", "</head>", "Acme for", 'id="chanx-page"', "Imprint", "</body>")
    ]
    assert positions == sorted(positions)


def test_a_site_with_a_policy_of_its_own_keeps_it(rf: Any) -> None:
    view = PageView.as_view(content_security_policy=None, permission_classes=(AllowAny,))

    assert "Content-Security-Policy" not in view(rf.get("/x"))


def test_nobody_between_keeps_a_page(client: Client) -> None:
    assert "private" in client.get("/ws-docs/")["Cache-Control"]


# -- bad input -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/ws-docs/", "/asyncapi.json", "/asyncapi.yaml", "/asyncapi/", "/ws-docs/part/"])
def test_case_61_outside_of_debug_the_page_is_closed_to_strangers(client: Client, settings: Settings, url: str) -> None:
    settings.DEBUG = False
    with override_chanx_settings(DOCUMENTS={"part": {}}):
        refused = client.get(url)
        client.force_login(User.objects.create_user("reader"))
        read = client.get(url)

    assert refused.status_code in (401, 403)
    assert b"chanx-page" not in refused.content
    assert b"channels" not in refused.content
    assert read.status_code == 200


def test_case_61_unless_it_is_opened(client: Client, settings: Settings) -> None:
    settings.DEBUG = False
    with override_chanx_settings(DOCUMENT_PERMISSION_CLASSES=[ANY]):
        assert client.get("/ws-docs/").status_code == 200


def test_case_62_text_of_the_settings_is_inert_in_the_page(client: Client) -> None:
    documents = {"part": {"INFO": {"TITLE": EVIL}}}
    with override_chanx_settings(INFO={"TITLE": EVIL}, PAGE={"TITLE": EVIL}, DOCUMENTS=documents):
        text = client.get("/ws-docs/").content.decode()

    # The page's own script, and its data.
    assert text.count("<script") == 2
    assert text.count("</script>") == 2
    assert "<!--" not in text
    assert 'onload="' not in text
    assert [page["title"] for page in pages_in(text)] == [EVIL, EVIL]
