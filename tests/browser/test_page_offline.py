"""The built page in a real browser, against a small server: no Django view, no consumer of ours, no network."""

import json
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.chat_server import ChatServer
from tests.browser.watching import watched

DOCUMENT = (Path(__file__).parent / "chat_document.json").read_text()


@pytest.fixture
def server(bundle: Path) -> Iterator[ChatServer]:
    page = render_to_string(
        "chanx_asyncapi/page.html", {"title": "Chat service", "document_url": "/docs/asyncapi.json"}
    )
    with ChatServer(page, bundle, DOCUMENT).running() as server:
        yield server


@pytest.fixture
def page(browser: Browser, server: ChatServer) -> Iterator[Page]:
    with watched(browser, origin=server.origin) as page:
        yield page


def open_chat(page: Page, server: ChatServer) -> Locator:
    """The first console of the chat."""
    page.goto(f"{server.origin}/docs/")
    page.get_by_test_id("channel").filter(has_text="/ws/chat/").click()
    return page.get_by_test_id("console").first


def connect(console: Locator, token: str, scheme: str = "Token") -> None:
    console.get_by_test_id("token-scheme").select_option(scheme)
    console.get_by_test_id("token").fill(token)
    console.get_by_test_id("connect").click()
    expect(console.get_by_test_id("status")).to_have_attribute("data-state", "open")


def write(console: Locator, text: str) -> None:
    """As JSON, in the editor or in the field that stands there until it has come."""
    console.get_by_test_id("view-json").click()
    console.get_by_test_id("editor").fill(text)


def entries(console: Locator, action: str) -> Locator:
    return console.locator(f'[data-testid="entry"][data-action="{action}"]')


def test_overview_tells_what_there_is(page: Page, server: ChatServer) -> None:
    page.goto(f"{server.origin}/docs/")
    expect(page.get_by_test_id("title")).to_have_text("Chat service")
    expect(page.get_by_test_id("overview-channel")).to_have_count(3)
    expect(page.get_by_role("table")).to_contain_text("No credential, or one that has expired.")
    expect(page).to_have_title("Chat service")


def test_messages_stand_under_the_direction_of_the_reader(page: Page, server: ChatServer) -> None:
    open_chat(page, server)
    sent = page.locator('[data-testid="message"][data-direction="sent"]')
    expect(sent).to_have_count(3)
    assert [card.get_attribute("data-message") for card in sent.all()] == ["new_chat", "burst", "ping"]
    operation = page.locator('[data-operation="postChat"]')
    expect(operation.get_by_test_id("replies")).to_have_text("answered with posted or refused")
    operation.get_by_role("link", name="posted").click()
    posted = page.locator('[data-testid="message"][data-message="posted"]')
    expect(posted.get_by_test_id("schema")).to_contain_text("integer")


def test_link_to_a_message_opens_it_and_brings_it_into_view(page: Page, server: ChatServer) -> None:
    page.goto(f"{server.origin}/docs/")
    expect(page.get_by_test_id("title")).to_be_visible()
    page.evaluate("location.hash = '#/channels/chat/pong'")
    card = page.locator('[data-testid="message"][data-message="pong"]')
    expect(card.get_by_test_id("schema")).to_be_visible()
    expect(card).to_be_in_viewport()


def test_recursive_schema_opens_as_far_as_the_reader_wants(page: Page, server: ChatServer) -> None:
    open_chat(page, server)
    card = page.locator('[data-testid="message"][data-message="new_chat"]')
    card.locator("> summary").click()
    schema = card.get_by_test_id("schema")
    expect(schema).to_contain_text("at most 2000 characters")
    expect(schema).to_contain_text("no other keys")
    names = schema.locator("button code", has_text="quotes")
    expect(names).to_have_count(1)
    for depth in (1, 2, 3):
        names.nth(depth - 1).click()
        expect(names).to_have_count(depth + 1)


