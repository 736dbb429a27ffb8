"""The demo's own front end, which is written with the generated TypeScript client: two people in a room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.seed import ALICE, BOB, DemoUser
from tests.browser.conftest import ROOT
from tests.servers import Server, Servers

#: Milliseconds that a step may take on a loaded machine.
SLOW = 60_000
BUNDLE = ROOT / "management" / "demo" / "static" / "demo" / "chat.js"


@pytest.fixture
def server(servers: Servers) -> Iterator[Server]:
    """A server that nobody else uses: it will be restarted."""
    if not BUNDLE.exists():
        raise RuntimeError(f"{BUNDLE} is missing: run `make frontend`.")
    server = servers.start("uvicorn", OF="the demo's front end")
    yield server
    server.stop()


def enter(browser: Browser, server: Server, user: DemoUser, *, width: int = 800) -> Page:
    """A window of ``user``, logged in, in the lobby."""
    page = browser.new_context(viewport={"width": width, "height": 600}).new_page()
    page.set_default_timeout(SLOW)
    page.goto(server.http("/"))
    page.get_by_label("User").fill(user.name)
    page.get_by_label("Password").fill(user.password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("link", name="Lobby").click()
    expect(page.locator("#status")).to_have_text("Connected", timeout=SLOW)
    return page


def test_two_people_talk(browser: Browser, server: Server, servers: Servers, tmp_path: Path) -> None:
    alice, bob = enter(browser, server, ALICE), enter(browser, server, BOB, width=390)
    errors: list[str] = []
    for page in (alice, bob):
        page.on("pageerror", lambda error: errors.append(str(error)))

    expect(alice.locator("#present")).to_have_text("Here: alice (you), bob", timeout=SLOW)
    expect(bob.locator("#present")).to_have_text("Here: alice, bob (you)", timeout=SLOW)

    alice.get_by_label("Message", exact=True).press_sequentially("Hello, <b>bob</b>!")
    expect(bob.locator("#typing")).to_have_text("alice is writing…", timeout=SLOW)
    bob.screenshot(path=tmp_path / "typing.png")
    alice.get_by_role("button", name="Send").click()
    for page in (alice, bob):
        expect(page.locator("#messages li").last).to_have_text("alice Hello, <b>bob</b>!", timeout=SLOW)
    expect(bob.locator("#typing")).to_have_text("", timeout=SLOW)
    expect(alice.get_by_label("Message", exact=True)).to_have_value("", timeout=SLOW)

    # The token that is kept is worth nothing any more: a fresh one is asked for, and nobody notices.
    bob.evaluate("sessionStorage.setItem('demo-token', 'expired')")
    bob.reload()
    expect(bob.locator("#status")).to_have_text("Connected", timeout=SLOW)
    assert bob.evaluate("sessionStorage.getItem('demo-token')") == BOB.token

    servers.restart(server)
    for page in (alice, bob):
        expect(page.locator("#status")).to_have_text("Connected again", timeout=SLOW)
    server.request("POST", "/api/rooms/1/announcements/", {"text": "Lunch!"}, token=ALICE.token)
    for page in (alice, bob):
        expect(page.locator("#messages li").last).to_have_text("alice Lunch!", timeout=SLOW)
        expect(page.locator("#messages li")).to_have_count(3, timeout=SLOW)
    # Nobody has noticed but for the moment without a connection; who closes the window is gone soon.
    for page in (alice, bob):
        expect(page.locator("#present")).to_contain_text("alice", timeout=SLOW)
        expect(page.locator("#present")).to_contain_text("bob", timeout=SLOW)
    alice.screenshot(path=tmp_path / "chat.png")
    bob.close()
    expect(alice.locator("#present")).to_have_text("Here: alice (you)", timeout=SLOW)
    assert errors == []


def test_strangers_are_asked_to_log_in(browser: Browser, server: Server) -> None:
    page = browser.new_context().new_page()
    page.goto(server.http("/chat/1/"))
    assert "/api-auth/login/" in page.url
