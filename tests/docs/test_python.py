"""The page on the client in Python: its commands, its programs against a mock, its tables."""

import json
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from chanx_asyncapi.codegen.python import runtime
from chanx_asyncapi.codegen.python.runtime import ClientError, Options, errors
from tests.docs.pages import ROOT, blocks
from tests.docs.project import Project, commands

PAGE = "docs/guide/python.md"
DOCUMENT = ROOT / "tests" / "golden" / "asyncapi.json"

#: Runs the programs of the page against a mock, for a moment.
DRIVER = """
import asyncio, json, sys
from contextlib import suppress
from pathlib import Path

import chat, signing_in, watching
from chanx_asyncapi.mock.script import parse_script
from chanx_asyncapi.mock.server import MockServer
from chat_sdk import ChatClient, Options, Retry, SocketClosed

DOCUMENT = json.loads(Path("asyncapi.json").read_text())
RULES = parse_script({"channels": {"chat": {
    "authentication": [
        {"when": {"authorization": "Token cached"}, "status": 401},
        {"when": {"authorization": "Token nobody"}, "status": 403},
    ],
    "messages": {"post_message": [{"times": 1, "do": [{"reply": "posted"}], "later": [
        {"after": 0.05, "send": "message_posted"}, {"send": "removed"}, {"send": "user_typing"}, {"close": 4403},
    ]}]},
}}})


async def main():
    async with MockServer(DOCUMENT, script=RULES) as mock:
        with suppress(SocketClosed):
            await chat.main(mock.base_url, "a token")
        async with signing_in.client(mock.base_url) as client:
            print("let in with", client.state)
        async with ChatClient(mock.base_url, pk=1, options=Options(retry=Retry(min=0.01))) as client:
            task = asyncio.create_task(watching.report(client))
            changes = client.watch()
            await anext(changes)
            await mock.close("chat", 1012)
            while (await anext(changes)).state != "open":
                pass
        await task


asyncio.run(main())
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A folder with the document, the client and the programs of the page."""
    made = Project(tmp_path_factory.mktemp("python-page"))
    shutil.copy(DOCUMENT, made.folder / "asyncapi.json")
    (shell,) = blocks(PAGE, language="sh")
    generate, install = commands(shell)
    made.run_line(generate, PAGE)
    assert install.startswith("pip install ")
    made.write(blocks(PAGE, language="python"))
    return made


def test_the_programs_do_what_they_say(project: Project) -> None:
    (project.folder / "driver.py").write_text(DRIVER)
    done = subprocess.run(
        [sys.executable, "driver.py"],
        cwd=project.folder,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("written at 20")
    assert lines[1:4] == ["alice wrote: Hello, @bob!", "42 is gone", "user_typing came"]
    assert lines[4] == "let in with open"
    assert lines[5] == "open"
    assert re.fullmatch(r"The connection was closed with 1012\. Next attempt in 0\.0 seconds\.", lines[6])
    assert lines[7:] == ["connecting", "Back.", "closed"]


def test_what_is_installed_is_what_a_package_needs(project: Project) -> None:
    (shell,) = blocks(PAGE, language="sh")
    named = set(re.findall(r'"([a-z-]+)>=([\d.]+)"', shell.text))
    project.run_line("chanx client python asyncapi.json --out packaged --package chat-sdk", PAGE)
    required = set(re.findall(r'"([a-z-]+)>=([\d.]+)"', (project.folder / "packaged" / "pyproject.toml").read_text()))
    # pydantic itself needs typing-extensions.
    assert named == {(name, version) for name, version in required if name in ("websockets", "pydantic")}


def test_options_and_exceptions_are_in_the_tables() -> None:
    page = (ROOT / PAGE).read_text()
    rows = re.findall(r"^\| (`.+?) \|", page.partition("| option |")[2].partition("## Models")[0], re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == {each.name for each in fields(Options)}
    exceptions = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, ClientError) and value is not ClientError
    }
    table = page.partition("## What goes wrong")[2].partition("## Who connects")[0]
    assert exceptions == set(re.findall(r"`([A-Z]\w+)`", "".join(re.findall(r"^\| .+", table, re.MULTILINE)))) - {
        "TimeoutError",
        "Options",
    }
    assert exceptions <= {*runtime.__all__}


def test_the_document_of_the_page_is_the_demos(project: Project) -> None:
    assert json.loads((project.folder / "asyncapi.json").read_text())["info"]["title"] == "Chanx demo"
    assert (Path(project.folder) / "chat_sdk" / "py.typed").exists()
