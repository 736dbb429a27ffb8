"""What the official AsyncAPI parser, an npm package, says about a document.

A missing tool is an error that names what to install. It is never a reason to skip: a contract that was not checked
is not kept.
"""

import atexit
import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

TESTS = Path(__file__).parent.parent
NODE_MODULES = TESTS / "node_modules"

# Starting node and reading the parser takes about two seconds, so one process answers for all documents; a loaded
# machine takes its time.
_SECONDS = 300


class MissingToolError(RuntimeError):
    """A tool that the tests need is not installed; the message says how to get it."""


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One finding of the parser, or of a linter."""

    severity: str
    code: str
    message: str
    path: tuple[str, ...]


def diagnostics(document: str) -> list[Diagnostic]:
    """Return what the parser finds in ``document``, JSON or YAML text: errors, warnings, information and hints.

    :raises MissingToolError: when node or the npm packages of the tests are not installed.
    :raises RuntimeError: when the parser fails.
    """
    return findings("parse.mjs", document)


def findings(script: str, *arguments: str) -> list[Diagnostic]:
    """Return what a script of this folder finds, one that answers questions (answers.mjs).

    :raises: what :func:`diagnostics` raises.
    """
    return [
        Diagnostic(
            severity=found["severity"],
            code=found["code"],
            message=found["message"],
            path=tuple(found["path"]),
        )
        for found in _Program.of(script).ask(arguments)
    ]


class _Program:
    """A script that runs until this process ends, and answers one question after the other."""

    _running: ClassVar[dict[str, "_Program"]] = {}

    def __init__(self, script: str) -> None:
        self._script = script
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self._process = subprocess.Popen(
            [_node(), str(TESTS / "contract" / script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )
        atexit.register(self._end)

    @classmethod
    def of(cls, script: str) -> "_Program":
        """The one that runs, also for whoever could not start it any more."""
        _node()
        found = cls._running.get(script)
        if found is None or found._process.poll() is not None:
            found = cls._running[script] = cls(script)
        return found

    def ask(self, arguments: Sequence[str]) -> list[dict[str, Any]]:
        pipe, answers = self._process.stdin, self._process.stdout
        assert pipe is not None
        assert answers is not None
        with suppress(BrokenPipeError):  # told below
            pipe.write(json.dumps(arguments).encode() + b"\n")
            pipe.flush()
        killer = threading.Timer(_SECONDS, self._process.kill)
        killer.start()
        try:
            line = answers.readline()
        finally:
            killer.cancel()
        if not line:
            self._process.wait()
            self._errors.seek(0)
            raise RuntimeError(f"{self._script} ended:\n{self._errors.read().decode(errors='replace')}")
        told: dict[str, Any] = json.loads(line)
        if "failure" in told:
            raise RuntimeError(f"{self._script} failed:\n{told['failure']}")
        found: list[dict[str, Any]] = told["found"]
        return found

    def _end(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._errors.close()


def run_node(script: Path, *arguments: str, stdin: str = "", accept: tuple[int, ...] = (0,)) -> str:
    """Run ``script``, which may import the npm packages of the tests, and return its standard output.

    :param accept: the exit codes of success.
    :raises MissingToolError: when node or the npm packages of the tests are not installed.
    :raises RuntimeError: for any other exit code, with what the script wrote to standard error.
    """
    process = subprocess.run(
        [_node(), str(script), *arguments],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )
    if process.returncode not in accept:
        raise RuntimeError(f"{script.name} ended with {process.returncode}:\n{process.stderr}")
    return process.stdout


def _node() -> str:
    """Where node is, if all is there that the scripts need."""
    node = shutil.which("node")
    if node is None:
        raise MissingToolError("node is not installed; install Node.js 20 or newer, then run: make setup")
    if not NODE_MODULES.is_dir():
        raise MissingToolError(f"{NODE_MODULES.name} is missing in {TESTS.name}; run: make setup")
    return node
