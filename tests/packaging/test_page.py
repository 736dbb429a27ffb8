"""The page in the wheel: complete where it is installed, and small."""

import gzip
import json
import os
import re
import shutil
import site
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import Any, Final

import pytest

from hatch_build import LOADED_SCRIPT

PAGE: Final = "chanx_asyncapi/static/chanx_asyncapi/"
#: Bytes after gzip, as a server sends them: everything that the page can load, and what it waits for at first.
ALL_BYTES, FIRST_BYTES = 250_000, 90_000
#: ``import"./page-x.js"`` and ``from"./page-x.js"``, not ``import("./page-x.js")``.
STATIC_IMPORT: Final = re.compile(r"""(?:\bfrom|\bimport)\s*["']\./([\w.-]+)["']""")


@pytest.fixture(scope="module")
def files(wheel: Path) -> dict[str, bytes]:
    """The scripts and styles of the page in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith(PAGE) and name.endswith((".js", ".css"))]
        return {name.removeprefix(PAGE): archive.read(name) for name in names}


def test_it_is_small(files: dict[str, bytes]) -> None:
    sizes = {name: len(gzip.compress(content, 9)) for name, content in files.items()}

    assert sum(sizes.values()) <= ALL_BYTES, sizes
    assert sizes["page.js"] + sizes["page.css"] <= FIRST_BYTES, sizes


def test_the_first_view_waits_for_one_script(files: dict[str, bytes]) -> None:
    # What the entry imported would be asked for when the entry has come: see static/vite.config.ts.
    assert STATIC_IMPORT.findall(files["page.js"].decode()) == []


def test_each_script_that_is_loaded_later_is_there(files: dict[str, bytes]) -> None:
    later = {name for content in files.values() for name in LOADED_SCRIPT.findall(content.decode())}

    assert later, "the editor is loaded when it is wanted"
    assert later | {"page.js", "page.css"} == files.keys()


#: Runs where the wheel is installed: an empty project that collects and serves the page.
PROJECT: Final = Path(__file__).parent / "empty_project"


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment in which the wheel is installed, and this checkout is not."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--quiet", str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (packages,) = folder.glob("lib/*/site-packages")
    # What the package needs comes from here. A .pth file in a folder that another one names is not read, so this
    # checkout, which is installed by such a file, does not come along.
    (packages / "dependencies.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    return python


@pytest.mark.parametrize(
    "storage", ["django.contrib.staticfiles.storage.ManifestStaticFilesStorage", "empty_project.storage.Rewriting"]
)
def test_an_installed_wheel_serves_the_whole_page(python: Path, tmp_path: Path, storage: str) -> None:
    shutil.copytree(PROJECT, tmp_path / PROJECT.name)
    collected = tmp_path / "collected"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": f"{PROJECT.name}.settings",
        "EMPTY_PROJECT_ROOT": str(collected),
        "EMPTY_PROJECT_STORAGE": storage,
    }
    command = [str(python), "-m", PROJECT.name]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: Any = json.loads(done.stdout)

    assert Path(found["package"]).is_relative_to(python.parents[1])
    assert found["status"] == 200
    loaded: list[str] = re.findall(r'(?:src|href)="/static/(chanx_asyncapi/[^"]+)"', found["page"])
    assert [re.sub(r"\.[0-9a-f]{12}\.", ".", name) for name in loaded] == [
        f"chanx_asyncapi/{name}" for name in ("icon.svg", "page.css", "page.js")
    ]
    for name in loaded:
        assert (collected / name).is_file(), name
    # From there, whatever name the storage gave it, each script finds those that it loads.
    waiting = [collected / name for name in loaded if name.endswith(".js")]
    seen: set[Path] = set()
    while waiting:
        script = waiting.pop()
        seen.add(script)
        for name in re.findall(r"""["'`]\./(page[\w.-]*\.js)["'`]""", script.read_text()):
            assert (script.parent / name).is_file(), f"{script.name} loads {name}"
            waiting += {script.parent / name} - seen
    assert len(seen) > 1
    # The entry runs once: nothing that it loads imports it under either of its names.
    assert [path.name.partition(".")[0] for path in seen].count("page") == 1