def test_two_users_talk_on_one_page(page: Page, server: ChatServer) -> None:
    ada = open_chat(page, server)
    page.get_by_test_id("add-console").click()
    bob = page.get_by_test_id("console").nth(1)
    connect(ada, "ada-key")
    connect(bob, "bob-key", scheme="Bearer")

    write(ada, '{"action": "new_chat", "payload": {"text": "Hello Bob"}}')
    ada.get_by_test_id("numbered").check()
    ada.get_by_test_id("send").click()

    expect(entries(ada, "posted")).to_contain_text("reply to 1")
    expect(entries(bob, "chat_posted")).to_contain_text('"author": "ada", "text": "Hello Bob"')
    order = [entry.get_attribute("data-action") for entry in ada.get_by_test_id("entry").all()]
    assert order == ["connecting", "open", "authentication", "new_chat", "posted"]
    expect(entries(ada, "new_chat")).to_have_attribute("data-direction", "sent")
    expect(page.get_by_label("2 open connections")).to_be_visible()

    # The consoles stay while another channel is read.
    page.get_by_test_id("channel").filter(has_text="/ws/notifications/").click()
    page.go_back()
    expect(bob.get_by_test_id("status")).to_have_attribute("data-state", "open")
    expect(entries(bob, "chat_posted")).to_have_count(1)


def test_session_cookie_counts_without_a_token(page: Page, server: ChatServer) -> None:
    page.context.add_cookies([{"name": "sessionid", "value": "carols-session", "url": server.origin}])
    console = open_chat(page, server)
    console.get_by_test_id("connect").click()
    expect(entries(console, "authentication")).to_contain_text("200")


def test_refused_credential_is_explained(page: Page, server: ChatServer) -> None:
    console = open_chat(page, server)
    console.get_by_test_id("token").fill("nobody's")
    console.get_by_test_id("connect").click()
    expect(console.get_by_test_id("status")).to_have_text("Closed 4401")
    expect(entries(console, "authentication")).to_have_attribute("data-error", "true")
    expect(console.get_by_test_id("close-explanation")).to_contain_text("No credential, or one that has expired.")
    expect(console.get_by_test_id("connect")).to_be_enabled()


def test_parameters_and_query_make_the_url(page: Page, server: ChatServer) -> None:
    console = open_chat(page, server)
    console.get_by_test_id("param-room").fill("")
    expect(console.get_by_test_id("connect")).to_be_disabled()
    console.get_by_test_id("param-room").fill("a b/ü")
    console.get_by_test_id("query").fill("since=1")
    address = f"ws://127.0.0.1:{server.port}/ws/chat/a%20b%2F%C3%BC/?since=1"
    expect(console.get_by_test_id("url")).to_have_text(address)
    connect(console, "ada-key")
    assert server.handshakes == ["/ws/chat/a%20b%2F%C3%BC/?since=1"]


def test_keyboard_alone_connects_and_sends(page: Page, server: ChatServer) -> None:
    console = open_chat(page, server)
    console.get_by_test_id("token").fill("ada-key")
    console.get_by_test_id("token").press("Enter")
    expect(console.get_by_test_id("status")).to_have_attribute("data-state", "open")
    console.get_by_test_id("message-select").select_option("ping")
    console.get_by_test_id("message-select").press("Control+Enter")
    expect(entries(console, "pong")).to_have_count(1)
    console.get_by_test_id("view-json").press("Enter")
    console.locator("div[data-testid=editor]").press("Control+Enter")
    expect(entries(console, "pong")).to_have_count(2)
    console.get_by_test_id("disconnect").press("Enter")
    expect(console.get_by_test_id("status")).to_have_text("Closed 1000")
    expect(console.get_by_test_id("send")).to_be_disabled()


def test_what_is_not_json_is_sent_as_it_stands(page: Page, server: ChatServer) -> None:
    console = open_chat(page, server)
    connect(console, "ada-key")
    write(console, "{broken")
    expect(console.get_by_test_id("editor-hint")).to_contain_text("not JSON")
    console.get_by_test_id("send").click()
    expect(entries(console, "error")).to_contain_text("invalid_json")
    expect(entries(console, "error")).to_have_attribute("data-error", "true")
    console.get_by_test_id("reset").click()
    expect(console.get_by_test_id("editor-hint")).to_be_empty()
    console.get_by_test_id("send").click()
    expect(entries(console, "posted")).to_contain_text("Hello, everyone")


