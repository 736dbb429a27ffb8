"""The page on logging: its settings write what it says, in lines, in JSON and through structlog."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from chanx import connection_log
from tests.docs.pages import ROOT, blocks
from tests.docs.project import Project

PAGE = "docs/guide/logging.md"

#: A client of a consumer that fails, in a process with the settings of the page.
SCRIPT = """
import asyncio, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from tests.chanx.support import connected, say
from tests.chanx.test_connection_log import Fails

async def main():
    communicator = await connected(Fails)
    for frame in (say("x"), {"action": "nonsense\\x1b"}):
        await communicator.send_json_to(frame)
        await communicator.receive_json_from()
    await communicator.disconnect()

asyncio.run(main())
"""

BASE = """
SECRET_KEY = "x"
ALLOWED_HOSTS = ["testserver"]
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "channels", "chanx"]
"""


def logged(folder: Path) -> list[str]:
    """The lines that the service of :data:`SCRIPT` writes."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=folder,
        env={"PYTHONPATH": f"{folder}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


def test_the_settings_write_what_the_page_says(tmp_path: Path) -> None:
    project = Project(tmp_path)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.py").write_text(BASE)
    plain, formatter, as_json, as_structlog = blocks(PAGE, language="python")

    project.write([plain])
    lines = logged(tmp_path)
    assert re.search(r"INFO +chanx.received: tests.chanx.test_connection_log.Fails received say$", lines[0])
    assert "Traceback (most recent call last):" in lines
    assert not any("chanx.sent" in line for line in lines)

    project.write([formatter, as_json])
    received, failed, refused = (json.loads(line) for line in logged(tmp_path))
    check(received, failed, refused)
    assert failed["traceback"].endswith("RuntimeError: each time")
    assert (received["logger"], failed["logger"]) == ("chanx.received", "chanx.handlers")

    project.write([as_structlog])
    received, failed, refused = (json.loads(line) for line in logged(tmp_path))
    check(received, failed, refused)
    assert failed["exception"][0]["exc_value"] == "each time"
    assert refused["event"] == "tests.chanx.test_connection_log.Fails refused a frame: ['union_tag_invalid']"


def check(received: dict[str, Any], failed: dict[str, Any], refused: dict[str, Any]) -> None:
    """The fields are there, whoever writes them."""
    assert (received["action"], failed["action"]) == ("say", "say")
    assert re.fullmatch("[0-9a-f]{32}", failed["error_id"])
    assert refused["errors"] == ["union_tag_invalid"]
    for line in (received, failed, refused):
        assert line["consumer"] == "tests.chanx.test_connection_log.Fails"
        assert line["connection"] == received["connection"]
        assert line["user"] is None


def test_the_page_knows_every_logger() -> None:
    text = (ROOT / PAGE).read_text()
    named = set(re.findall(r"^\| `(chanx\.\w+)`", text, re.MULTILINE))
    loggers = {value.name for value in vars(connection_log).values() if hasattr(value, "isEnabledFor")}
    assert loggers <= named
    # Every module of the runtime that logs something uses one of them.
    for module in (ROOT / "chanx").rglob("*.py"):
        for name in re.findall(r"getLogger\((.+)\)", module.read_text()):
            # That of channels_redis is listened to: its warnings are those of chanx.groups.
            assert name.strip('"') in {*named, "channels_redis.core"}, f"{module}: {name}"
