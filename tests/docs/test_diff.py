"""The page on changes: its commands in the tutorial's project, its rules, its JSON."""

import json
import re

import pytest
from click.testing import CliRunner

from chanx_asyncapi.cli import main
from chanx_asyncapi.diff import Rule, diff
from chanx_asyncapi.diff.outputs.as_json import as_json
from tests.chanx_asyncapi.documents import small_document
from tests.docs.pages import ROOT, blocks
from tests.docs.project import Project, commands

PAGE = "docs/guide/diff.md"


def test_commands(tutorial: Project) -> None:
    alone, gate = blocks(PAGE, language="sh")
    tutorial.write(blocks("docs/guide/document.md", language="python"))
    for name in ("old.json", "new.json"):
        tutorial.run_line(f"python manage.py generate_asyncapi --output {name}", PAGE)
    printed = [tutorial.run_line(line, PAGE) for line in commands(alone)]
    assert printed == ["No changes.\n", "", "", "No changes.\n"]
    assert (tutorial.folder / "changes.md").read_text() == "### AsyncAPI: no changes\n"
    assert json.loads((tutorial.folder / "changes.json").read_text())["changes"] == []

    # The gate, with the file that git would have written.
    *_, compare = commands(gate)
    main_branch = tutorial.folder / "asyncapi.main.json"
    compare = compare.replace("/tmp/asyncapi.main.json", main_branch.name)
    document = json.loads((tutorial.folder / "old.json").read_text())
    main_branch.write_text(json.dumps(document))
    assert tutorial.run_line(compare, PAGE) == "No changes.\n"
    document["channels"]["gone"] = {"address": "/ws/gone/"}
    main_branch.write_text(json.dumps(document))
    with pytest.raises(AssertionError, match=r"(?s)channel-removed.+that --fail-on breaking refuses: 1\."):
        tutorial.run_line(compare, PAGE)


def test_every_rule_is_in_the_tables() -> None:
    rows = [line for line in (ROOT / PAGE).read_text().splitlines() if line.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`([a-z]+(?:-[a-z]+)*)`", row.split("|")[1])]
    rules = [name for name in named if name in {*Rule}]
    assert sorted(rules) == sorted(Rule)
    assert {name for name in named if "-" in name} <= {*Rule}


def test_the_json_has_the_shape_that_is_shown() -> None:
    (block,) = blocks(PAGE, language="json")
    shown = json.loads(block.text)
    changed = small_document()
    changed["components"]["schemas"]["Answer"]["properties"]["mood"]["enum"].append("poll")
    made = json.loads(as_json(diff(small_document(), changed)))
    assert [*made] == [*shown]
    assert made["counts"] == shown["counts"]
    (change,), (example,) = made["changes"], shown["changes"]
    assert [*change] == [*example]
    for key in ("class", "rule", "also", "what", "client", "server"):
        assert change[key] == example[key]
    assert change["where"] == ["channels", "/ws/chat/{room_id}/", "send", "answer", "payload", "payload", "mood"]


def test_options_and_exit_codes() -> None:
    help_text = CliRunner().invoke(main, ["diff", "--help"]).output
    page = (ROOT / PAGE).read_text()
    for option in ("--format", "--output", "--fail-on"):
        assert f"| `{option}" in page
        assert option in help_text
    assert re.findall(r"^\| (\d) \|", page, re.MULTILINE) == re.findall(r"^ +(\d)  ", help_text, re.MULTILINE)
