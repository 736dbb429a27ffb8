"""The README's service, in a fresh Django project: made, served and talked to as the README says."""

from pathlib import Path

from tests.docs.pages import blocks
from tests.docs.project import Project, commands
from tests.docs.transcripts import play

PAGE = "README.md"
SERVICE = "A service in one class"


async def test_the_service_works_when_pasted(tmp_path: Path) -> None:
    start, serve = blocks(PAGE, language="sh", heading=SERVICE)
    project = Project(tmp_path)
    project.run(start)
    project.write(blocks(PAGE, language="python", heading=SERVICE))
    with project.serve(serve) as address:
        await play(blocks(PAGE, language="text", heading=SERVICE), address)


def test_the_consumer_class_is_short() -> None:
    consumer = blocks(PAGE, language="python", heading=SERVICE)[0].text
    written = [line for line in consumer.splitlines() if line.strip() and not line.startswith(("#", "from", "import"))]
    assert len(written) <= 30


def test_a_clone_needs_two_commands() -> None:
    (clone,) = blocks(PAGE, language="sh", heading="In a clone")
    assert [line.split("#")[0].split() for line in commands(clone)] == [["make", "demo"], ["make", "test"]]
