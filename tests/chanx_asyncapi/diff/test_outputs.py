"""The three outputs: what they say, and that nothing from a document gets out of its place."""

import json
import re
from typing import Any

import pytest
from markdown_it import MarkdownIt

from chanx_asyncapi.diff import OUTPUT_FORMATS, Change, Level, OutputFormat, Phrase, Rule, Verdict, diff, render_changes
from chanx_asyncapi.diff.outputs.as_markdown import MAX_LENGTH
from tests.chanx_asyncapi.diff.table import append, drop, put, service

HOSTILE = (
    "\x1b[31mred\x1b[0m",
    "\x9b31m",
    "one\ntwo\r\nthree",
    "left\u202eright",
    "line\u2028separator",
    "<script>alert(1)</script>",
    "</details>",
    "`code` ``more`` ```",
    "`",
    "*bold* _italic_ [link](https://example.com) ![image](https://example.com/x.png)",
    "@everyone #1 https://example.com GH-1",
    "| a | b |\n| --- | --- |",
    "# heading",
    "- item\n- item",
    "{clients} {server} {0} {}",
    "\\",
    "",
    " ",
    "half \ud800 of a pair",
    "&lt;b&gt; &amp;",
    "x" * 5_000,
)


def changes(*edits: Any) -> list[Change]:
    old, new = service(), service()
    for edit in edits:
        edit(new)
    return diff(old, new)


def test_text_tells_where_what_and_why() -> None:
    found = changes(
        append("components schemas chat.Answer required", "reply_to"),
        put("info title", "Other"),
        put("x-mine", 1),
        drop("channels lobby"),
        drop("operations lobby.send.notice"),
    )

    assert render_changes(found) == (
        "Breaking: 1, unknown: 1, safe: 2.\n"
        "\n"
        "BREAKING\n"
        "  channels > /ws/lobby/\n"
        '    The channel "/ws/lobby/" is gone. [channel-removed]\n'
        "    existing clients: breaking. Existing clients connect to it, and the new server does not have it.\n"
        "    old server: safe. New clients do not know it.\n"
        "\n"
        "UNKNOWN\n"
        "  x-mine\n"
        "    x-mine is new: 1. [field-changed]\n"
        "    existing clients: unknown. "
        "What it means to existing clients and the new server is nothing that AsyncAPI says.\n"
        "    old server: unknown. What it means to new clients and the old server is nothing that AsyncAPI says.\n"
        "\n"
        "SAFE\n"
        "  info > title\n"
        '    title was "Chat" and is "Other". [text-changed]\n'
        "    existing clients and old server: safe. Nothing on the wire is different.\n"
        "  channels > /ws/rooms/{pk}/ > send > answer > payload > reply_to\n"
        '    "reply_to" is required now. [property-required]\n'
        "    component: chat.Answer\n"
        "    existing clients: safe. Existing clients know all that the new server sends.\n"
        "    old server: breaking. The old server may leave it out, and new clients rely on it.\n"
    )


def test_markdown_folds_what_is_safe() -> None:
    edits = drop("channels lobby"), drop("operations lobby.send.notice"), put("info title", "Other")
    text = render_changes(changes(*edits), format="markdown")

    assert text == (
        "### AsyncAPI: 1 breaking, 0 unknown, 1 safe\n"
        "\n"
        "#### breaking\n"
        "\n"
        '- `channels > /ws/lobby/`: The channel `"/ws/lobby/"` is gone.\n'
        "  - existing clients: **breaking**. Existing clients connect to it, and the new server does not have it.\n"
        "  - old server: **safe**. New clients do not know it.\n"
        "\n"
        "<details><summary>safe (1)</summary>\n"
        "\n"
        '- `info > title`: `title` was `"Chat"` and is `"Other"`.\n'
        "  - existing clients and old server: **safe**. Nothing on the wire is different.\n"
        "\n"
        "</details>\n"
    )


@pytest.mark.parametrize(
    ("format", "expected"),
    [
        ("text", "No changes.\n"),
        ("markdown", "### AsyncAPI: no changes\n"),
        (
            "json",
            '{\n  "class": "safe",\n  "counts": {\n    "breaking": 0,\n    "unknown": 0,\n    "safe": 0\n  },\n'
            '  "changes": []\n}\n',
        ),
    ],
)
def test_no_changes(format: OutputFormat, expected: str) -> None:
    assert render_changes([], format=format) == expected


