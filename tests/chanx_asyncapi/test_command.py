"""``manage.py generate_asyncapi``: what it writes, where, and how it ends."""

import json
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
from chanx_asyncapi.describe import describe
from chanx_asyncapi.render import render
from tests.chanx_asyncapi.describe import torture


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
    application = URLRouter([path("plain/", Plain.as_asgi()), *torture.application().routes])
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


def test_validation_finds_what_describing_cannot_know() -> None:
    with patched_settings({"LICENSE": {}}):
        _, err, code = run("--validate", "--fail-on-warn")

    assert "asyncapi.W102 [info > license]" in err
    assert code == 1


def test_the_exit_codes_are_in_the_help() -> None:
    command = load_command_class("chanx_asyncapi", "generate_asyncapi")

    text = command.create_parser("manage.py", "generate_asyncapi").format_help()

    assert "exit codes:\n  0  the document was written\n" in text
