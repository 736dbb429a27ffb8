"""The console: what its reader can do with it, on the demo under a real server, under a strict policy."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from demo.seed import ALICE, BOB, DemoUser
from tests.browser.axe import violations
from tests.browser.watching import watched
from tests.servers import Server


@pytest.fixture
def page(browser: Browser, bundle: Path) -> Iterator[Page]:
    with watched(browser, permissions=("clipboard-read", "clipboard-write")) as page:
        yield page


def open_chat(page: Page, demo: Server) -> Locator:
    page.goto(demo.http("/ws-docs/#/channels/chat"))
    return page.get_by_test_id("console").first


def enter(console: Locator, user: DemoUser) -> None:
    console.get_by_test_id("console-name").fill(user.name)
    console.get_by_test_id("param-pk").fill("1")
    console.get_by_test_id("token").fill(user.token)
    console.get_by_test_id("connect").click()
    expect(console.get_by_test_id("status")).to_have_attribute("data-state", "open")


def entries(place: Locator, action: str) -> Locator:
    return place.locator(f'[data-testid="entry"][data-action="{action}"]')


def field(console: Locator, pointer: str) -> Locator:
    return console.locator(f'[data-field="{pointer}"]')


def write(console: Locator, text: str) -> None:
    console.get_by_test_id("view-json").click()
    # Until the editor has come, a plain field stands there; these tests are about the editor.
    console.locator("div[data-testid=editor]").fill(text)


def test_a_newcomer_finds_the_chat_and_two_users_meet_there(page: Page, demo: Server, tmp_path: Path) -> None:
    page.goto(demo.http("/ws-docs/"))
    page.get_by_test_id("channel").filter(has_text="/ws/chat/").first.click()
    alice = page.get_by_test_id("console").first
    assert violations(page) == []

    enter(alice, ALICE)
    page.get_by_test_id("add-console").click()
    bob = page.get_by_test_id("console").nth(1)
    enter(bob, BOB)

    # Send by form, and see it on both sides: as described, and linked to what it answers.
    text = field(alice, "/payload/text").get_by_role("textbox", name="text")
    text.fill("Hello, <b>bob</b>!")
    alice.get_by_test_id("send").click()
    expect(entries(bob, "message_posted")).to_contain_text("Hello, <b>bob</b>!")
    expect(entries(bob, "message_posted")).to_have_attribute("data-verdict", "valid")
    expect(entries(alice, "posted")).to_have_attribute("data-verdict", "valid")
    expect(entries(alice, "posted").get_by_test_id("request-link")).to_contain_text("reply to 1, ")
    expect(entries(alice, "post_message").get_by_test_id("answer-link")).to_contain_text("answered in ")

    # Break it: the page says what is wrong before the service does, and sends it all the same.
    text.fill("")
    expect(field(alice, "/payload/text").get_by_test_id("field-problem")).to_have_text("Needs at least 1 character")
    expect(text).to_have_attribute("aria-invalid", "true")
    text.press("Control+Enter")
    expect(entries(alice, "error")).to_contain_text("string_too_short")
    expect(entries(alice, "error")).to_contain_text("reply to 2")
    expect(alice.get_by_test_id("entry-problems")).to_contain_text("payload.text Needs at least 1 character")
    assert violations(page) == []
    page.screenshot(path=tmp_path / "two-users.png", full_page=True)

    # One timeline for both, in the order in which it happened.
    page.get_by_test_id("merge-logs").check()
    timeline = page.get_by_test_id("timeline")
    # The list holds no more than can be seen of it.
    timeline.get_by_test_id("filter").fill("authentication")
    expect(entries(timeline, "authentication").locator(".owner")).to_have_text(["alice", "bob"])
    timeline.get_by_test_id("filter").fill("message_posted")
    expect(entries(timeline, "message_posted").locator(".owner")).to_have_text("bob")
    timeline.get_by_test_id("filter").fill("")
    timeline.get_by_test_id("kind").select_option("problems")
    expect(timeline.get_by_test_id("log-count")).to_have_text("2 of 16 entries")
    assert violations(page) == []
    page.get_by_test_id("merge-logs").uncheck()

    # Save the session, clear the log, read the file again and replay it.
    alice.get_by_test_id("session-menu").click()
    with page.expect_download() as download:
        alice.get_by_test_id("export-session").click()
    saved = tmp_path / download.value.suggested_filename
    download.value.save_as(saved)
    assert saved.name == "chat.session.json"
    assert ALICE.token not in saved.read_text()
    alice.get_by_test_id("clear").click()
    expect(alice.get_by_test_id("entry")).to_have_count(0)
    alice.get_by_test_id("session-menu").click()
    alice.get_by_test_id("import-file").set_input_files(saved)
    expect(entries(alice, "posted")).to_have_count(1)
    alice.get_by_test_id("session-menu").click()
    alice.get_by_test_id("replay").click()
    expect(entries(bob, "message_posted")).to_have_count(2)
    expect(entries(alice, "error")).to_have_count(2)


def test_form_and_json_are_one_frame(page: Page, demo: Server) -> None:
    console = open_chat(page, demo)
    console.get_by_test_id("message-select").select_option("fetch_history")
    # The first example has neither of two optional keys, the second has both.
    field(console, "/payload/limit").get_by_role("button", name="Add limit").click()
    console.get_by_test_id("example-select").select_option("1")
    expect(field(console, "/payload/limit").get_by_role("textbox")).to_have_value("50")
    assert violations(page) == []
    field(console, "/payload/limit").get_by_role("textbox").fill("1.5")
    expect(field(console, "/payload/limit").get_by_test_id("field-problem")).to_have_text("Must be a whole number")
    console.get_by_test_id("view-json").click()
    editor = console.locator("div[data-testid=editor]")
    expect(editor).to_contain_text('"limit": 1.5')
    expect(console.get_by_test_id("editor-hint")).to_contain_text("payload.limit Must be a whole number")

    # What JavaScript's numbers cannot hold stays as it was written.
    editor.fill('{"action": "fetch_history", "payload": {"before": 12345678901234567890, "limit": 5}}')
    console.get_by_test_id("view-form").click()
    before = field(console, "/payload/before")
    expect(before.get_by_role("textbox")).to_have_value("12345678901234567890")
    field(console, "/payload/limit").get_by_role("textbox").fill("7")
    console.get_by_test_id("view-json").click()
    expect(console.locator("div[data-testid=editor]")).to_contain_text('"before": 12345678901234567890')
    expect(console.locator("div[data-testid=editor]")).to_contain_text('"limit": 7')

    # null, and leaving out.
    console.get_by_test_id("view-form").click()
    before.get_by_role("checkbox", name="before is null").check()
    field(console, "/payload/limit").get_by_role("button", name="Leave out limit").click()
    console.get_by_test_id("view-json").click()
    expected = json.dumps({"action": "fetch_history", "payload": {"before": None}}, indent=2)
    # An editor's lines are elements: between them is no newline.
    expect(console.locator("div[data-testid=editor]")).to_have_text(expected.replace("\n", ""))


def test_the_editor_knows_the_schema_and_leaves_by_tab(page: Page, demo: Server) -> None:
    console = open_chat(page, demo)
    write(console, "{}")
    editor = console.locator("div[data-testid=editor]")
    editor.press("Home")
    editor.press("ArrowRight")
    editor.press("Control+Space")
    options = console.locator(".cm-completionLabel")
    expect(options.first).to_have_text("action")
    assert violations(page) == []
    # CodeMirror takes no choice within the first moments of its list, lest somebody take what they have not seen.
    page.wait_for_timeout(200)
    editor.press("Enter")
    expect(options).to_have_count(0)
    expect(editor).to_have_text('{"action": "post_message"}')
    expect(console.get_by_test_id("editor-hint")).to_contain_text("payload Is required")
    # A slash is a slash, not the way to search the page.
    editor.press("End")
    editor.press("/")
    expect(editor).to_have_text('{"action": "post_message"}/')
    expect(console.get_by_test_id("editor-hint")).to_contain_text("This is not JSON")
    editor.press("Tab")
    expect(editor).not_to_be_focused()


def test_a_link_opens_the_console_as_it_was_and_sends_nothing(page: Page, demo: Server) -> None:
    console = open_chat(page, demo)
    enter(console, ALICE)
    field(console, "/payload/text").get_by_role("textbox", name="text").fill("Look at this")
    console.get_by_test_id("copy-link").click()
    expect(console.get_by_test_id("copy-link")).to_have_text("Copied")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(demo.http("/ws-docs/#/channels/chat?"))
    assert ALICE.token not in link

    page.goto("about:blank")
    page.goto(link)
    expect(console.get_by_test_id("param-pk")).to_have_value("1")
    expect(field(console, "/payload/text").get_by_role("textbox", name="text")).to_have_value("Look at this")
    expect(console.get_by_test_id("token")).to_have_value("")
    expect(console.get_by_test_id("status")).to_have_attribute("data-state", "idle")


def test_what_was_sent_and_saved_is_there_the_next_day(page: Page, demo: Server) -> None:
    console = open_chat(page, demo)
    enter(console, ALICE)
    field(console, "/payload/text").get_by_role("textbox", name="text").fill("Remember me")
    console.get_by_test_id("send").click()
    console.get_by_test_id("kept").click()
    console.get_by_test_id("save-name").fill("a greeting")
    console.get_by_test_id("save").click()
    expect(console.get_by_test_id("saved-frame")).to_have_text("a greeting")
    kept = page.evaluate("JSON.stringify(Object.entries(localStorage))")
    assert "Remember me" in kept
    assert ALICE.token not in kept

    page.reload()
    console.get_by_test_id("kept").click()
    expect(console.get_by_test_id("sent-frame").first).to_have_text("post_message")
    console.get_by_test_id("saved-frame").click()
    expect(field(console, "/payload/text").get_by_role("textbox", name="text")).to_have_value("Remember me")


def test_a_frame_becomes_code_for_another_client(page: Page, demo: Server) -> None:
    console = open_chat(page, demo)
    enter(console, ALICE)
    console.get_by_test_id("snippets").locator("summary").click()
    snippet = console.get_by_test_id("snippet")
    # That of the server comes first, with what stands in the form.
    expect(snippet).to_contain_text('const reply = await chat.request("post_message", {')
    field(console, "/payload/text").get_by_role("textbox", name="text").fill("Mine")
    expect(snippet).to_contain_text('"text": "Mine"')
    console.get_by_test_id("snippet-select").select_option(label="Python SDK")
    expect(snippet).to_contain_text("(payload={")
    expect(snippet).to_contain_text('"text": "Mine"')
    console.get_by_test_id("snippet-select").select_option(label="Python, websockets")
    expect(snippet).to_contain_text("from websockets.asyncio.client import connect")
    console.get_by_test_id("snippet-select").select_option(label="wscat")
    expect(snippet).to_contain_text(f"--connect 'ws://127.0.0.1:{demo.port}/ws/chat/1/'")
    expect(snippet).to_contain_text('"$WS_TOKEN"')
    assert ALICE.token not in snippet.inner_text()
    assert violations(page) == []


def test_a_connection_comes_back_by_itself_as_the_document_says(page: Page, demo: Server) -> None:
    console = open_chat(page, demo)
    console.get_by_test_id("auto-reconnect").check()
    # Nobody is there yet. The browser says no more than 1006, and the document nothing of that.
    page.route_web_socket("**/ws/chat/1/", lambda socket: socket.close(code=1012, reason="restarting"))
    console.get_by_test_id("param-pk").fill("1")
    console.get_by_test_id("token").fill(BOB.token)
    console.get_by_test_id("connect").click()
    expect(entries(console, "retry").first).to_contain_text("Reconnecting in")
    page.unroute_all()
    page.route_web_socket("**/ws/chat/1/", lambda socket: socket.close(code=4403, reason="no"))
    expect(entries(console, "retry").last).to_contain_text("Not reconnecting: the document says")
    expect(console.get_by_test_id("close-explanation").last).to_contain_text("forbidden")


@pytest.mark.parametrize(("width", "scheme"), [(1400, "dark"), (390, "light")])
def test_nothing_stands_in_anybodys_way(page: Page, demo: Server, width: int, scheme: str, tmp_path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    console = open_chat(page, demo)
    console.get_by_test_id("param-pk").fill("not a number")
    console.get_by_test_id("sign-in").locator("summary").click()
    expect(console).to_contain_text("Must be a whole number")
    assert violations(page) == []
    enter(console, ALICE)
    write(console, json.dumps({"action": "post_message", "payload": {"text": 1}}))
    console.get_by_test_id("send").click()
    expect(entries(console, "error")).to_have_count(1)
    console.get_by_test_id("session-menu").click()
    assert violations(page) == []
    page.keyboard.press("Escape")
    console.get_by_test_id("kept").click()
    assert violations(page) == []
    panel, frame = console.locator(".menu-panel").bounding_box(), console.bounding_box()
    assert panel is not None
    assert frame is not None
    assert panel["x"] + panel["width"] <= frame["x"] + frame["width"], "the console cuts it off"
    # Nothing is wider than the screen.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.screenshot(path=tmp_path / f"{width}-{scheme}.png", full_page=True)
