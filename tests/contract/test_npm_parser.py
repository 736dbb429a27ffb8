"""The bridge to the official parser fails loudly: a contract that was not checked is not kept."""

from pathlib import Path

import pytest

from tests.contract import npm_parser
from tests.contract.npm_parser import MissingToolError, diagnostics, findings, run_node


def test_a_document_that_is_none_has_diagnostics() -> None:
    (found, *_) = diagnostics("title: no document\n")
    assert found.severity == "error"
    assert found.code == "asyncapi-is-asyncapi"


def test_missing_node_is_an_error_that_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingToolError, match=r"node is not installed; install Node\.js 20 or newer"):
        diagnostics("{}")


def test_missing_packages_are_an_error_that_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(npm_parser, "NODE_MODULES", tmp_path / "node_modules")
    with pytest.raises(MissingToolError, match="run: make setup"):
        diagnostics("{}")


def test_a_script_that_fails_is_an_error_with_its_words(tmp_path: Path) -> None:
    script = tmp_path / "fail.mjs"
    script.write_text("console.error('no luck'); process.exitCode = 3;\n", encoding="utf-8")
    with pytest.raises(RuntimeError, match=r"fail\.mjs ended with 3:\nno luck"):
        run_node(script)


def test_a_question_that_fails_is_an_error_and_the_next_one_is_answered() -> None:
    with pytest.raises(RuntimeError, match=r"spectral\.mjs failed:\nError: unknown contents of the ruleset"):
        findings("spectral.mjs", "{}", "extends: something-else")
    assert findings("spectral.mjs", "{}", "extends: spectral:asyncapi") != []


def test_a_program_that_ends_is_an_error_with_its_words_and_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_OPTIONS", "--no-such-option")
    # Another name of the same file, which nobody has started yet.
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"parse\.mjs ended:\n.*no-such-option"):
            findings("./parse.mjs", "{}")
    monkeypatch.delenv("NODE_OPTIONS")
    assert findings("./parse.mjs", "{}") != []
