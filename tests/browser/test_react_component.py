"""AsyncAPI's own React component shows the document of the demo."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.contract.documents import demo
from tests.contract.npm_parser import NODE_MODULES

#: The component with React and the parser in one file, as its package brings it.
COMPONENT: Final = NODE_MODULES / "@asyncapi" / "react-component"
FILES: Final = {
    "/component.js": (COMPONENT / "browser" / "standalone" / "index.js", "text/javascript"),
    "/component.css": (COMPONENT / "styles" / "default.min.css", "text/css"),
}
HOST: Final = "http://react.test"
PAGE: Final = """
<!doctype html>
<meta charset="utf-8">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/component.css">
<div id="root"></div>
<script src="/component.js"></script>
<script>
  fetch("/asyncapi.json")
    .then((response) => response.text())
    .then((schema) => AsyncApiStandalone.render({ schema }, document.getElementById("root")));
</script>
"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that shows what /asyncapi.json holds, and at the end of every test has asked no other host."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    page = context.new_page()
    page.set_default_timeout(30_000)
    foreign: list[str] = []
    complaints: list[str] = []

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST)
        if path in FILES:
            file, content_type = FILES[path]
            route.fulfill(path=file, content_type=content_type)
        elif path == "/":
            route.fulfill(body=PAGE, content_type="text/html")
        elif path == "/asyncapi.json":
            route.fulfill(body=demo(), content_type="application/json")
        else:
            foreign.append(route.request.url)
            route.abort()

    page.route("**/*", answer)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert foreign == []
    assert complaints == []


def test_the_component_shows_the_demo(page: Page, tmp_path: Path) -> None:
    document: Any = json.loads(demo())
    page.goto(HOST + "/")

    shown = page.locator("#root")
    expect(shown).to_contain_text("Chanx demo 1.0.0")
    page.screenshot(path=tmp_path / "component.png")
    operations = page.locator("li[id^=operation-]").evaluate_all("(elements) => elements.map(({ id }) => id)")
    assert operations == [
        f"operation-{'reply' if 'reply' in operation else 'send'}-{key}"
        for key, operation in document["operations"].items()
    ]
    text = shown.inner_text()
    for channel in document["channels"].values():
        assert channel["address"] in text
        assert channel["summary"] in text
    for message in document["components"]["messages"].values():
        assert message["title"] in text
    for scheme in document["components"]["securitySchemes"].values():
        assert scheme.get("description", "") in text


def test_a_fault_is_shown(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.demo", lambda: '{"asyncapi": "3.1.0", "info": {}}')
    page.goto(HOST + "/")

    expect(page.locator("#root")).to_contain_text("Error")
