"""What a generator writes, and what it leaves alone."""

import json
from pathlib import Path

import pytest

from chanx_asyncapi.codegen.files import MANIFEST, FilesError, GeneratedFile, compare_files, write_files

ONE = GeneratedFile("one.ts", "1\n")
DEEP = GeneratedFile("inside/two.ts", "2\n")


def test_files_are_written_with_a_manifest(tmp_path: Path) -> None:
    out = tmp_path / "sdk"

    assert write_files([ONE, DEEP], out) == ("one.ts", "inside/two.ts")

    assert (out / "one.ts").read_text() == "1\n"
    assert (out / "inside" / "two.ts").read_text() == "2\n"
    assert [*json.loads((out / MANIFEST).read_text())["files"]] == ["inside/two.ts", "one.ts"]
    assert (out / "one.ts").stat().st_mode & 0o777 == (out.stat().st_mode & 0o666)


def test_what_is_right_already_is_not_touched(tmp_path: Path) -> None:
    write_files([ONE, DEEP], tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    assert write_files([ONE, DEEP], tmp_path) == ()
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_what_was_written_is_replaced_and_what_is_no_longer_generated_removed(tmp_path: Path) -> None:
    write_files([ONE, DEEP], tmp_path)

    assert write_files([GeneratedFile("one.ts", "changed\n")], tmp_path) == ("one.ts", "inside/two.ts")
    assert (tmp_path / "one.ts").read_text() == "changed\n"
    assert not (tmp_path / "inside" / "two.ts").exists()


def test_case_65_no_file_of_somebody_else_is_removed_or_overwritten(tmp_path: Path) -> None:
    own = {".git/config": "[core]", "main.ts": "mine", "inside/mine.ts": "mine too"}
    for path, text in own.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)

    write_files([ONE, DEEP], tmp_path)
    write_files([], tmp_path)

    assert {path: (tmp_path / path).read_text() for path in own} == own
    assert not (tmp_path / "one.ts").exists()


def test_case_65_a_file_in_the_way_stops_everything(tmp_path: Path) -> None:
    (tmp_path / "one.ts").write_text("mine")

    with pytest.raises(FilesError, match=r"one\.ts, which \.chanx-client\.json does not list"):
        write_files([DEEP, ONE], tmp_path)

    assert (tmp_path / "one.ts").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["one.ts"]


def test_case_65_a_generated_file_that_somebody_has_changed_is_not_removed(tmp_path: Path) -> None:
    write_files([ONE], tmp_path)
    (tmp_path / "one.ts").write_text("mine now")

    assert write_files([], tmp_path) == ()
    assert (tmp_path / "one.ts").read_text() == "mine now"


@pytest.mark.parametrize("path", ["../outside.ts", "/etc/outside.ts", "a/../../outside.ts", "..\\outside.ts", ""])
def test_case_65_a_manifest_cannot_lead_out_of_the_folder(tmp_path: Path, path: str) -> None:
    out = tmp_path / "sdk"
    write_files([ONE], out)
    (tmp_path / "outside.ts").write_text("mine")
    listed = {"files": {path: "6a0e" * 16}}
    (out / MANIFEST).write_text(json.dumps(listed))

    with pytest.raises(FilesError, match="is not in"):
        write_files([DEEP], out)
    assert (tmp_path / "outside.ts").read_text() == "mine"


def test_case_65_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    out, other = tmp_path / "sdk", tmp_path / "other"
    other.mkdir()
    (other / "mine.ts").write_text("mine")
    write_files([ONE], out)
    (out / "one.ts").unlink()
    (out / "one.ts").symlink_to(other / "mine.ts")
    (out / "inside").symlink_to(other)

    write_files([ONE], out)
    with pytest.raises(FilesError, match="is not in"):
        write_files([ONE, DEEP], out)

    assert (out / "one.ts").read_text() == "1\n"
    assert [(path.name, path.read_text()) for path in other.iterdir()] == [("mine.ts", "mine")]


@pytest.mark.parametrize("text", ["", "[]", '{"files": []}', '{"files": {"one.ts": 1}}', "\xff"])
def test_a_manifest_that_cannot_be_read_stops_everything(tmp_path: Path, text: str) -> None:
    (tmp_path / MANIFEST).write_bytes(text.encode("latin-1"))

    with pytest.raises(FilesError, match="Restore it from version control"):
        write_files([ONE], tmp_path)
    assert not (tmp_path / "one.ts").exists()


def test_differences_are_told_without_writing(tmp_path: Path) -> None:
    assert compare_files([ONE], tmp_path / "sdk") == {"one.ts": "missing", MANIFEST: "missing"}
    assert [*tmp_path.iterdir()] == []

    write_files([ONE, DEEP], tmp_path)
    assert compare_files([ONE, DEEP], tmp_path) == {}

    (tmp_path / "one.ts").write_text("changed")
    assert compare_files([ONE, DEEP], tmp_path) == {"one.ts": "stale"}
    assert compare_files([ONE], tmp_path) == {"one.ts": "stale", MANIFEST: "stale", "inside/two.ts": "obsolete"}
