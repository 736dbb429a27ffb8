"""Files that were generated, and the folder that they are written into.

A manifest in the folder lists what was written there. What it lists is replaced; what it does not list was written by
somebody else, and is neither replaced nor removed.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Final, Literal, TypeAlias

#: The name of the manifest. Its files are those of one client: a second one has a folder of its own.
MANIFEST: Final = ".chanx-client.json"
_NOTE: Final = "Lists what was generated into this folder. Keep it under version control, beside the files."

Difference: TypeAlias = Literal["missing", "stale", "obsolete"]


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """A file of a client."""

    #: Relative to the folder, with slashes.
    path: str
    text: str


class FilesError(Exception):
    """The folder cannot be used as it is; ``str()`` says why and what to do. Nothing was written."""


def write_files(files: Sequence[GeneratedFile], folder: Path) -> tuple[str, ...]:
    """Make ``folder`` hold ``files``, and of those that were generated before no other ones; return what has changed.

    A file that is right already is not touched. One that was generated before and is no longer is removed, unless
    somebody has changed it since.

    :raises FilesError: when a file is in the way that is not in the manifest, or the manifest cannot be read.
    :raises OSError: when the folder cannot be written.
    """
    known = _manifest(folder)
    places = {file.path: _place(folder, file.path) for file in files}
    foreign = [path for path, place in places.items() if path not in known and os.path.lexists(place)]
    if foreign:
        raise FilesError(
            f"{folder} holds {', '.join(foreign)}, which {MANIFEST} does not list: somebody else's. Choose an empty "
            "folder, or move what is in the way."
        )
    folder.mkdir(parents=True, exist_ok=True)
    changed = [file.path for file in files if _write(places[file.path], file.text)]
    for path, written in known.items():
        if path not in places and (place := _place(folder, path)).is_file() and _hash(_read(place)) == written:
            place.unlink()
            changed.append(path)
    _write(folder / MANIFEST, _manifest_text(files))
    return tuple(changed)


def compare_files(files: Sequence[GeneratedFile], folder: Path) -> dict[str, Difference]:
    """How ``folder`` differs from what :func:`write_files` would make of it; nothing is written.

    :raises FilesError: when the manifest cannot be read.
    """
    known = _manifest(folder)
    found: dict[str, Difference] = {}
    for file in [*files, GeneratedFile(MANIFEST, _manifest_text(files))]:
        place = _place(folder, file.path)
        if not place.is_file():
            found[file.path] = "missing"
        elif _read(place) != file.text.encode():
            found[file.path] = "stale"
    wanted = {file.path for file in files}
    found |= {path: "obsolete" for path in known if path not in wanted and _place(folder, path).is_file()}
    return found


def _manifest(folder: Path) -> dict[str, str]:
    """The hashes of the files that were written, by path."""
    place = folder / MANIFEST
    try:
        text = place.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except NotADirectoryError as error:
        raise FilesError(f"{folder} is no folder. Choose another one.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise FilesError(f"{place} cannot be read: {error}. Restore it from version control.") from error
    try:
        files = json.loads(text)["files"]
        if not isinstance(files, dict) or not all(isinstance(value, str) for value in files.values()):
            raise TypeError
    except (ValueError, KeyError, TypeError) as error:
        raise FilesError(
            f"{place} is no manifest of a client. Restore it from version control, or generate into an empty folder."
        ) from error
    return files


def _manifest_text(files: Iterable[GeneratedFile]) -> str:
    listed = {file.path: _hash(file.text.encode()) for file in sorted(files, key=lambda file: file.path)}
    return json.dumps({"about": _NOTE, "files": listed}, indent=2) + "\n"


def _place(folder: Path, path: str) -> Path:
    """Where ``path`` is; FilesError for one that leads out of the folder, as a changed manifest may."""
    parts = PurePosixPath(path)
    place = folder.joinpath(*parts.parts)
    is_inside = not parts.is_absolute() and ".." not in parts.parts and parts.parts and "\\" not in path
    # A folder inside may be a link to one outside.
    if not is_inside or not place.parent.resolve().is_relative_to(folder.resolve()):
        raise FilesError(f"{path!r} is not in {folder}. Restore {MANIFEST} from version control.")
    return place


def _write(place: Path, text: str) -> bool:
    """Make ``place`` a file that holds ``text``, all at once; returns whether it was another one before."""
    data = text.encode()
    if place.is_file() and not place.is_symlink() and _read(place) == data:
        return False
    place.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        # mkstemp lets nobody else read it; a new file would be as the user's umask says.
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return True


def _read(place: Path) -> bytes:
    return place.read_bytes()


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()
