"""The page about clients in TypeScript: its code compiles and runs, its tables are those of the programs."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from chanx_asyncapi.cli import main
from chanx_asyncapi.codegen.languages import LANGUAGES
from tests.chanx_asyncapi.codegen.typescript.toolchain import ROOT, RUNTIME, compiler_errors, run_node
from tests.docs.pages import blocks

PAGE = "docs/guide/typescript.md"
NAME = re.compile(r"// (\w[\w.]*\.ts)\n")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the client of the demo, all of it, and the files of the page."""
    folder = tmp_path_factory.mktemp("guide") / "src"
    document = ROOT / "tests" / "golden" / "asyncapi.json"
    extras = [f"--{name}" for name in LANGUAGES["typescript"].extras]
    arguments = ["client", "typescript", str(document), "--out", str(folder / "sdk"), *extras]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    for block in blocks(PAGE, language="ts"):
        name = NAME.match(block.text)
        assert name, f"{block.place}: begin the block with the name of its file"
        (folder / name[1]).write_text(block.text, encoding="utf-8")
    return folder


def test_the_code_compiles(project: Path) -> None:
    assert compiler_errors(project, noUnusedLocals=False) == []


def test_the_code_runs(project: Path) -> None:
    out = project.parent / "js"
    out.mkdir()
    (out / "package.json").write_text('{"type": "module"}')
    assert compiler_errors(project, emit=out, noUnusedLocals=False) == []

    assert run_node(str(out / "chat.test.js")) == "false fetch_history\n"
    assert "payload.id minimum" in run_node(str(out / "validate.js")).splitlines()


def test_the_commands_do_what_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("asyncapi.json").write_text((ROOT / "tests" / "golden" / "asyncapi.json").read_text())
    commands = [block.text.split() for block in blocks(PAGE, language="sh")]

    assert len(commands) == 2
    for command in commands:
        assert command[0] == "chanx"
        assert CliRunner().invoke(main, command[1:]).exit_code == 0
    assert {path.name for path in Path("sdk").glob("*.ts")} == {"types.ts", "channels.ts", "runtime.ts", "index.ts"}


def test_the_options_are_those_of_the_runtime_and_of_the_command() -> None:
    page = (ROOT / PAGE).read_text()
    runtime = (RUNTIME / "runtime.ts").read_text()
    listed = re.search(r"interface Common \{(.*?)\n\}", runtime, re.DOTALL)
    assert listed

    for name in re.findall(r"readonly (\w+)\??:", listed[1]):
        assert re.search(rf"^\| .*`{name}`.* \|", page, re.MULTILINE), name
    told = CliRunner().invoke(main, ["client", "typescript", "--help"]).output
    for option in re.findall(r"^  (--[a-z-]+)", told, re.MULTILINE):
        assert option in page, option
    for code in ("asyncapi.E501", "asyncapi.W501", "asyncapi.W502"):
        assert code in page


def test_the_defaults_are_those_of_the_runtime() -> None:
    runtime = (RUNTIME / "runtime.ts").read_text()
    page = (ROOT / PAGE).read_text()

    assert "heartbeat = 15_000" in runtime
    assert "| `heartbeat` | 15,000 |" in page
    assert "options.openTimeout ?? 15_000" in runtime
    assert "min = 500" in runtime
    assert "max = 30_000" in runtime
    assert "`{ min: 500, max: 30_000 }`" in page
