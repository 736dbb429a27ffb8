"""The page on installation: its settings, its routing, its first connection."""

from pathlib import Path

from tests.docs.pages import ROOT, blocks
from tests.docs.project import Project
from tests.docs.transcripts import play

PAGE = "docs/guide/installation.md"


async def test_the_page_makes_a_service(tmp_path: Path) -> None:
    (start, _) = blocks("README.md", language="sh", heading="A service in one class")
    (serve,) = blocks(PAGE, language="sh", heading="Routing")
    project = Project(tmp_path)
    project.run(start)
    project.write(blocks(PAGE, language="python"))
    assert "no issues" in project.run_line("python manage.py check", PAGE)
    with project.serve(serve) as address:
        await play(blocks(PAGE, language="text"), address)


def test_the_extras_exist() -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    page = (ROOT / PAGE).read_text()
    named = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `")]
    assert named
    assert set(named) == extras.keys() - {"docs", "dev"}
