"""``manage.py generate_asyncapi``: what it writes, where, and how it ends."""

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from django.core.management import CommandError, call_command, load_command_class
from drf_spectacular.settings import patched_settings
from pytest_django import Settings

from chanx.routing import path
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.codegen.files import compare_files
from chanx_asyncapi.codegen.language import Options as ClientOptions
from chanx_asyncapi.codegen.languages import LANGUAGES, generate
from chanx_asyncapi.describe import describe
from chanx_asyncapi.render import render
from config.routing import router


class Plain(AsyncWebsocketConsumer): ...


def run(*arguments: str) -> tuple[str, str, int]:
    """Standard output, standard error and the exit code."""
    out, err = StringIO(), StringIO()
    try:
        call_command("generate_asyncapi", *arguments, stdout=out, stderr=err, no_color=True)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}", error.returncode
    return out.getvalue(), err.getvalue(), 0


@pytest.fixture
def flawed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's application has a route that leads to no chanx consumer."""
    application = URLRouter([path("plain/", Plain.as_asgi()), *router.routes])
    monkeypatch.setattr("config.asgi.application", application)


def test_the_document_goes_to_standard_output() -> None:
    out, err, code = run()

    assert out == render(describe().document)
    assert (err, code) == ("", 0)


def test_yaml_and_an_older_version() -> None:
    out, _, code = run("--format", "yaml", "--spec-version", "3.0.0")

    assert yaml.safe_load(out)["asyncapi"] == "3.0.0"
    assert code == 0


@pytest.mark.parametrize(
    ("name", "arguments", "read"),
    [
        ("a.json", (), json.loads),
        ("a.yaml", (), yaml.safe_load),
        ("a.YML", (), yaml.safe_load),
        ("a.json", ("--format", "yaml"), yaml.safe_load),
        ("a.txt", ("--format", "json"), json.loads),
    ],
)
def test_a_file_says_by_its_suffix_which_format_it_has(
    tmp_path: Path, name: str, arguments: tuple[str, ...], read: Any
) -> None:
    file = tmp_path / name

    out, err, code = run("--output", str(file), *arguments)

    assert read(file.read_text(encoding="utf-8")) == describe().document.to_wire()
    assert (out, err, code) == ("", "", 0)


def test_a_named_document() -> None:
    documents = {"chat": {"APPS": ["chat"], "INFO": {"TITLE": "Chat"}}}
    with override_chanx_settings(DOCUMENTS=documents):
        out, err, code = run("--document", "chat", "--validate", "--fail-on-warn")

    assert (err, code) == ("", 0)
    document = json.loads(out)
    assert document["info"]["title"] == "Chat"
    assert list(document["channels"]) == ["chat"]


def test_filters() -> None:
    out, err, code = run("--app", "notifications", "--app", "chat", "--validate", "--fail-on-warn")

    assert (err, code) == ("", 0)
    assert list(json.loads(out)["channels"]) == ["chat", "notifications"]

    out, err, code = run("--tag", "chat", "--tag", "assistant", "--app", "chat", "--validate", "--fail-on-warn")

    assert (err, code) == ("", 0)
    assert list(json.loads(out)["channels"]) == ["chat"]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--document", "chat"), "no document is called 'chat'; CHANX['DOCUMENTS'] has none."),
        (("--app", "chats"), "No installed app with label 'chats'."),
    ],
)
def test_a_name_that_nobody_knows_is_refused(arguments: tuple[str, ...], expected: str) -> None:
    with override_chanx_settings(DOCUMENTS={}):
        assert run(*arguments) == ("", expected, 2)


def test_a_filter_that_leaves_nothing_is_a_warning() -> None:
    out, err, code = run("--app", "auth", "--fail-on-warn")

    assert json.loads(out)["channels"] == {}
    assert err.startswith("asyncapi.W012 ")
    assert code == 1


def test_a_suffix_that_says_nothing_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "document"

    _, err, code = run("--output", str(file))

    assert code == 2
    assert err == f"{file} does not say by its suffix which format it has: add --format json or --format yaml."
    assert not file.exists()


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    file = tmp_path / "missing" / "a.json"

    _, err, code = run("--output", str(file))

    assert (err, code) == (f"{file} cannot be written: No such file or directory.", 2)


@pytest.mark.parametrize("kind", [str, Path])
@pytest.mark.parametrize("option", ["output", "check"])
def test_code_names_a_file_by_a_text_or_a_path(tmp_path: Path, kind: Any, option: str) -> None:
    file = tmp_path / "a.json"
    file.write_text(render(describe().document), encoding="utf-8")

    call_command("generate_asyncapi", **{option: kind(file)})

    assert file.read_text(encoding="utf-8") == render(describe().document)


