"""Reading a document on the built page: finding, following, choosing colours; and what hostile documents cannot do."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.axe import violations
from tests.browser.chat_server import ChatServer
from tests.browser.documents import EVIL, hostile_document, large_document

DOCUMENT = (Path(__file__).parent / "chat_document.json").read_text()


@pytest.fixture
def server(bundle: Path) -> Iterator[ChatServer]:
    page = render_to_string(
        "chanx_asyncapi/page.html", {"title": "Chat service", "document_url": "/docs/asyncapi.json", "theme": "system"}
    )
    with ChatServer(page, bundle, DOCUMENT).running() as server:
        yield server


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('policy', e.violatedDirective, e.blockedURI))"
    )
    yield context
    context.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser reports: an error, a break of the policy."""
    return []


@pytest.fixture
def page(context: BrowserContext, server: ChatServer, complaints: list[str]) -> Iterator[Page]:
    """A page that, at the end of every test, has broken no policy, thrown nothing and asked no other host."""
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    foreign: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(server.origin) else foreign.append(request.url))
    yield page
    assert complaints == []
    assert foreign == []


def show(page: Page, server: ChatServer, route: str = "") -> None:
    page.goto(f"{server.origin}/docs/{route}")
    expect(page.locator("h1")).to_be_visible()


# -- finding and following -----------------------------------------------------------------------------------


