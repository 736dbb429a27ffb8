"""Write `.ci/constraints.txt` anew: the newest versions that pyproject.toml allows, for two Pythons.

Usage: python .ci/update_constraints.py OLD_PYTHON NEW_PYTHON

OLD_PYTHON is the oldest Python that is supported; NEW_PYTHON the oldest one on which newer versions become
available (Django 6 needs Python 3.12). Where both get the same version the line has no marker. Each Python
installs into a virtual environment of its own, which is removed afterwards.
"""

import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

HEADER = """\
# The versions that are tested. Written by .ci/update_constraints.py;
# reasons in docs/decisions/0002-constraints-not-lockfile.md.
"""


def run(*command: str) -> str:
    """Run the command, let its errors through, and return what it printed."""
    # The commands are made in this file, from interpreters that whoever runs it named.
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603 - our own commands


def newest_versions(python: str) -> dict[str, str]:
    """Install everything with `python`; map each package's name to the version that it got."""
    # pip puts the build backend into an environment of its own, where a freeze would not see it.
    backend = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    with tempfile.TemporaryDirectory() as folder:
        run(python, "-m", "venv", folder)
        pip = (f"{folder}/bin/python", "-m", "pip", "--quiet", "--disable-pip-version-check")
        run(*pip, "install", "--upgrade", "pip")
        run(*pip, "install", *backend, "--editable", f"{ROOT}[dev]")
        frozen = run(*pip, "freeze", "--all", "--exclude-editable")
    versions = dict(line.split("==") for line in frozen.splitlines())
    versions.pop("setuptools", None)  # comes with the venv module of Python 3.11; nothing here uses it
    return versions


def merge(old: dict[str, str], new: dict[str, str], boundary: str) -> list[str]:
    """One line for a package; two where Pythons before, and from, `boundary` get different versions."""
    lines: list[str] = []
    for name in sorted(old.keys() | new.keys(), key=str.lower):
        before, after = old.get(name), new.get(name)
        if before is None or after is None or before == after:
            lines.append(f"{name}=={before or after}")
        else:
            lines.append(f'{name}=={before}; python_version < "{boundary}"')
            lines.append(f'{name}=={after}; python_version >= "{boundary}"')
    return lines


def main() -> None:
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    _, old, new = sys.argv
    boundary = run(new, "-c", "import sys; print('%d.%d' % sys.version_info[:2])").strip()
    lines = merge(newest_versions(old), newest_versions(new), boundary)
    (ROOT / ".ci" / "constraints.txt").write_text(HEADER + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
