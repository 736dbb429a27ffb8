"""Environments of their own for libraries that are only compared with: they never become dependencies of this one."""

import argparse
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

#: Versions of what peers and chanx have in common, so that only the libraries themselves differ.
_CONSTRAINTS: Final = Path(__file__).parents[2] / ".ci" / "constraints.txt"


@dataclass(frozen=True, slots=True)
class Peer:
    """A library that does similar work, from the Python Package Index."""

    name: str
    requirements: tuple[str, ...]


#: What every peer that is served needs.
_SERVER: Final = ("uvicorn", "uvloop", "websockets")

CHANX_2: Final = Peer("chanx 2.13.0 (PyPI)", ("chanx[channels]==2.13.0", "channels-redis", *_SERVER))
FASTAPI: Final = Peer("FastAPI 0.165.0", ("fastapi==0.165.0", *_SERVER))
DCRF: Final = Peer("djangochannelsrestframework 1.3.0", ("djangochannelsrestframework==1.3.0", *_SERVER))
#: No peer: it draws.
MATPLOTLIB: Final = Peer("matplotlib", ("matplotlib==3.11.2",))
CHANNELS_SPECTACULAR: Final = Peer(
    "django-channels-spectacular 0.1.1", ("django-channels-spectacular[drf]==0.1.1", "pydantic")
)


def add_peers_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--peers",
        type=Path,
        metavar="FOLDER",
        help="install the peers below this folder, where they are missing, and measure them too",
    )


@dataclass(frozen=True, slots=True)
class Environment:
    """Where scripts run: the environment of this process, or one that holds a peer."""

    python: Path
    variables: dict[str, str]

    @classmethod
    def of(cls, peer: Peer | None, folder: Path | None) -> "Environment | None":
        """That of a peer is made below ``folder`` when it is missing; None when no folder was named.

        Raises CalledProcessError when pip fails; its output has been printed.
        """
        variables = dict(os.environ)
        # Where it is set, and nothing has been compiled before, each process would compile all that it imports.
        variables.pop("PYTHONDONTWRITEBYTECODE", None)
        if peer is None:
            return cls(Path(sys.executable), variables)
        if folder is None:
            return None
        # It would lead to the packages of this repository, one of which has the name of a peer.
        variables.pop("PYTHONPATH", None)
        environment = folder.absolute() / peer.requirements[0].replace("[", "-").replace("]", "")
        python = environment / "bin" / "python"
        ready = environment / ".installed"
        wanted = "\n".join(peer.requirements)
        if not ready.exists() or ready.read_text() != wanted:
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
            pip = (python, "-m", "pip", "install", "-qq", "--disable-pip-version-check")
            subprocess.run([*pip, "-c", _CONSTRAINTS, *peer.requirements], check=True)
            ready.write_text(wanted)
        return cls(python, variables)

    def run(self, script: Path, *arguments: str) -> str:
        """What a script prints, in a process of its own. Raises SystemExit, with its errors, when it fails."""
        command = (str(self.python), str(script), *arguments)
        done = subprocess.run(command, env=self.variables, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}\n{done.stderr}")
        return done.stdout
