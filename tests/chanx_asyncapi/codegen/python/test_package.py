"""Whole clients: what ruff, mypy and pyright say about them, and what stays when the document changes."""

import json
import py_compile
import subprocess
import sys
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from chanx_asyncapi.codegen.language import Options
from chanx_asyncapi.codegen.lower import lower
from chanx_asyncapi.codegen.python import LANGUAGE
from tests.chanx_asyncapi.codegen.cases import CASES, document
from tests.chanx_asyncapi.codegen.python.conftest import DEMO, generate
from tests.docs.pages import blocks

USAGE = Path(__file__).with_name("usage")
PAGE_PROGRAMS = [f"page_{block.path}" for block in blocks("docs/guide/python.md", language="python")]
#: All that are importable as they are; "packaged" is not, and holds the same modules as "cases_sdk".
CHECKED = ("demo_sdk", "cases_sdk", "small", "empty", "deprecated", "chatting.py", *PAGE_PROGRAMS)


def run(*command: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, capture_output=True, text=True, timeout=300, check=False
    )
    return f"{done.stdout}{done.stderr}" if done.returncode else ""


def files(source: dict[str, Any], **options: Any) -> dict[str, str]:
    return {file.path: file.text for file in LANGUAGE.render(lower(source).api, Options(**options))}


@pytest.fixture
def demo() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(DEMO.read_text())
    return loaded


def test_ruff_has_nothing_to_change(generated: Path) -> None:
    assert run("ruff", "format", "--check", ".", "--no-cache", cwd=generated) == ""
    assert run("ruff", "check", ".", "--no-cache", cwd=generated) == ""


def test_type_checkers_follow_it(generated: Path) -> None:
    """One run each, for all of them: what they find in the clients, and in programs that use them."""
    for program in USAGE.glob("*.py"):
        (generated / program.name).write_text(program.read_text())
    for block in blocks("docs/guide/python.md", language="python"):
        (generated / f"page_{block.path}").write_text(block.text.replace("chat_sdk", "demo_sdk"))
    assert run("mypy", "--strict", "--python-version=3.11", "--warn-unreachable", *CHECKED, cwd=generated) == ""
    assert run("pyright", f"--pythonpath={sys.executable}", *CHECKED, cwd=generated) == ""


def test_the_same_document_gives_the_same_bytes(demo: dict[str, Any]) -> None:
    assert files(demo) == files(deepcopy(demo))
    assert files(document()) == files(document())


def test_a_message_that_is_added_renames_nothing(demo: dict[str, Any]) -> None:
    before = files(demo)
    demo["components"]["schemas"]["a.ChatPost"] = {"type": "object", "properties": {"a": {"type": "string"}}}
    demo["components"]["schemas"]["chat.Posted"] = demo["components"]["schemas"]["chat.messages.Posted"]
    demo["components"]["messages"]["chat.Posted"] = {
        "name": "posted_too",
        "payload": {
            "type": "object",
            "properties": {
                "action": {"const": "posted_too"},
                "payload": {"$ref": "#/components/schemas/a.ChatPost"},
                "text": {"$ref": "#/components/schemas/chat.Posted"},
            },
            "required": ["action"],
        },
    }
    demo["channels"]["chat"]["messages"]["posted_too"] = {"$ref": "#/components/messages/chat.Posted"}
    demo["operations"]["posted_too"] = {
        "action": "send",
        "channel": {"$ref": "#/channels/chat"},
        "messages": [{"$ref": "#/channels/chat/messages/posted_too"}],
    }
    after = files(demo)
    assert before.keys() == after.keys()
    for path in ("models.py", "channels.py", "__init__.py"):
        kept = [line for line in before[path].splitlines() if not line.startswith("# SHA-256")]
        new = after[path].splitlines()
        assert [line for line in kept if line not in new] == []


