"""The command ``chanx``: documents in files, and no Django."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from websockets.exceptions import ConnectionClosedOK
from websockets.sync.client import connect

from chanx_asyncapi.cli import main
from chanx_asyncapi.render import Format, render
from tests.chanx_asyncapi.documents import small_document
from tests.servers import ROOT


def run(*arguments: str | Path) -> tuple[str, str, int]:
    """Standard output, standard error and the exit code."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.stdout, result.stderr, result.exit_code


@pytest.fixture
def document() -> dict[str, Any]:
    return small_document()


@pytest.fixture
def file(tmp_path: Path, document: dict[str, Any]) -> Path:
    """The small document; a test that changes it writes it again."""
    return write(tmp_path / "a.json", document)


def write(file: Path, document: dict[str, Any]) -> Path:
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


@pytest.mark.parametrize(("name", "format"), [("a.json", "json"), ("a.yaml", "yaml"), ("a", "json"), ("a", "yaml")])
def test_a_valid_document(tmp_path: Path, document: dict[str, Any], name: str, format: Format) -> None:
    file = tmp_path / name
    file.write_text(render(document, format=format), encoding="utf-8")

    assert run("validate", file, "--fail-on-warn") == ("", "Errors: 0, warnings: 0.\n", 0)


def test_warnings_fail_only_when_that_was_asked_for(file: Path, document: dict[str, Any]) -> None:
    del document["info"]["license"]
    write(file, document)

    out, err, code = run("validate", file)
    assert out.startswith("asyncapi.W102 [info > license] ")
    assert (err, code) == ("Errors: 0, warnings: 1.\n", 0)

    assert run("validate", file, "--fail-on-warn") == (out, err, 1)


def test_silenced_problems_are_not_told_and_fail_nothing(file: Path, document: dict[str, Any]) -> None:
    del document["info"]["license"]
    document["servers"]["production"]["protocol"] = "mqtt"
    write(file, document)
    server = "asyncapi.E203"

    out, err, code = run("validate", file, "--silence", server)
    assert out.startswith("asyncapi.W102 [info > license] ")
    assert server not in out
    assert (err, code) == ("Errors: 0, warnings: 1, silenced: 1.\n", 0)

    silenced = run("validate", file, "--fail-on-warn", "--silence", server, "--silence", "asyncapi.W102")
    assert silenced == ("", "Errors: 0, warnings: 0, silenced: 2.\n", 0)


def test_a_code_that_no_problem_has_is_refused(file: Path) -> None:
    out, err, code = run("validate", file, "--silence", "asyncapi.W999")

    assert (out, code) == ("", 2)
    assert err.startswith("Error: 'asyncapi.W999' is the code of no problem; ")


def test_errors_fail(file: Path, document: dict[str, Any]) -> None:
    document["components"] = []
    write(file, document)

    out, err, code = run("validate", file)

    assert out.startswith("asyncapi.E102 [components] must be of type object, is an array.")
    assert (err, code) == ("Errors: 1, warnings: 0.\n", 1)


def test_nesting_that_cannot_be_followed_is_an_error_and_no_crash(file: Path, document: dict[str, Any]) -> None:
    deep: dict[str, Any] = {}
    for _ in range(200):
        deep = {"type": "array", "items": deep}
    document["components"]["schemas"]["Deep"] = deep
    write(file, document)

    assert run("validate", file) == ("", f"Error: {file}: its values are nested too deeply.\n", 2)


@pytest.mark.parametrize("format", ["json", "yaml"])
def test_rendering(tmp_path: Path, file: Path, document: dict[str, Any], format: Format) -> None:
    expected = render(document, format=format)
    output = tmp_path / "out"

    assert run("render", file, "--format", format) == (expected, "", 0)
    assert run("render", file, "--format", format, "--output", output) == ("", "", 0)
    assert output.read_text(encoding="utf-8") == expected


def test_what_is_no_document_is_refused_with_its_place(tmp_path: Path) -> None:
    broken = tmp_path / "a.json"
    broken.write_text("{", encoding="utf-8")
    missing = tmp_path / "missing.yaml"

    for command in (["validate"], ["render", "--format", "json"]):
        out, err, code = run(*command, broken)
        assert (out, code) == ("", 2)
        assert err.startswith(f"Error: {broken}: this is no JSON: ")
        assert run(*command, missing) == ("", f"Error: {missing} cannot be read: No such file or directory.\n", 2)


def test_a_text_that_cannot_be_exchanged_is_not_rendered(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text('{"x-a": "\\ud800"}', encoding="utf-8")

    out, err, code = run("render", file, "--format", "yaml", "--output", tmp_path / "out")

    assert (out, code) == ("", 2)
    assert err.startswith(f"Error: {file} cannot be rendered: ")
    assert "surrogates not allowed" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("fail_on", "change", "expected"),
    [
        (None, "breaking", 0),
        ("breaking", "breaking", 1),
        ("breaking", "unknown", 0),
        ("unknown", "breaking", 1),
        ("unknown", "unknown", 1),
        ("unknown", "safe", 0),
        ("any", "safe", 1),
        ("any", None, 0),
    ],
)
def test_comparing_ends_as_the_gate_says(
    tmp_path: Path, file: Path, document: dict[str, Any], fail_on: str | None, change: str | None, expected: int
) -> None:
    if change == "breaking":
        del document["operations"]["sendRefusal"]
    elif change == "unknown":
        document["x-mine"] = 1
    elif change == "safe":
        document["info"]["title"] = "Another"
    new = write(tmp_path / "b.json", document)

    out, err, code = run("diff", file, new, *(["--fail-on", fail_on] if fail_on else []))

    assert (err, code) == ("", expected)
    assert out.startswith("No changes." if change is None else "Breaking: ")
    if change is not None:
        assert f"\n{change.upper()}\n" in out


