"""A Django project in an empty folder, made by doing what a page says: its files, its commands, its server."""

import os
import re
import shlex
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.docs.pages import ROOT, Block

_TIMEOUT: Final = 120
#: What readers type, and what it means for the Python that runs the tests. What the server sends is recorded.
_PROGRAMS: Final = {
    "python": [sys.executable],
    "django-admin": [sys.executable, "-m", "django"],
    "chanx": [sys.executable, "-c", "from chanx_asyncapi.cli import main; main()"],
    "uvicorn": [sys.executable, "-m", "tests.recorder", "uvicorn"],
}


class Project:
    """A folder with a project of its own, in processes of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The reader has installed chanx; here it is found in the repository.
        self._environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            # Python would not notice that a file has changed within a second and is as long as before.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        self._environment.pop("DJANGO_SETTINGS_MODULE", None)

    def write(self, files: Iterable[Block]) -> None:
        """Writes, or adds to, the files that blocks of Python are."""
        for block in files:
            assert block.path is not None, f"{block.place}: a block of Python must begin with its file name"
            path = self.folder / block.path
            assert path.exists() or not block.adds, f"{block.place}: there is no {block.path} to add to"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text((path.read_text() + "\n\n" if block.adds else "") + block.text)

    def run(self, block: Block) -> str:
        """Runs each command of a block; returns what they print. Raises AssertionError when one fails."""
        return "".join(self.run_line(line, block.place) for line in commands(block))

    def run_line(self, line: str, place: str) -> str:
        """Runs one command; returns what it prints. Raises AssertionError, naming ``place``, when it fails."""
        done = subprocess.run(
            _command(line),
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
        assert done.returncode == 0, f"{place}: {line}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    @contextmanager
    def serve(self, block: Block) -> Generator[str]:
        """Runs the server of a block on a free port of the loopback; gives ``host:port``."""
        (line,) = commands(block)
        assert line.startswith("uvicorn "), f"{block.place}: not a server: {line}"
        with subprocess.Popen(
            # The page's reload would start a second process, which the test would have to find to end it.
            [*_command(line.replace(" --reload", "")), "--port", "0", "--lifespan", "off"],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as server:
            log: list[str] = []
            try:
                yield _address(server, log, block)
            except BaseException as error:
                error.add_note("The server said:\n" + "".join(log))
                raise
            finally:
                server.terminate()
                server.wait(20)


def commands(block: Block) -> list[str]:
    """The commands of a block, continued lines joined, comments left out."""
    lines = block.text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _command(line: str) -> list[str]:
    program, *arguments = shlex.split(line, comments=True)
    assert program in _PROGRAMS, f"no test knows how to run: {line}"
    return [*_PROGRAMS[program], *arguments]


def _address(server: subprocess.Popen[str], log: list[str], block: Block) -> str:
    assert server.stdout is not None
    for line in server.stdout:
        log.append(line)
        if found := re.search(r"running on http://([\d.]+:\d+)", line):
            # Whoever stops reading makes the server wait when the pipe is full.
            threading.Thread(target=log.extend, args=(server.stdout,), daemon=True).start()
            return found[1]
    raise AssertionError(f"{block.place}: the server did not start\n" + "".join(log))
