"""``chanx client``: from a document in a file to a client in a folder."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chanx_asyncapi.cli import main
from chanx_asyncapi.codegen.files import MANIFEST
from chanx_asyncapi.render import render
from tests.chanx_asyncapi.documents import small_document


def run(*arguments: str | Path) -> tuple[str, str, int]:
    """Standard output, standard error and the exit code."""
    result = CliRunner().invoke(main, ["client", "typescript", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.stdout, result.stderr, result.exit_code


@pytest.fixture
def document() -> dict[str, Any]:
    return small_document()


@pytest.fixture
def file(tmp_path: Path, document: dict[str, Any]) -> Path:
    return write(tmp_path / "a.json", document)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "sdk"


def write(file: Path, document: dict[str, Any]) -> Path:
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def test_a_client_is_written(file: Path, out: Path) -> None:
    told, problems, code = run(file, "--out", out)

    names = ["channels.ts", "index.ts", "runtime.ts", "types.ts"]
    assert (problems, code) == ("", 0)
    assert told == "".join(f"written: {out / name}\n" for name in names)
    assert sorted(path.name for path in out.iterdir()) == sorted([MANIFEST, *names])
    assert run(file, "--out", out) == ("", "", 0)


def test_json_and_yaml_make_the_same_client(tmp_path: Path, document: dict[str, Any], file: Path, out: Path) -> None:
    run(file, "--out", out)
    (tmp_path / "a.yaml").write_text(render(document, format="yaml"), encoding="utf-8")

    assert run(tmp_path / "a.yaml", "--out", out, "--check") == ("", "", 0)


def test_extras_and_packages_are_asked_for(file: Path, out: Path) -> None:
    run(file, "--out", out, "--react", "--testing", "--validators", "--package", "@a/b")

    assert {path.name for path in (out / "src").iterdir()} >= {"react.ts", "testing.ts", "validators.ts"}
    assert json.loads((out / "package.json").read_text())["name"] == "@a/b"


def test_check_writes_nothing_and_tells_what_differs(file: Path, out: Path, document: dict[str, Any]) -> None:
    assert run(file, "--out", out, "--check")[2] == 1
    assert not out.exists()

    run(file, "--out", out)
    assert run(file, "--out", out, "--check") == ("", "", 0)

    document["info"]["title"] = "Another"
    told, _, code = run(write(file, document), "--out", out, "--check")
    assert code == 1
    assert f"stale: {out / 'channels.ts'}\n" in told
    assert "runtime.ts" not in told


def test_problems_are_told_and_fail_when_that_is_asked_for(file: Path, out: Path, document: dict[str, Any]) -> None:
    message = next(iter(document["components"]["messages"].values()))
    negated = {"type": "string", "not": {"const": "x"}}
    message["payload"] = {
        "type": "object",
        "properties": {"action": {"const": "x"}, "negated": negated},
        "required": ["action"],
    }
    write(file, document)

    _, problems, code = run(file, "--out", out)
    assert (problems.count("asyncapi.W502"), code) == (problems.count("\n"), 0)
    assert "> payload > negated] No type says what not says." in problems
    assert run(file, "--out", out, "--fail-on-warn")[2] == 1
    assert run(file, "--out", out, "--fail-on-warn", "--silence", "asyncapi.W502")[1:] == ("", 0)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--check", "--watch"], "--check and --watch are different things to do"),
        (["--package", "Not A Name"], "No npm package may be called 'Not A Name'"),
        (["--silence", "nonsense"], "'nonsense' is the code of no problem"),
    ],
)
def test_wrong_arguments_write_nothing(file: Path, out: Path, arguments: list[str], text: str) -> None:
    _, error, code = run(file, "--out", out, *arguments)

    assert (text in error, code) == (True, 2)
    assert not out.exists()


def test_wrong_files_write_nothing(tmp_path: Path, out: Path, document: dict[str, Any]) -> None:
    assert run(tmp_path / "missing.json", "--out", out)[2] == 2
    old = write(tmp_path / "old.json", {**document, "asyncapi": "2.6.0"})
    _, error, code = run(old, "--out", out)
    assert (error, code) == (
        f'Error: {old}: its version of AsyncAPI is "2.6.0", and only 3.x is understood. Convert it first, for example '
        "with the converter of the AsyncAPI initiative.\n",
        2,
    )
    assert not out.exists()


def test_a_folder_with_files_of_somebody_else_is_left_alone(file: Path, out: Path) -> None:
    out.mkdir()
    (out / "types.ts").write_text("mine")

    _, error, code = run(file, "--out", out)

    assert (f"{out} holds types.ts, which {MANIFEST} does not list" in error, code) == (True, 2)
    assert [path.name for path in out.iterdir()] == ["types.ts"]


def test_an_unknown_language_is_refused_with_those_that_there_are() -> None:
    result = CliRunner().invoke(main, ["client", "cobol"])

    assert result.exit_code == 2
    assert "typescript" in CliRunner().invoke(main, ["client", "--help"]).output


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Programs that the test starts heed SIGINT. They inherit that it is ignored, as it is in a run in the background
    of a shell, but no handler."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_watching_follows_the_file_and_survives_what_is_wrong(file: Path, out: Path, document: dict[str, Any]) -> None:
    chanx = str(Path(sys.executable).with_name("chanx"))
    command = [chanx, "client", "typescript", str(file), "--out", str(out), "--watch"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    assert process.stdout is not None
    try:
        until(lambda: (out / "channels.ts").exists(), process)
        file.write_text("{")
        time.sleep(1)
        document["info"]["title"] = "Changed while watched"
        write(file, document)
        until(lambda: "Changed while watched" in (out / "channels.ts").read_text(), process)
    finally:
        process.send_signal(signal.SIGINT)
        printed = process.communicate(timeout=20)[0]

    assert process.returncode == 0
    assert "Error: " in printed


def until(condition: Any, process: subprocess.Popen[str]) -> None:
    """Waits for what the process does, for a minute at most."""
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.stdout and process.stdout.read()
        assert time.monotonic() < deadline
        time.sleep(0.1)
