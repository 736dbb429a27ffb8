"""Modelina reads the documents, in their form of 3.0.0, and a strict TypeScript compiler takes what it writes."""

import json
import re
import subprocess
from pathlib import Path
from typing import Final

from tests.contract.documents import demo, torture
from tests.contract.npm_parser import TESTS, run_node

#: The compiler that the page is written for.
COMPILER: Final = TESTS.parent / "static" / "node_modules" / ".bin" / "tsc"

#: Models of the torture service that Modelina writes wrongly: a text with a quotation mark, a backslash or a line break
#: in it is not escaped, and a name without a Latin letter is none for it.
WRONG: Final = {
    "Alphabets",
    "AlphabetsBack",
    "ApostropheAction",
    "BackslashAction",
    "Fruit",
    "GrE",
    "LiteralTextsBackPayload",
    "LiteralTextsPayload",
    "NewlineAction",
}


def generate(document: str, folder: Path) -> list[str]:
    """Writes a TypeScript file for each model of ``document``; their names."""
    file = folder / "asyncapi.json"
    file.write_text(document, encoding="utf-8")
    names: list[str] = json.loads(run_node(TESTS / "contract" / "modelina.mjs", str(file), str(folder / "models")))
    return names


def wrong_models(folder: Path) -> set[str]:
    """The models that the compiler refuses, under its strictest rules."""
    options = {"strict": True, "noEmit": True, "target": "es2022", "module": "esnext", "types": []}
    config = folder / "tsconfig.json"
    config.write_text(json.dumps({"compilerOptions": options, "include": ["models"]}), encoding="utf-8")
    process = subprocess.run(
        [str(COMPILER), "-p", str(config), "--pretty", "false"], capture_output=True, encoding="utf-8", timeout=60
    )
    wrong = set(re.findall(r"^(?:.*/)?(\w+)\.ts\(\d+,\d+\): error", process.stdout, re.MULTILINE))
    assert bool(wrong) is (process.returncode != 0), process.stdout + process.stderr
    return wrong


def test_the_models_of_the_demo_compile(tmp_path: Path) -> None:
    names = generate(demo("3.0.0"), tmp_path)

    assert {"PostMessage", "Posted", "ErrorMessage", "Token", "Unread"} <= set(names)
    assert wrong_models(tmp_path) == set()
    assert "action: 'post_message';" in (tmp_path / "models" / "PostMessage.ts").read_text()


def test_the_models_of_the_torture_service_compile_but_for_nine(tmp_path: Path) -> None:
    names = generate(torture("3.0.0"), tmp_path)

    assert len(names) > len(json.loads(torture("3.0.0"))["components"]["messages"])
    assert wrong_models(tmp_path) == WRONG


def test_of_a_later_version_it_understands_nothing(tmp_path: Path) -> None:
    """As soon as this fails, nobody needs the older version for Modelina any more."""
    assert generate(demo("3.1.0"), tmp_path) == ["Root"]


def test_a_wrong_model_is_seen(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "Wrong.ts").write_text("export const text: string = null;\n", encoding="utf-8")

    assert wrong_models(tmp_path) == {"Wrong"}
