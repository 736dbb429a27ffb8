"""The architecture page names modules that exist, and the layers that import-linter checks."""

import re
import tomllib
from importlib import import_module
from typing import Any

from tests.docs.pages import ROOT, blocks

PAGE = "docs/architecture.md"


def test_the_modules_exist() -> None:
    named = set(re.findall(r"`(chanx(?:_asyncapi)?(?:\.\w+)+)`", (ROOT / PAGE).read_text()))
    assert len(named) > 25
    for name in named:
        import_module(name)


def test_every_module_of_the_runtime_has_its_place() -> None:
    page = (ROOT / PAGE).read_text()
    for path in (ROOT / "chanx").glob("*.py"):
        if path.stem not in ("__init__", "apps"):
            assert f"`chanx.{path.stem}`" in page, path


def test_the_layers_are_the_contracts() -> None:
    contracts: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    layers = [contract["layers"] for contract in contracts if contract["type"] == "layers"]
    shown = [block.text for block in blocks(PAGE, language="text")]
    assert len(shown) == len(layers)
    for text, contract in zip(shown, layers, strict=True):
        expected = [[module.strip().split(".", 1)[1] for module in re.split(r"[|:]", layer)] for layer in contract]
        assert [line.split() for line in text.splitlines()] == expected
