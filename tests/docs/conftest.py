"""What the tests of several pages need: the modules of a page, and the project of the tutorial."""

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest
from channels.layers import channel_layers
from channels.routing import URLRouter
from channels.testing.application import no_op

from chanx.registry import Registry, use_registry
from chanx.routing import path
from tests.docs.pages import blocks
from tests.docs.project import Project

TUTORIAL: Final = "docs/guide/tutorial.md"

Load = Callable[[str], Mapping[str, ModuleType]]


def router(route: str, consumer: Any) -> URLRouter:
    """An application with one address."""
    routes: Any = [path(route, consumer)]
    return URLRouter(routes)


@pytest.fixture(scope="session")
def _made_tutorial(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the tutorial has made by Thursday evening."""
    project = Project(tmp_path_factory.mktemp("tutorial"))
    project.run(blocks(TUTORIAL, language="sh", heading="Monday")[0])
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday"):
        project.write(blocks(TUTORIAL, language="python", heading=day))
    project.run(blocks(TUTORIAL, language="sh", heading="Wednesday")[0])
    return project.folder


@pytest.fixture
def tutorial(_made_tutorial: Path, tmp_path: Path) -> Project:
    """A copy of the tutorial's project, users and room included."""
    shutil.copytree(_made_tutorial, tmp_path, dirs_exist_ok=True)
    return Project(tmp_path)


@pytest.fixture(autouse=True)
def own_channel_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A layer for each test: whoever a failed test left in a group does not hear the next one."""
    monkeypatch.setattr(channel_layers, "backends", {})


@pytest.fixture(autouse=True)
def open_database_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Channels closes old connections around every event. The one that an earlier test has left in the thread is not
    for a test without a database to touch; chanx's client keeps it open only while it waits."""
    monkeypatch.setattr("channels.db.close_old_connections", no_op)


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Writes the files of a page, imports them all in the order of the page, and gives them by their path.

    Their consumers stay out of the registry that other tests read.
    """
    before = set(sys.modules)

    def load(page: str) -> Mapping[str, ModuleType]:
        files = blocks(page, language="python")
        Project(tmp_path).write(files)
        monkeypatch.syspath_prepend(tmp_path)
        invalidate_caches()
        paths = dict.fromkeys(block.path for block in files if block.path is not None)
        with use_registry(Registry()):
            return {path: import_module(path.removesuffix(".py").replace("/", ".")) for path in paths}

    yield load
    for name in set(sys.modules) - before:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]
    # The folder of a package without __init__.py is a module too, and would be found again.
    for name in [name for name, module in sys.modules.items() if str(tmp_path) in str(getattr(module, "__path__", ""))]:
        del sys.modules[name]