@pytest.mark.parametrize("format", ["text", "json", "markdown"])
def test_comparing_writes_to_a_file_what_it_would_write_to_the_terminal(
    tmp_path: Path, file: Path, document: dict[str, Any], format: str
) -> None:
    document["info"]["title"] = "Räume"
    new, output = write(tmp_path / "b.json", document), tmp_path / "changes"

    out, _, _ = run("diff", file, new, "--format", format)
    assert run("diff", file, new, "--format", format, "-o", output) == ("", "", 0)

    assert output.read_text(encoding="utf-8") == out
    assert ("R\\u00e4ume" if format == "json" else "Räume") in out


def test_another_version_of_asyncapi_is_not_compared(tmp_path: Path, file: Path) -> None:
    old = write(tmp_path / "b.json", {"asyncapi": "2.6.0"})

    for arguments, name in (((old, file), "old"), ((file, old), "new")):
        out, err, code = run("diff", *arguments)
        assert (out, code) == ("", 2)
        assert err.startswith(f'Error: The {name} document cannot be compared: its version of AsyncAPI is "2.6.0"')
        assert "Convert it first" in err


def test_an_output_that_cannot_be_written_is_named(tmp_path: Path, file: Path) -> None:
    output = tmp_path / "missing" / "out"

    _, err, code = run("render", file, "--format", "yaml", "-o", output)

    assert (err, code) == (f"Error: {output} cannot be written: No such file or directory.\n", 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ["validate"],
        ["render", "a.json"],
        ["render", "a.json", "--format", "xml"],
        ["diff", "a.json"],
        ["diff", "a.json", "b.json", "--fail-on", "safe"],
        ["mock", "a.json", "--port", "-1"],
    ],
)
def test_wrong_arguments_end_with_2_as_well(arguments: list[str]) -> None:
    out, err, code = run(*arguments)

    assert (out, code) == ("", 2)
    assert "Usage: " in err


@pytest.mark.parametrize("command", ["validate", "render", "diff", "mock"])
def test_the_exit_codes_are_in_the_help(command: str) -> None:
    out, _, code = run(command, "--help")

    assert "  Exit codes:\n    0  " in out
    assert "    2  nothing was " in out
    assert code == 0


def test_it_imports_no_django(file: Path) -> None:
    program = (
        "import sys\n"
        "from chanx_asyncapi.cli import main\n"
        "main(['validate', sys.argv[1]], standalone_mode=False)\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'django', 'channels', 'chanx', 'asgiref'}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_mock_serves_until_a_signal_comes(file: Path, number: signal.Signals) -> None:
    program = (
        "import sys\n"
        "from chanx_asyncapi.cli import main\n"
        "main(['mock', sys.argv[1], '--port', '0', '--verbose'], standalone_mode=False)\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'django', 'channels', 'chanx', 'asgiref'}))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(file)],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            address, _, channel = process.stdout.readline().rstrip().partition("  ")
            assert re.fullmatch(r"ws://127\.0\.0\.1:\d+/ws/chat/\{room_id\}/", address)
            assert channel == "chat"
            with connect(address.replace("{room_id}", "7")) as client:
                # What a client sends is told without what would steer the terminal.
                client.send("\x1b[2J")
                client.send(json.dumps({"action": "ask", "payload": "?"}))
                assert json.loads(client.recv())["action"] == "answer"
                process.send_signal(number)
                with pytest.raises(ConnectionClosedOK, match="1001"):
                    client.recv(timeout=10)
            rest = process.stdout.read()
        finally:
            process.kill()
    assert process.returncode == 0
    assert "chat ← \\x1b[2J\n" in rest
    assert rest.endswith("chat: a client has gone\n[]\n")


def test_what_the_mock_cannot_do_ends_with_2(tmp_path: Path, file: Path, document: dict[str, Any]) -> None:
    assert run("mock", tmp_path / "missing.json")[2] == 2
    script = write(tmp_path / "script.json", {"channels": {"chats": {}}})
    _, err, code = run("mock", file, "--script", script)
    assert (err, code) == ("Error: channels.chats: the document has no such channel; it has chat.\n", 2)
    document["channels"] = document["operations"] = {}
    _, err, code = run("mock", write(tmp_path / "empty.json", document))
    assert (err, code) == ("Error: The document has no channel with an address: there is nothing to serve.\n", 2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        _, err, code = run("mock", file, "--port", str(port))
    assert code == 2
    assert err.startswith(f"Error: 127.0.0.1:{port} cannot be listened at: ")


def test_the_mock_says_which_extra_it_stands_on(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith(("websockets", "chanx_asyncapi.mock"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "websockets", None)
    _, err, code = run("mock", file)
    assert (err, code) == ("Error: The mock stands on the library websockets: pip install 'chanx[mock]'.\n", 2)
