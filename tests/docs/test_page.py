"""The guide to the page: its settings, its template and its static files, in the project of the tutorial."""

import json
import re
import urllib.request
from http.client import HTTPResponse
from typing import Any

from tests.docs.conftest import TUTORIAL
from tests.docs.pages import ROOT, blocks
from tests.docs.project import Project

PAGE = "docs/guide/page.md"


def _get(address: str, path: str) -> tuple[HTTPResponse, str]:
    """An answer, and its text."""
    with urllib.request.urlopen(f"http://{address}{path}", timeout=20) as response:
        return response, response.read().decode()


def _write(tutorial: Project, language: str) -> None:
    """The file that a block is says so in a comment of its language."""
    for block in blocks(PAGE, language=language):
        found = re.match(r"(?:\{#|/\*) (\S+) (?:#\}|\*/)\n", block.text)
        assert found, f"{block.place}: begin the block with the name of its file"
        path = tutorial.folder / found[1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text)


def test_title_template_and_static_files(tutorial: Project) -> None:
    tutorial.write(blocks(PAGE, language="python"))
    _write(tutorial, "html")
    _write(tutorial, "css")
    for block in blocks(PAGE, language="sh"):
        assert "static files copied" in tutorial.run(block)

    (serve,) = [block for block in blocks(TUTORIAL, language="sh") if block.text.startswith("uvicorn")]
    with tutorial.serve(serve) as address:
        response, page = _get(address, "/ws-docs/")
        assert "Acme sockets</title>" in page
        assert 'data-theme="dark"' in page
        assert "Ask the platform team" in page
        (policy,) = blocks(PAGE, language="text", heading="Content Security Policy")
        assert response.headers["Content-Security-Policy"].startswith(policy.text.strip())

        loaded: list[str] = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
        assert [re.sub(r"\.[0-9a-f]{12}\.", ".", path) for path in loaded] == [
            f"/static/{name}"
            for name in (
                "chanx_asyncapi/icon.svg",
                "chanx_asyncapi/page.css",
                "chanx_asyncapi/page.js",
                "rooms/brand.css",
            )
        ]
        for path in loaded:
            # Each has a hash in its name, so browsers may keep it.
            assert "immutable" in _get(address, path)[0].headers["Cache-Control"], path

        document: Any = json.loads(_get(address, "/asyncapi.json")[1])
    _check_links(document)


def _check_links(document: dict[str, Any]) -> None:
    """The table of links names what the tutorial's document has."""
    text = (ROOT / PAGE).read_text()
    (channel, message), *_ = re.findall(r"#/channels/([^/`]+)/([^/`]+)`", text)
    assert message in document["channels"][channel]["messages"]
    (operation,) = re.findall(r"#/operations/([^`]+)`", text)
    assert operation in document["operations"]
    (schema,) = re.findall(r"#/schemas/([^`]+)`", text)
    assert schema in document["components"]["schemas"]


def test_the_colours_that_may_be_set_are_those_of_the_stylesheet() -> None:
    tokens = (ROOT / "static" / "src" / "styles" / "tokens.css").read_text()
    named = set(re.findall(r"`(--[a-z-]+)`", (ROOT / PAGE).read_text()))

    assert named == set(re.findall(r"^  (--[a-z-]+):", tokens, re.MULTILINE))


def test_sections_of_the_overview_are_those_that_the_page_has() -> None:
    row = re.search(r"a part of the overview: (.+) \|", (ROOT / PAGE).read_text())
    assert row
    overview = (ROOT / "static" / "src" / "views" / "Overview.tsx").read_text()
    assert re.findall(r"`([a-z-]+)`", row[1]) == re.findall(r'<Section name="([a-z-]+)"', overview)
