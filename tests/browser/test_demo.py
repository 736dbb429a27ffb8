"""The first minutes of a newcomer: the page of the demo, two users, one room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from demo.seed import ALICE, BOB
from tests.browser.watching import watched
from tests.servers import Server


@pytest.fixture
def page(browser: Browser, bundle: Path, demo: Server) -> Iterator[Page]:
    # The browser asks for a favicon on DRF's login page, which has none.
    with watched(browser, origin=demo.origin) as page:
        yield page


def open_chat(page: Page, demo: Server) -> Locator:
    """The first console of the chat."""
    page.goto(demo.http("/ws-docs/"))
    page.get_by_test_id("channel").filter(has_text="/ws/chat/").click()
    return page.get_by_test_id("console").first


def enter(console: Locator, token: str = "", room: str = "1") -> None:
    console.get_by_test_id("param-pk").fill(room)
    if token:
        console.get_by_test_id("token-scheme").select_option("Token")
        console.get_by_test_id("token").fill(token)
    console.get_by_test_id("connect").click()


def write(console: Locator, text: str) -> None:
    """As JSON, in the editor or in the field that stands there until it has come."""
    console.get_by_test_id("view-json").click()
    console.get_by_test_id("editor").fill(text)


def entries(console: Locator, action: str) -> Locator:
    return console.locator(f'[data-testid="entry"][data-action="{action}"]')


def test_two_users_meet_in_a_room(page: Page, demo: Server, tmp_path: Path) -> None:
    alice = open_chat(page, demo)
    page.get_by_test_id("add-console").click()
    bob = page.get_by_test_id("console").nth(1)
    enter(alice, ALICE.token)
    enter(bob, BOB.token)
    for console in (alice, bob):
        expect(console.get_by_test_id("status")).to_have_attribute("data-state", "open")
        expect(entries(console, "authentication")).to_contain_text("200")

    # They see each other.
    expect(entries(bob, "presence")).to_contain_text('"user": "bob"')
    expect(entries(alice, "presence_changed")).to_contain_text('"user": "bob"')

    alice.get_by_test_id("message-select").select_option(label="post_message")
    write(alice, '{"action": "post_message", "payload": {"text": "Hello, <b>bob</b>!"}}')
    alice.get_by_test_id("numbered").check()
    alice.get_by_test_id("send").click()

    expect(entries(alice, "posted")).to_contain_text("reply to 1")
    expect(entries(bob, "message_posted")).to_contain_text("Hello, <b>bob</b>!")
    expect(entries(bob, "message_posted")).to_contain_text('"is_mine": false')
    # Relayed to the others, not to the sender.
    expect(entries(alice, "message_posted")).to_have_count(0)

    # The REST API speaks through the same socket.
    demo.request("POST", "/api/rooms/1/announcements/", {"text": "Lunch!"}, token=ALICE.token)
    expect(entries(bob, "announcement")).to_contain_text("Lunch!")

    write(bob, '{"action": "post_message", "payload": {}}')
    bob.get_by_test_id("send").click()
    expect(entries(bob, "error")).to_contain_text("Field required")
    page.screenshot(path=tmp_path / "two-users.png", full_page=True)


def test_each_example_that_the_page_proposes_is_accepted(page: Page, demo: Server) -> None:
    console = open_chat(page, demo)
    enter(console, ALICE.token)
    expect(console.get_by_test_id("status")).to_have_attribute("data-state", "open")
    select = console.get_by_test_id("message-select")
    offered = [option.inner_text() for option in select.locator("option").all()]
    assert offered == ["post_message", "set_typing", "fetch_history", "ping", "resume", "anything else"]
    for name in offered[:-1]:
        select.select_option(label=name)
        console.get_by_test_id("send").click()
    # The last to be answered, because the consumer handles messages in order: the group of the example is unknown.
    expect(entries(console, "resumed")).to_contain_text("denied")
    expect(entries(console, "pong")).to_have_count(1)
    expect(entries(console, "error")).to_have_count(0)


def test_who_may_not_enter_learns_why(page: Page, demo: Server) -> None:
    console = open_chat(page, demo)
    enter(console, BOB.token, room="2")
    expect(console.get_by_test_id("close-explanation")).to_contain_text("forbidden")
    expect(entries(console, "authentication")).to_contain_text("Forbidden")


def test_the_session_of_the_browser_counts(page: Page, demo: Server) -> None:
    page.goto(demo.http("/api-auth/login/"))
    page.get_by_label("Username").fill(BOB.name)
    page.get_by_label("Password").fill(BOB.password)
    page.get_by_role("button", name="Log in").click()
    console = open_chat(page, demo)
    enter(console)
    expect(console.get_by_test_id("status")).to_have_attribute("data-state", "open")
    expect(entries(console, "authentication")).to_contain_text("200")


def test_the_page_and_the_description_of_the_rest_api_lead_to_each_other(page: Page, demo: Server) -> None:
    page.goto(demo.http("/ws-docs/"))
    link = page.get_by_test_id("rest-docs")
    expect(link).to_have_text("REST API")

    with page.expect_response("**/api/schema/") as answer:
        # The demo has no page for it: the browser downloads the description itself.
        link.click()

    assert answer.value.status == 200
    back = demo.request("GET", "/api/schema/?format=json")["externalDocs"]["url"]
    page.goto(demo.http(back))
    expect(page.get_by_test_id("title")).to_have_text("Chanx demo")


def test_a_named_document_has_a_page_of_its_own(page: Page, demo: Server) -> None:
    page.goto(demo.http("/ws-docs/public/"))

    expect(page.get_by_test_id("title")).to_have_text("Chanx demo, for everybody")
    expect(page.get_by_test_id("channel")).to_have_count(1)
    page.get_by_test_id("channel").click()
    console = page.get_by_test_id("console")
    console.get_by_test_id("connect").click()
    expect(entries(console, "ready")).to_have_count(1)