def test_markup_stays_text(page: Page, server: ChatServer) -> None:
    ada = open_chat(page, server)
    page.locator('[data-testid="message"][data-message="new_chat"] > summary').click()
    connect(ada, "ada-key")
    evil = "</script><img src=x onerror=\"document.title='broken'\">"
    write(ada, json.dumps({"action": "new_chat", "payload": {"text": evil}}))
    ada.get_by_test_id("send").click()
    expect(entries(ada, "posted")).to_contain_text("onerror")
    expect(page.locator("main")).to_contain_text("<img src=x")
    assert page.locator("img").count() == 0
    assert page.title() == "/ws/chat/{room}/ · Chat service"


def test_ten_thousand_frames_leave_the_page_alive(page: Page, server: ChatServer) -> None:
    console = open_chat(page, server)
    connect(console, "ada-key")
    write(console, '{"action": "burst", "payload": {"count": 9990}}')
    started = time.monotonic()
    console.get_by_test_id("send").click()
    expect(entries(console, "tick").last).to_contain_text("9989", timeout=30_000)
    assert time.monotonic() - started < 30
    expect(console.get_by_test_id("log-count")).to_have_text("9994 entries")
    # Only what is seen is in the document.
    assert console.get_by_test_id("entry").count() < 60

    console.get_by_test_id("filter").fill("987")
    expect(console.get_by_test_id("log-count")).to_have_text("20 of 9994 entries")
    console.get_by_test_id("clear").click()
    expect(console.get_by_test_id("entry")).to_have_count(0)


def test_a_frame_of_five_megabytes_is_shown_as_far_as_anybody_reads(page: Page, server: ChatServer) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    console = open_chat(page, server)
    connect(console, "ada-key")
    write(console, '{"action": "blob", "payload": {"size": 5000000}}')
    console.get_by_test_id("send").click()
    blob = entries(console, "blob").last
    expect(blob).to_contain_text("5.0 million characters")
    expect(blob).to_have_attribute("data-verdict", "unchecked")
    drawn = "document.body.textContent.length"
    assert page.evaluate(drawn) < 50_000

    blob.get_by_test_id("show-entry").click()
    expect(blob).to_contain_text("more characters; copy gives them all")
    assert page.evaluate(drawn) < 150_000
    blob.hover()
    blob.get_by_test_id("copy-entry").click()
    expect(blob.get_by_test_id("copy-entry")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText().then((text) => text.length)") > 4_900_000
    blob.get_by_role("button", name="Check").click()
    # The document of this server has no such message.
    expect(blob).to_have_attribute("data-verdict", "undescribed")

    # Everything else goes on.
    console.get_by_test_id("ping").click()
    expect(console.get_by_test_id("log-count")).to_have_text("7 entries")
    # Whoever reads further up stays there, and can come back.
    console.get_by_test_id("to-end").click()
    expect(entries(console, "pong")).to_be_in_viewport()
    expect(console.get_by_test_id("to-end")).to_have_count(0)
    console.get_by_test_id("filter").fill("nowhere")
    expect(console.get_by_test_id("log-count")).to_have_text("0 of 7 entries")


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (HTTPStatus.FORBIDDEN, "{}", "403"),
        (HTTPStatus.OK, "<!doctype html>", "not JSON"),
        (HTTPStatus.OK, '{"openapi": "3.1.0"}', "asyncapi"),
    ],
)
def test_broken_document_is_told_and_can_be_tried_again(
    page: Page, server: ChatServer, status: HTTPStatus, body: str, told: str
) -> None:
    good = server.document
    server.document = (status, body)
    page.goto(f"{server.origin}/docs/")
    expect(page.get_by_test_id("failure")).to_contain_text(told)
    server.document = good
    page.get_by_test_id("retry").click()
    expect(page.get_by_test_id("title")).to_have_text("Chat service")


def test_unreachable_document_is_told(page: Page, server: ChatServer) -> None:
    page.route("**/asyncapi.json", lambda route: route.abort())
    page.goto(f"{server.origin}/docs/")
    expect(page.get_by_test_id("failure")).to_contain_text("Is the server running?")
