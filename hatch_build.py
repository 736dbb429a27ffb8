"""Builds the playground page into the package when it is not there yet.

The page's source is TypeScript in ``static/``; what it builds into is ignored by git and shipped in the wheel and
the sdist. So a checkout needs Node.js to build a wheel, and whoever installs from an sdist or a wheel does not.
"""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = Path("chanx_asyncapi", "static", "chanx_asyncapi")
#: The runtime of generated TypeScript clients, on which the page's console runs.
RUNTIME = Path("chanx_asyncapi", "codegen", "typescript", "runtime", "runtime.ts")
#: What the template page.html loads.
FILES = ("page.js", "page.css", "icon.svg")
#: How a script names one that it loads; the bundler writes these names.
LOADED_SCRIPT = re.compile(r"""["'`]\./(page-[\w.-]+\.js)["'`]""")
WAY_OUT = (
    "Building it takes Node.js 20.19, 22.12 or newer, with npm. Install that and build again, or build the page "
    f"elsewhere (`npm ci && npm run build` in static/) and copy the result to {BUNDLE.as_posix()}/."
)


class PageBuildError(Exception):
    """The page is missing and cannot be built; the message says what to do."""


class PageBuildHook(BuildHookInterface[Any]):
    """Sees to it that no wheel and no sdist leaves without the page."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Raises `PageBuildError` when the page is needed, missing, and cannot be built."""
        # An editable install serves the page from the checkout, where `make page` builds it when it is wanted.
        if version == "editable" or self._is_built():
            return
        self._build()
        if not self._is_built():
            raise PageBuildError(f"`npm run build` in static/ left no {', '.join(FILES)} in {BUNDLE.as_posix()}/.")

    def _is_built(self) -> bool:
        bundle = Path(self.root, BUNDLE)
        if not all((bundle / name).is_file() for name in FILES) or not _has_its_scripts(bundle):
            return False
        # An unpacked sdist has the page that it was released with, and its files have whatever time they got.
        if Path(self.root, "PKG-INFO").is_file():
            return True
        # In a checkout a page older than its source would ship yesterday's.
        return (bundle / "page.js").stat().st_mtime >= self._newest_source()

    def _newest_source(self) -> float:
        static = Path(self.root, "static")
        sources = [static / "package-lock.json", static / "vite.config.ts", Path(self.root, RUNTIME)]
        sources += [path for folder in ("src", "public") for path in (static / folder).rglob("*") if path.is_file()]
        return max(path.stat().st_mtime for path in sources)

    def _build(self) -> None:
        npm = shutil.which("npm")
        if npm is None:
            raise PageBuildError(f"The playground page is not built, and npm was not found. {WAY_OUT}")
        for arguments in (["ci"], ["run", "build"]):
            self.app.display_info(f"static: npm {' '.join(arguments)}")
            finished = subprocess.run(  # noqa: S603 - fixed arguments to the npm that the user has
                [npm, *arguments],
                cwd=Path(self.root, "static"),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            if finished.returncode != 0:
                command = f"npm {' '.join(arguments)}"
                raise PageBuildError(
                    f"The playground page could not be built: `{command}` in static/ ended with "
                    f"{finished.returncode}.\n{finished.stdout}\n{WAY_OUT}"
                )


def _has_its_scripts(bundle: Path) -> bool:
    """Whether each script that another one loads, now or later, is there."""
    loaded = {name for script in bundle.glob("*.js") for name in LOADED_SCRIPT.findall(script.read_text("utf-8"))}
    return all((bundle / name).is_file() for name in loaded)
