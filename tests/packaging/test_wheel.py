"""What users install: the built wheel, complete, and nothing besides."""

import subprocess
import zipfile
from configparser import ConfigParser
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from tests.servers import ROOT


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    """The files in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize(
    "name",
    [
        "chanx/py.typed",
        "chanx/generic/websocket.py",
        "chanx_asyncapi/py.typed",
        "chanx_asyncapi/management/commands/generate_asyncapi.py",
        "chanx_asyncapi/templates/chanx_asyncapi/page.html",
        "chanx_asyncapi/static/chanx_asyncapi/page.js",
        "chanx_asyncapi/static/chanx_asyncapi/page.css",
        "chanx_asyncapi/static/chanx_asyncapi/page.licenses.md",
    ],
)
def test_it_holds(name: str, names: set[str]) -> None:
    assert name in names


def test_it_holds_every_module_and_data_file_of_both_packages(names: set[str]) -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "chanx", "chanx_asyncapi"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert len(tracked) > 60
    assert set(tracked) - names == set()


def test_it_holds_nothing_of_the_repository_besides(names: set[str]) -> None:
    folders = {Path(name).parts[0] for name in names}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"chanx", "chanx_asyncapi"}


def test_its_commands_lead_to_functions(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/entry_points.txt"))
        sections = ConfigParser()
        sections.read_string(archive.read(name).decode())
    scripts = [EntryPoint(name, value, "console_scripts") for name, value in sections["console_scripts"].items()]
    assert [script.name for script in scripts] == ["chanx"]
    assert all(callable(script.load()) for script in scripts)
