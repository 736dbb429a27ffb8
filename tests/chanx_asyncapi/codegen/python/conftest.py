"""Clients that are generated once, and imported as their users import them."""

import json
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chanx_asyncapi.codegen.language import Options
from chanx_asyncapi.codegen.lower import lower
from chanx_asyncapi.codegen.python import LANGUAGE
from tests.benchmarks.clients.benchmark import service
from tests.chanx_asyncapi.codegen.cases import CASES, HOSTILE_TEXT, document
from tests.chanx_asyncapi.documents import small_document

DEMO = Path(__file__).parents[3] / "golden" / "asyncapi.json"


def generate(document: Mapping[str, Any], folder: Path, options: Options | None = None) -> None:
    for file in LANGUAGE.render(lower(document).api, options or Options()):
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.text, encoding="utf-8")


def _unusual() -> dict[str, Any]:
    """What the demo does not have: deprecated messages, query strings, defaults of parameters, other keys."""
    made = document(CASES[:4])
    for operation in [*made["operations"].values()][:2]:
        operation["x-deprecated"] = True
    for key, message in made["components"]["messages"].items():
        message["correlationId"] = {"location": f"$message.payload#/{'id' if key.endswith('.in') else 'replyTo'}"}
    made["operations"]["OptionalNullable.receive"]["reply"]["x-stream"] = True
    cases, telling = made["channels"]["cases"], made["channels"]["telling"]
    cases["address"] = "/{kind}/{number}/{flag}/"
    cases["parameters"] = {
        "kind": {"enum": ["a", 'b"'], "default": "a"},
        "number": {"x-schema": {"type": "integer"}, "default": "5"},
        "flag": {"x-schema": {"type": "boolean"}},
    }
    query = {"type": "object", "properties": {"page": {"type": "integer"}}, "required": ["page"]}
    cases["bindings"] = {"ws": {"query": query}}
    telling["bindings"] = {"ws": {"query": {"type": "object", "properties": {"a-b": {}}}}}
    made["x-envelope"]["replyToKey"] = "replyTo"
    return made


@pytest.fixture(scope="session")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with several clients, from which they can be imported."""
    folder = tmp_path_factory.mktemp("python-clients")
    generate(json.loads(DEMO.read_text()), folder / "demo_sdk")
    generate(document(), folder / "cases_sdk")
    generate(small_document(), folder / "small")
    generate({"asyncapi": "3.1.0", "info": {"title": HOSTILE_TEXT}}, folder / "empty")
    generate(_unusual(), folder / "deprecated")
    generate(document(), folder / "packaged", Options(package="my-client"))
    # So many that names with numbers have to be in order.
    generate(service(12), folder / "numbered")
    (folder / "pyproject.toml").write_text('[tool.ruff]\ntarget-version = "py311"\n')
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "pythonVersion": "3.11"}')
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] in ("demo_sdk", "cases_sdk")]:
        del sys.modules[name]


@pytest.fixture(scope="session")
def sdk(generated: Path) -> ModuleType:
    """The client of the demo."""
    return import_module("demo_sdk")


@pytest.fixture(scope="session")
def cases(generated: Path) -> ModuleType:
    """The client whose messages are the schema cases."""
    return import_module("cases_sdk")
