"""datamodel-code-generator reads the documents: its models import, and validate the frames that really travel."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module, invalidate_caches
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any, Final

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

from tests.contract.documents import demo, torture
from tests.contract.random_values import RandomValues, spoiled
from tests.docs.pages import blocks

VALUES: Final = 5

#: Where the guide says how to call it. Without its last option, a tag that means one class by several values is an
#: enum, which pydantic takes for no tag.
PAGE: Final = "docs/guide/document.md"


def generate(document: str, package: Path) -> None:
    """Writes the models of a document, a module for each module of the service."""
    file = package.with_suffix(".json")
    file.write_text(document, encoding="utf-8")
    (block,) = blocks(PAGE, language="text", heading="With other tools")
    program, *arguments = shlex.split(block.text.replace("\\\n", " "))
    assert program == "datamodel-codegen"
    paths = {"asyncapi.json": str(file), "service": str(package)}
    command = [sys.executable, "-m", "datamodel_code_generator", *(paths.get(each, each) for each in arguments)]
    subprocess.run(command, check=True, capture_output=True, encoding="utf-8", timeout=120)


def modules(package: Path) -> Mapping[str, ModuleType]:
    """The modules of a package, imported, by their path below it."""
    invalidate_caches()
    paths = [file.relative_to(package).with_suffix("").parts for file in sorted(package.rglob("*.py"))]
    names = [".".join(path).removesuffix("__init__").rstrip(".") for path in paths]
    return {name: import_module(f"{package.name}.{name}".rstrip(".")) for name in names}


@pytest.fixture
def importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder whose packages can be imported, until the test ends."""
    monkeypatch.syspath_prepend(tmp_path)
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


def test_the_models_of_the_demo_validate_its_frames(importable: Path) -> None:
    generate(demo(), importable / "demo_client")
    found = modules(importable / "demo_client")
    components: Any = json.loads(demo())["components"]
    checked = refused = 0
    for message in components["messages"].values():
        key = message["payload"]["$ref"].removeprefix("#/components/schemas/")
        # What follows a dash is a direction, or the argument of a generic class, whose dots make modules, too.
        path = key.replace("-", "_") if "." in key.partition("-")[2] else key.partition("-")[0]
        module, _, name = path.rpartition(".")
        model: TypeAdapter[BaseModel] = TypeAdapter(getattr(found[module], name))
        for seed in range(VALUES):
            frame = RandomValues(components["schemas"], seed).value(components["schemas"][key])
            model.validate_json(json.dumps(frame))
            checked += 1
            for bad in spoiled(frame, Random(seed), count=2):
                try:
                    model.validate_json(json.dumps(bad))
                except ValidationError:
                    refused += 1
    assert checked >= VALUES * 20
    assert refused >= checked / 2


def test_the_models_of_the_torture_service_import(importable: Path) -> None:
    generate(torture(), importable / "torture_client")

    found = modules(importable / "torture_client")
    classes = {
        value
        for module in found.values()
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, BaseModel)
    }
    schemas = json.loads(torture())["components"]["schemas"]
    assert len(classes) > len(schemas) * 0.9


def test_a_document_without_models_is_refused(importable: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as failed:
        generate("{}", importable / "nothing")

    assert failed.value.stderr == "Models not found in the input data\n"