def test_search_by_keyboard_leads_to_the_message(page: Page, server: ChatServer) -> None:
    show(page, server)
    page.keyboard.press("/")
    words = page.get_by_test_id("search-words")
    expect(words).to_be_focused()
    page.keyboard.type("post")
    found = page.get_by_test_id("found")
    expect(found.first).to_contain_text("post")
    kinds = {option.get_attribute("data-kind") for option in found.all()}
    assert kinds >= {"received", "operation", "schema"}
    page.keyboard.press("Escape")
    expect(words).to_have_count(0)

    page.keyboard.press("Control+K")
    expect(page.get_by_test_id("search-words")).to_be_focused()
    page.keyboard.type("pong")
    expect(found.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(found.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    card = page.locator('[data-testid="message"][data-message="pong"]')
    expect(card).to_have_attribute("open", "")
    expect(card.locator("> summary")).to_be_focused()
    # A slash in a field is a slash.
    page.get_by_test_id("token").fill("")
    page.get_by_test_id("token").press("/")
    expect(page.get_by_test_id("search")).to_have_count(0)


@pytest.mark.parametrize(
    ("route", "test_id", "text"),
    [
        ("#/channels/chat/posted", "message", "posted"),
        ("#/operations/postChat", "message", "new_chat"),
        ("#/schemas/Text", "schema-name", "Text"),
        ("#/overview/close-codes", "section-close-codes", "Close codes"),
    ],
)
def test_a_link_brings_what_it_names_into_view(
    page: Page, server: ChatServer, route: str, test_id: str, text: str
) -> None:
    show(page, server, route)
    target = page.get_by_test_id(test_id).filter(has_text=text).first
    expect(target).to_be_in_viewport()
    if test_id == "message":
        expect(page.locator(f'[data-testid="message"][data-message="{text}"]')).to_have_attribute("open", "")


def test_a_link_to_what_there_is_not_says_so(page: Page, server: ChatServer) -> None:
    for route in ("#/channels/gone", "#/operations/gone", "#/schemas/gone"):
        page.goto(f"{server.origin}/docs/{route}")
        expect(page.get_by_test_id("missing")).to_contain_text("gone")


def test_a_channel_says_what_it_keeps_for_clients_that_come_back(page: Page, server: ChatServer) -> None:
    show(page, server, "#/channels/chat")
    expect(page.get_by_test_id("resume")).to_contain_text(
        "keeps the last 1,000 messages of each group until 1 hour after the newest"
    )
    show(page, server, "#/channels/notifications")
    expect(page.locator("h1")).to_contain_text("/ws/notifications/")
    expect(page.get_by_test_id("resume")).to_have_count(0)


def test_messages_and_their_answers_lead_to_each_other(page: Page, server: ChatServer) -> None:
    show(page, server, "#/channels/chat/new_chat")
    page.get_by_test_id("replies").first.get_by_role("link", name="posted").click()
    posted = page.locator("article", has=page.locator('[data-message="posted"]'))
    posted.get_by_test_id("asked").get_by_role("link", name="new_chat").click()
    expect(page).to_have_url(f"{server.origin}/docs/#/channels/chat/new_chat")
    sent = page.locator('[data-message="new_chat"]')
    sent.get_by_role("link", name="Text", exact=True).first.click()
    expect(page.get_by_test_id("used-by")).to_contain_text("new_chat")
    page.get_by_test_id("raw").click()
    expect(page.locator("main")).to_contain_text('"maxLength": 2000')


# -- looks ---------------------------------------------------------------------------------------------------


def test_a_chosen_theme_is_kept(page: Page, server: ChatServer) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    page.emulate_media(color_scheme="light")
    show(page, server)
    light = page.evaluate(background)
    page.get_by_test_id("theme").click()
    assert page.evaluate(background) == light
    page.get_by_test_id("theme").click()
    dark = page.evaluate(background)
    assert dark != light
    page.reload()
    expect(page.get_by_test_id("theme")).to_have_attribute("aria-label", "Colours: dark")
    assert page.evaluate(background) == dark
    page.get_by_test_id("theme").click()
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(background) == dark


@pytest.mark.parametrize("width", [1400, 390])
def test_nobody_is_kept_out(page: Page, server: ChatServer, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    for scheme, route in (
        ("light", ""),
        ("dark", "#/channels/chat/new_chat"),
        ("light", "#/schemas/Text"),
        ("dark", "#/schemas"),
    ):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        show(page, server, route)
        assert violations(page) == [], (scheme, route)
        # Nothing is wider than the screen.
        assert page.evaluate("document.documentElement.scrollWidth") <= width, route
    page.keyboard.press("Control+K")
    expect(page.get_by_test_id("search-words")).to_be_focused()
    page.keyboard.type("o")
    expect(page.get_by_test_id("found").first).to_be_visible()
    assert violations(page) == []


def test_on_a_narrow_screen_the_menu_opens_and_closes(page: Page, server: ChatServer) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, server)
    channel = page.get_by_test_id("channel").first
    expect(channel).to_be_hidden()
    page.get_by_test_id("nav-toggle").click()
    channel.click()
    expect(channel).to_be_hidden()
    expect(page.locator("h1")).to_be_focused()


# -- large documents -----------------------------------------------------------------------------------------


def test_two_hundred_channels_with_ten_messages_each(page: Page, server: ChatServer) -> None:
    server.document = (HTTPStatus.OK, json.dumps(large_document()))
    show(page, server)
    expect(page.get_by_test_id("channel")).to_have_count(200)
    expect(page.get_by_test_id("overview-channel")).to_have_count(200)
    page.keyboard.press("/")
    expect(page.get_by_test_id("search-words")).to_be_focused()
    page.keyboard.type("channel150 message 7")
    expect(page.get_by_test_id("found").first).to_contain_text("channel150_message_7")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("message").filter(has_text="channel150_message_7")).to_contain_text("field3")


# -- bad input -----------------------------------------------------------------------------------------------


def test_case_62_no_text_of_a_document_is_more_than_text(page: Page, server: ChatServer) -> None:
    server.document = (HTTPStatus.OK, json.dumps(hostile_document()))
    show(page, server)
    channels = ("#/channels/__proto__/__proto__", "#/operations/__proto__", "#/channels/constructor")
    for route in ("", *channels, "#/schemas/__proto__", "#/schemas/toString", f"#/channels/{quote(EVIL, safe='')}"):
        page.goto(f"{server.origin}/docs/{route}")
        expect(page.locator("main")).to_contain_text("onerror")
        for button in page.get_by_test_id("expand").all():
            button.click()
        assert page.locator("main :is(img, script, iframe, object, embed, base, form[action])").count() == 0, route
        links = page.locator("a").evaluate_all("(all) => all.map(({ protocol }) => protocol)")
        assert set(links) <= {"http:", "https:", "mailto:"}, route
    page.keyboard.press("/")
    expect(page.get_by_test_id("search-words")).to_be_focused()
    page.keyboard.type("__proto__")
    expect(page.get_by_test_id("found").first).to_be_visible()
    page.keyboard.press("Enter")
    assert page.evaluate("[window.evil, ({}).evil, Object.keys(Object.prototype).length]") == [None, None, 0]


def test_case_63_the_strictest_policy_is_enough(page: Page, server: ChatServer, complaints: list[str]) -> None:
    answer = page.goto(f"{server.origin}/docs/#/channels/chat/new_chat")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    expect(page.get_by_test_id("schema").first).to_be_visible()
    assert complaints == []

    # The policy is at work: a script in the page would be kept back, and be reported.
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'window.evil = 1'}))")
    page.wait_for_function("window.evil === undefined")
    assert [text for text in complaints if "policy script-src" in text]
    complaints.clear()