@pytest.mark.parametrize("name", ["a.json", "a.yaml"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_current_file_passes_the_check(tmp_path: Path, name: str, newline: str) -> None:
    file = tmp_path / name
    run("--output", str(file))
    # As a checkout on Windows has it.
    file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8", newline=newline)

    assert run("--check", str(file)) == ("", "", 0)


def test_a_stale_file_is_shown_with_what_has_changed_and_how_to_accept_it(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    run("--output", str(file), "--api-version", "7.6.5", "--title", "Old")
    before = file.read_bytes()

    out, err, code = run("--check", str(file), "--title", "New", "--api-version", "7.6.5")

    lines = out.splitlines()
    assert lines[:2] == [f"--- {file}", f"+++ {file} (now)"]
    assert [line for line in lines[2:] if line[0] in "+-"] == ['-    "title": "Old",', '+    "title": "New",']
    assert '     "version": "7.6.5",' in lines
    assert err == (
        f"{file} is stale. "
        f"To accept the document as it is now, run the same command with --output {file} instead of --check."
    )
    assert code == 1
    assert file.read_bytes() == before


def test_a_missing_file_fails_the_check(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"

    out, err, code = run("--check", str(file))

    assert (out, code) == ("", 1)
    assert err.startswith(f"{file} does not exist. To accept")
    assert f"--output {file}" in err
    assert not file.exists()


def test_a_file_of_the_other_format_is_stale(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    run("--output", str(file))

    out, _, code = run("--check", str(file), "--format", "yaml")

    assert '-  "asyncapi": "3.1.0",' in out
    assert out.splitlines()[-1].startswith("... ")
    assert code == 1


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder, binary = tmp_path / "folder.json", tmp_path / "binary.json"
    folder.mkdir()
    binary.write_bytes(b"\xff")

    assert run("--check", str(folder)) == ("", f"{folder} cannot be read: Is a directory.", 2)
    assert run("--check", str(binary)) == ("", f"{binary} cannot be read: it is no text in UTF-8.", 2)


def test_one_run_does_not_write_and_check(tmp_path: Path) -> None:
    file = tmp_path / "a.json"

    out, err, code = run("--check", str(file), "--output", str(file))

    assert (out, err) == ("", "--output and --check are different things to do: give one of them.")
    assert code == 2
    assert not file.exists()
    assert run("--check", str(file), "--diff", str(file))[2] == 2


def test_what_has_changed_since_a_file_is_told_class_by_class(tmp_path: Path) -> None:
    file = _older(tmp_path / "a.json")

    out, err, code = run("--diff", str(file))

    assert (err, code) == ("", 0)
    assert out.startswith(
        "Breaking: 1, unknown: 0, safe: 1.\n\nBREAKING\n  channels > /ws/assistant/ > receive > ask > "
    )
    assert "maxLength was 900 and is 500. [limit-changed]" in out
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(("fail_on", "expected"), [("breaking", 1), ("unknown", 1), ("any", 1)])
def test_changes_fail_from_a_class_on(tmp_path: Path, fail_on: str, expected: int) -> None:
    file = _older(tmp_path / "a.yaml")

    out, err, code = run("--diff", str(file), "--fail-on", fail_on)

    assert "[limit-changed]" in out
    assert err == f"Changes since {file} that --fail-on {fail_on} refuses: {2 if fail_on == 'any' else 1}."
    assert code == expected


def test_an_unchanged_document_passes_each_gate(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    run("--output", str(file))

    assert run("--diff", str(file), "--fail-on", "any") == ("No changes.\n", "", 0)


def test_what_cannot_be_compared_is_named(tmp_path: Path) -> None:
    missing, old = tmp_path / "missing.json", tmp_path / "old.json"
    old.write_text('{"asyncapi": "2.6.0"}', encoding="utf-8")

    assert run("--diff", str(missing)) == ("", f"{missing} cannot be read: No such file or directory.", 2)
    _, err, code = run("--diff", str(old))
    assert err.startswith('The old document cannot be compared: its version of AsyncAPI is "2.6.0"')
    assert code == 2


def test_a_gate_without_a_comparison_is_refused() -> None:
    assert run("--fail-on", "breaking") == ("", "--fail-on is about changes: give --diff FILE with it.", 2)


def _older(file: Path) -> Path:
    """The document of the demo before one limit was lowered, and one text was written."""
    document = describe().document.to_wire()
    schema = document["components"]["schemas"]["assistant.messages.AskPayload"]["properties"]["question"]
    schema["maxLength"] = 900
    del schema["description"]
    file.write_text(render(document, format="yaml" if file.suffix == ".yaml" else "json"), encoding="utf-8")
    return file


@pytest.mark.usefixtures("flawed")
def test_the_check_also_tells_the_problems(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    run("--output", str(file))

    out, err, code = run("--check", str(file), "--fail-on-warn")
    assert (out, code) == ("", 1)
    assert err.startswith("asyncapi.W001 ")
    assert "stale" not in err

    _, err, code = run("--check", str(file), "--fail-on-warn", "--title", "Another")
    assert code == 1
    assert re.search(r"is stale\. .+\nErrors: 0, warnings: \d+\.$", err)


def test_the_demo_is_valid_without_any_warning() -> None:
    _, err, code = run("--validate", "--fail-on-warn")

    assert (err, code) == ("", 0)


@pytest.mark.usefixtures("flawed")
@pytest.mark.parametrize(("arguments", "expected"), [((), 0), (("--validate",), 0), (("--fail-on-warn",), 1)])
def test_warnings_fail_only_when_that_was_asked_for(arguments: tuple[str, ...], expected: int) -> None:
    out, err, code = run(*arguments)

    assert json.loads(out)["asyncapi"] == "3.1.0"
    assert err.startswith("asyncapi.W001 [routing > /plain/] ")
    assert code == expected


def test_an_error_fails_and_the_document_is_written_all_the_same(settings: Settings) -> None:
    settings.CHANX = {"WEBSOCKET_BASE_URL": "nowhere"}

    out, err, code = run()

    assert json.loads(out)["servers"]["default"]["host"] == "localhost:8000"
    assert err.splitlines()[0].startswith("asyncapi.E004 [servers > default] 'nowhere' is no address")
    assert err.endswith("Errors: 1, warnings: 0.")
    assert code == 1


@pytest.mark.parametrize(
    ("setting", "arguments"),
    [
        (["asyncapi.E004", "asyncapi.W102"], ()),
        ((), ("--silence", "asyncapi.E004", "--silence", "asyncapi.W102")),
        (["asyncapi.E004"], ("--silence", "asyncapi.W102")),
    ],
)
def test_silenced_problems_are_not_told_and_fail_nothing(setting: Any, arguments: tuple[str, ...]) -> None:
    with (
        override_chanx_settings(WEBSOCKET_BASE_URL="nowhere", SILENCED_PROBLEMS=setting),
        patched_settings({"LICENSE": {}}),
    ):
        _, err, code = run("--validate", "--fail-on-warn", *arguments)

    assert (err, code) == ("", 0)


@pytest.mark.parametrize(("setting", "arguments"), [(["asyncapi.W999"], ()), ((), ("--silence", "asyncapi.W999"))])
def test_a_code_that_no_problem_has_is_refused(tmp_path: Path, setting: Any, arguments: tuple[str, ...]) -> None:
    file = tmp_path / "a.json"

    with override_chanx_settings(SILENCED_PROBLEMS=setting):
        out, err, code = run("--output", str(file), *arguments)

    assert (out, code) == ("", 2)
    assert err.startswith("'asyncapi.W999' is the code of no problem; ")
    assert not file.exists()


def test_validation_finds_what_describing_cannot_know() -> None:
    with patched_settings({"LICENSE": {}}):
        _, err, code = run("--validate", "--fail-on-warn")

    assert "asyncapi.W102 [info > license]" in err
    assert code == 1


def test_the_exit_codes_are_in_the_help() -> None:
    command = load_command_class("chanx_asyncapi", "generate_asyncapi")

    text = command.create_parser("manage.py", "generate_asyncapi").format_help()

    assert "exit codes:\n  0  the document was written; with --check, the file is current; with --diff" in text


def test_a_client_is_written(tmp_path: Path) -> None:
    out, document = tmp_path / "sdk", tmp_path / "asyncapi.json"
    _, err, code = run("--client", "typescript", "--out", str(out), "--testing", "--output", str(document))

    assert (err, code) == ("", 0)
    assert (out / "testing.ts").is_file()
    assert "connectChat" in (out / "channels.ts").read_text()
    # It is the same one as from the document, where no Django is installed.
    client = generate(
        json.loads(document.read_text()), LANGUAGES["typescript"], ClientOptions(extras=frozenset({"testing"}))
    )
    assert compare_files(client.files, out) == {}


def test_a_client_alone_leaves_standard_output_alone(tmp_path: Path) -> None:
    assert run("--client", "typescript", "--out", str(tmp_path / "sdk")) == ("", "", 0)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--client", "typescript"], "give --out FOLDER with it"),
        (["--out", "x"], "--out is about clients: give --client LANGUAGE with it."),
        (["--react"], "--react is about clients: give --client LANGUAGE with it."),
        (["--client", "typescript", "--out", "{folder}", "--package", "No!"], "No npm package may be called 'No!'"),
        (["--client", "typescript", "--out", "{folder}/file"], "/file is no folder."),
    ],
)
def test_a_client_that_cannot_be_written(tmp_path: Path, arguments: list[str], text: str) -> None:
    (tmp_path / "file").write_text("")
    _, err, code = run(*(argument.format(folder=tmp_path) for argument in arguments))

    assert code == 2
    assert text in err
