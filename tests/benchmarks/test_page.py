"""The benchmark of the page runs, once, with our page in the place of the others."""

import re
import shutil
from pathlib import Path

import pytest

from tests.benchmarks import run
from tests.benchmarks.page import benchmark, pages


def test_it_runs(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(benchmark, "react", pages.own)
    monkeypatch.setattr("sys.argv", ["bench", "page", "--rounds", "1"])
    run.main()

    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    figures = [re.findall(r"(?<=\| )\d+(?= )", row) for row in rows]
    compared = [row for row in figures if len(row) == len(benchmark.COLUMNS)]
    assert len(compared) == 2
    for row in compared:
        first, largest, readable, _blocked, script, kilobytes = map(int, row)
        assert 0 < first <= largest
        assert readable > 0
        assert script > 0
        assert kilobytes > 20
    # Two heads, two pages, four steps.
    assert len(figures) == 2 + 2 + 4


def test_the_files_of_the_other_pages_are_where_they_are_looked_for(tmp_path: Path) -> None:
    for path in pages.react().files.values():
        assert path.is_file()
    # As npm leaves it; installing it is for the benchmark itself.
    standalone = tmp_path / "node_modules" / "@scalar" / "api-reference" / "dist" / "browser" / "standalone.js"
    standalone.parent.mkdir(parents=True)
    shutil.copy(pages.BUNDLE / "page.js", standalone)
    assert [path.is_file() for path in pages.scalar(tmp_path).files.values()] == [True]