def test_the_runtime_is_copied_as_it_is(demo: dict[str, Any]) -> None:
    runtime = Path(__file__).parents[4] / "chanx_asyncapi" / "codegen" / "python" / "runtime"
    sources = {f"runtime/{path.name}": path.read_text() for path in runtime.glob("*.py")}
    assert len(sources) > 8
    made = files(demo)
    assert {path: text for path, text in made.items() if path.startswith("runtime/")} == sources
    assert made["py.typed"] == ""


def test_a_package(generated: Path) -> None:
    folder = generated / "packaged"
    assert {path.name for path in folder.iterdir()} == {"README.md", "pyproject.toml", "src"}
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    assert (project["name"], project["version"]) == ("my-client", "1.0.0")
    required = {name.partition(">")[0] for name in project["dependencies"]}
    assert required == {"pydantic", "typing-extensions", "websockets"}
    assert (folder / "src" / "my_client" / "py.typed").exists()
    assert "```python\n" in (folder / "README.md").read_text()


def test_nothing_of_a_document_is_executed(tmp_path: Path) -> None:
    """Names and texts that would write a file, if Python read them as code."""
    marker = tmp_path / "executed"
    code = f'open({str(marker)!r}, "w")'
    texts = [
        f'"""\n{code}\n"""',
        f"'''\n{code}\n'''",
        f'\\"""\n{code}',
        f'" + str({code}) + "',
        f"' + str({code}) + '",
        f"{{{code}}}",
        f"\n{code}\n",
        f"\r{code}\r",
        f"#\x0c{code}",
        f"\u2028{code}",
        f"]; {code}; [",
        f"): {code}",
        "\\",
        '"',
        '"""',
        "x\\",
    ]
    source = document(CASES[:2])
    case = source["components"]["messages"][f"{CASES[0].name}.in"]["payload"]
    for number, text in enumerate(texts):
        case["properties"][text] = {
            "type": "string",
            "title": text,
            "description": text,
            "default": text,
            "pattern": text,
            "deprecated": True,
        }
        case["properties"][f"enum-{number}"] = {"enum": [text, text * 2], "description": text}
        case["properties"][f"inner-{number}"] = {
            "type": "object",
            "properties": {text: {"const": text}},
            "required": [text],
        }
        source["components"]["schemas"][text] = {"type": "object", "description": text, "properties": {"a": {}}}
        case["properties"][f"ref-{number}"] = {
            "$ref": f"#/components/schemas/{text.replace('~', '~0').replace('/', '~1')}"
        }
        source["channels"][text] = {
            "address": f"/{text}/",
            "title": text,
            "description": text,
            "messages": source["channels"]["cases"]["messages"],
            "bindings": {"ws": {"query": {"type": "object", "properties": {text: {"type": "string"}}}}},
        }
        source["operations"][text] = {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{text.replace('~', '~0').replace('/', '~1')}"},
            "summary": text,
            "messages": [{"$ref": f"#/channels/cases/messages/{CASES[0].name}.in"}],
        }
    source["info"] = {"title": texts[0], "version": texts[3], "description": "\n".join(texts)}
    source["x-close-codes"] = [{"code": 4000, "daphne": 4000, "name": texts[0], "meaning": texts[1], "retry": "no"}]
    source["servers"] = {"x": {"host": texts[3], "protocol": "ws", "pathname": texts[4]}}
    source["components"]["securitySchemes"] = {"t": {"type": "httpApiKey", "name": texts[3], "in": "query"}}
    folder = tmp_path / "hostile_sdk"
    generate(source, folder)
    for path in folder.rglob("*.py"):
        py_compile.compile(str(path), cfile=str(tmp_path / "compiled"), doraise=True)
    program = """
import hostile_sdk.models as models
made = [each for each in vars(models).values() if isinstance(each, type) and issubclass(each, models.Model)]
for each in made:
    each.model_rebuild()
print(len(made))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > len(texts)
    assert not marker.exists()