def hostile(text: str) -> list[Change]:
    """Changes whose keys, names and values are ``text``, from a document and made by hand."""
    by_hand = Change(
        rule=Rule.RENAMED,
        where=("channels", text, text),
        also=((text,),),
        component=text,
        what=Phrase.of("It was {} and is {}.", text, text),
        client=Verdict(Level.UNKNOWN, "Because."),
        server=Verdict(Level.BREAKING, "Because."),
    )
    old, new = service(), service()
    for document in (old, new):
        document["channels"]["room"]["address"] = f"/{text}/"
    schema = {"type": "object", "properties": {text: {"enum": [text], text: text}}, "required": [text]}
    new["components"]["messages"]["chat.Notice"]["payload"]["properties"]["text"] = schema
    new["channels"]["room"]["title"] = text
    new["channels"]["room"][text] = text
    new["channels"][text] = {"address": text}
    new["operations"]["room.receive.ask"]["reply"]["messages"].append({"$ref": text})
    return [by_hand, *diff(old, new)]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("format", OUTPUT_FORMATS)
def test_nothing_steers_a_terminal(format: OutputFormat, text: str) -> None:
    rendered = render_changes(hostile(text), format=format)

    assert all(line.isprintable() for line in rendered.split("\n"))
    assert rendered.endswith("\n")
    rendered.encode()
    assert max(map(len, rendered.split("\n"))) < 2_000 or format == "json"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_text_has_one_line_for_each_thing(text: str) -> None:
    found = hostile(text)
    lines = render_changes(found).splitlines()

    assert sum(line.startswith("  ") and line[2:3] != " " for line in lines) <= len(found)
    assert sum(bool(re.search(r" \[[a-z-]+\]$", line)) for line in lines) == len(found)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_json_is_what_was_found(text: str) -> None:
    found = hostile(text)
    rendered = render_changes(found, format="json")
    read = json.loads(rendered)

    assert rendered.isascii()
    assert [change["where"] for change in read["changes"]] == [list(change.where) for change in found]
    assert [change["component"] for change in read["changes"]] == [change.component for change in found]
    assert read["counts"] == {
        level: sum(change.level is level for change in found) for level in (Level.BREAKING, Level.UNKNOWN, Level.SAFE)
    }


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_in_markdown_all_of_a_document_is_code(text: str) -> None:
    found = hostile(text)
    tokens = MarkdownIt("commonmark").enable("table").parse(render_changes(found, format="markdown"))

    blocks = [token for token in tokens if token.type not in ("inline", "paragraph_open", "paragraph_close")]
    assert {token.tag for token in blocks} <= {"h3", "h4", "ul", "li", ""}
    html = [token.content.strip() for token in tokens if token.type == "html_block"]
    assert all(re.fullmatch(r"<details><summary>safe \(\d+\)</summary>|</details>", block) for block in html)
    inline = [token for token in tokens if token.type == "inline"]
    assert sum(token.level == 3 for token in inline) == len(found)
    for token in inline:
        for child in token.children or ():
            assert child.type in ("text", "code_inline", "strong_open", "strong_close"), child
            if child.type == "text":
                # Ours alone: nobody is mentioned, nothing is linked.
                assert not re.search(r"@|#\d|https?:|[<>]", child.content), child.content


def test_a_comment_is_not_longer_than_it_may_be() -> None:
    edits = [put(f"channels new{number}", {"address": f"/ws/new/{number}/"}) for number in range(600)]
    text = render_changes(changes(*edits), format="markdown")

    listed = text.count("\n- ")
    assert 0 < listed < 600
    assert len(text) < MAX_LENGTH + 200
    assert text.endswith(f"</details>\n\n{600 - listed} more changes are left out here.\n")


@pytest.mark.parametrize("format", OUTPUT_FORMATS)
def test_the_same_changes_are_the_same_bytes(format: OutputFormat) -> None:
    first, second = (render_changes(hostile("a"), format=format) for _ in range(2))
    assert first == second
