"""The page where a project is deployed: below a prefix, its files hashed by Django and served by WhiteNoise."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from demo.seed import ALICE
from tests.browser.deployed.settings import PREFIX
from tests.browser.watching import watched
from tests.servers import Server, Servers


@pytest.fixture(scope="module")
def deployed(servers: Servers, bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server of the demo; a folder of its own holds what it has collected."""
    return servers.start(
        "uvicorn",
        DJANGO_SETTINGS_MODULE="tests.browser.deployed.settings",
        TEST_APPLICATION="tests.browser.deployed.asgi:application",
        DEPLOYED_STATIC_ROOT=str(tmp_path_factory.mktemp("collected")),
    )


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with watched(browser) as page:
        yield page


def test_everything_comes_from_below_the_prefix_and_may_be_kept(page: Page, deployed: Server) -> None:
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(deployed.http(f"{PREFIX}/ws-docs/#/channels/chat"))
    expect(page.locator("h1")).to_have_text("/ws/chat/{pk}/")
    expect(page).to_have_title("/ws/chat/{pk}/ · Chanx demo · Team sockets")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    console = page.get_by_test_id("console").first
    console.get_by_test_id("param-pk").fill("1")
    console.get_by_test_id("token").fill(ALICE.token)
    expect(console.get_by_test_id("url")).to_have_text(f"{deployed.ws(PREFIX)}/ws/chat/1/")
    console.get_by_test_id("connect").click()
    expect(console.get_by_test_id("status")).to_have_attribute("data-state", "open")
    # The editor is loaded when it is wanted.
    console.get_by_test_id("view-json").click()
    expect(console.locator(".cm-content")).to_be_visible()

    assert {answer.status for answer in answers} == {200}
    paths = [answer.url.removeprefix(deployed.origin) for answer in answers]
    assert all(path.startswith(f"{PREFIX}/") for path in paths), paths
    scripts = [answer for answer in answers if answer.url.endswith(".js")]
    assert len(scripts) == 2
    for answer in answers:
        name = answer.url.rpartition("/")[2]
        if re.fullmatch(r"[\w.-]+\.[0-9a-f]{12}\.(js|css|svg)", name):
            assert "immutable" in answer.headers["cache-control"]
            assert answer.headers.get("content-encoding") in ("br", "gzip")
    # Asked for once, although the page's head asks for it before the script does.
    assert paths.count(f"{PREFIX}/asyncapi.json") == 1


def test_the_switcher_leads_to_another_document(page: Page, deployed: Server) -> None:
    page.goto(deployed.http(f"{PREFIX}/ws-docs/"))
    page.get_by_test_id("documents").select_option(label="Chanx demo, for everybody")
    page.wait_for_url(deployed.http(f"{PREFIX}/ws-docs/public/"))
    expect(page.get_by_test_id("title")).to_have_text("Chanx demo, for everybody")
    expect(page.get_by_test_id("channel")).to_have_count(1)
