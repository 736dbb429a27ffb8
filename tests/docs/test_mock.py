"""The page on the mock: its script in the command, its test, its tables."""

import asyncio
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from chanx_asyncapi.cli import main
from chanx_asyncapi.mock.script import Answer, Rule, Step, read_script
from chanx_asyncapi.mock.server import MockServer
from tests.docs.pages import ROOT, blocks

PAGE = "docs/guide/mock.md"
DOCUMENT = ROOT / "tests" / "golden" / "asyncapi.json"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(DOCUMENT, tmp_path / "asyncapi.json")
    (script,) = blocks(PAGE, language="yaml")
    (test,) = blocks(PAGE, language="python")
    (tmp_path / "mock.yaml").write_text(script.text)
    (tmp_path / "test_chat.py").write_text(test.text)
    return tmp_path


def test_the_test_of_the_page_passes(folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto", "test_chat.py"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": "", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr


async def test_the_script_of_the_page_does_what_it_says(folder: Path) -> None:
    document = json.loads((folder / "asyncapi.json").read_text())
    async with MockServer(document, script=read_script(folder / "mock.yaml")) as mock:
        for url, header, status, code in (
            (mock.url("chat", pk="7"), {"Authorization": "Token expired"}, 401, 4401),
            (mock.url("chat", pk="13"), {}, 429, 4429),
        ):
            async with connect(url, additional_headers=header) as client:
                told = json.loads(await client.recv())["payload"]
                assert told["status_code"] == status
                assert told["data"].get("retry_after") == (2 if status == 429 else None)
                with pytest.raises(ConnectionClosed):
                    await client.recv()
                assert client.close_code == code
        async with connect(mock.url("chat", pk="7")) as client:
            assert json.loads(await client.recv())["payload"]["status_code"] == 200

            async def ask(text: str) -> dict[str, Any]:
                await client.send(json.dumps({"action": "post_message", "payload": {"text": text}, "id": text}))
                while True:
                    frame: dict[str, Any] = json.loads(await client.recv())
                    seen.append(frame["action"])
                    if frame.get("reply_to") == text:
                        return frame

            seen: list[str] = []
            assert (await ask("too fast"))["action"] == "refused"
            assert (await ask("crash"))["payload"]["code"] == "handler_failed"
            posted = await ask("a new text")
            assert (posted["action"], posted["payload"]["text"]) == ("posted", "a new text")
            await asyncio.sleep(0.4)
            await ask("once more")
            assert {"announcement", "user_typing"} <= {*seen}
            with pytest.raises(ConnectionClosed):
                await ask("restart")
            assert client.close_code == 1012


def test_options_and_exit_codes() -> None:
    help_text = CliRunner().invoke(main, ["mock", "--help"]).output
    page = (ROOT / PAGE).read_text()
    options = set(re.findall(r"--[a-z-]+", help_text)) - {"--help"}
    assert options == set(re.findall(r"--[a-z-]+", "".join(re.findall(r"^\| (`-.+?) \|", page, re.MULTILINE))))
    assert re.findall(r"^\| (\d) \|", page, re.MULTILINE) == re.findall(r"^ +(\d)  ", help_text, re.MULTILINE)


def test_every_key_of_a_script_is_in_the_tables() -> None:
    page = (ROOT / PAGE).read_text()
    rows = re.findall(r"^\| (`.+?) \|", page.partition("## A script")[2], re.MULTILINE)
    named = set(re.findall(r"`(\w+)(?:: true)?`", "".join(rows))) | {"reason"}
    assert named == {name for part in (Answer, Rule, Step) for name in part.model_fields}
