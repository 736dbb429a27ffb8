"""Type checkers infer what a user's code needs, and find the mistakes in it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from chanx.messages.incoming import PingMessage
from chanx.registry import ConsumerSpec
from tests.typing import accepted

ROOT = Path(__file__).parents[2]
REFUSED = Path(__file__).with_name("refused.py")

Found = set[tuple[int, str]]

_IGNORES = re.compile(r"  # type: ignore\[([\w, -]+)\]  # pyright: ignore\[([\w, -]+)\]$")


def expected(checker: int) -> Found:
    """Line and code of each mistake, as the ignore comments for one of the checkers say."""
    return {
        (number, code)
        for number, line in enumerate(REFUSED.read_text().splitlines(), start=1)
        if (ignores := _IGNORES.search(line))
        for code in ignores[checker].split(", ")
    }


@pytest.fixture
def without_ignores(tmp_path: Path) -> Path:
    """The module with the mistakes, nothing about them said."""
    lines = [_IGNORES.sub("", line) for line in REFUSED.read_text().splitlines()]
    copy = tmp_path / "refused.py"
    copy.write_text("\n".join(lines) + "\n")
    return copy


def output_of(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout


def test_mypy_finds_each_mistake(without_ignores: Path) -> None:
    output = output_of("mypy", "--shadow-file", str(REFUSED), str(without_ignores), str(REFUSED))
    errors = re.findall(r"^(.+):(\d+): error: .*\[([\w-]+)\]$", output, re.MULTILINE)
    assert {file for file, _, _ in errors} == {str(REFUSED.relative_to(ROOT))}
    assert {(int(line), code) for _, line, code in errors} == expected(1)


def test_pyright_finds_each_mistake(without_ignores: Path) -> None:
    output = json.loads(output_of("pyright", "--outputjson", str(without_ignores)))
    found = {(error["range"]["start"]["line"] + 1, error["rule"]) for error in output["generalDiagnostics"]}
    assert found == expected(2)


def test_the_checkers_find_the_same_mistakes() -> None:
    assert {line for line, _ in expected(1)} == {line for line, _ in expected(2)}
    assert len(expected(1)) > 20


def test_what_they_accept_is_what_happens() -> None:
    """The metaclass reads the same from the generic parameters as the checkers do."""
    ping, post, announced = PingMessage, accepted.Post, accepted.Announced
    expected_specs: dict[Any, Any] = {
        accepted.Matching: ((post, ping), (announced, accepted.Deleted), Group, False),
        accepted.Handling: ((post, ping), (announced,), None, False),
        accepted.NoneAtAll: ((ping,), (), None, False),
        accepted.OnlyModel: ((ping,), (), Group, False),
        accepted.AboutObjects: ((), (announced,), None, True),
        accepted.AboutGroups: ((post,), (announced,), Group, False),
        accepted.AboutUsers: ((post, ping), (announced,), User, False),
    }
    for consumer, values in expected_specs.items():
        spec: ConsumerSpec = consumer.spec
        messages, events = tuple(spec.messages.values()), tuple(spec.events.values())
        assert (messages, events, spec.model, spec.abstract) == values, spec.path
    assert accepted.Queried.spec.query_params_class is accepted.Window
