"""What the official AsyncAPI parser, an npm package, says about a document.

A missing tool is an error that names what to install. It is never a reason to skip: a contract that was not checked
is not kept.
"""

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parent.parent
NODE_MODULES = TESTS / "node_modules"

# Starting node and reading the parser takes about two seconds; a loaded machine takes its time.
_SECONDS = 120


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
    return run_on_document(document, TESTS / "contract" / "parse.mjs")


def run_on_document(document: str, script: Path, *arguments: str) -> list[Diagnostic]:
    """Return what ``script`` finds in ``document``, whose file is its first argument.

    :raises: what :func:`diagnostics` raises.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "asyncapi")
        file.write_text(document, encoding="utf-8")
        output = run_node(script, str(file), *arguments, accept=(0, 1))
    return [
        Diagnostic(
            severity=found["severity"],
            code=found["code"],
            message=found["message"],
            path=tuple(found["path"]),
        )
        for found in json.loads(output)
    ]


def run_node(script: Path, *arguments: str, stdin: str = "", accept: tuple[int, ...] = (0,)) -> str:
    """Run ``script``, which may import the npm packages of the tests, and return its standard output.

    :param accept: the exit codes of success.
    :raises MissingToolError: when node or the npm packages of the tests are not installed.
    :raises RuntimeError: for any other exit code, with what the script wrote to standard error.
    """
    node = shutil.which("node")
    if node is None:
        raise MissingToolError("node is not installed; install Node.js 20 or newer, then run: make setup")
    if not NODE_MODULES.is_dir():
        raise MissingToolError(f"{NODE_MODULES.name} is missing in {TESTS.name}; run: make setup")
    process = subprocess.run(
        [node, str(script), *arguments],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
    )
    if process.returncode not in accept:
        raise RuntimeError(f"{script.name} ended with {process.returncode}:\n{process.stderr}")
    return process.stdout
