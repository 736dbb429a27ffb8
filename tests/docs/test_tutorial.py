"""The tutorial from its first command to its last, in a folder of its own, with a real server and real clients."""

import asyncio
import base64
import shlex
import urllib.request
from pathlib import Path

from tests.docs.pages import Block, blocks
from tests.docs.project import Project, commands
from tests.docs.transcripts import play

PAGE = "docs/guide/tutorial.md"


def _write(project: Project, day: str) -> None:
    project.write(blocks(PAGE, language="python", heading=day))


def _sessions(day: str) -> list[Block]:
    return list(blocks(PAGE, language="text", heading=day))


def _curl(block: Block, address: str) -> int:
    """Does what ``curl -u USER:PASSWORD -d DATA URL`` does; curl itself may not be on this machine."""
    (line,) = commands(block)
    program, *words = shlex.split(line)
    assert program == "curl", f"{block.place}: {line}"
    *options, url = [word for word in words if word != "-i"]
    given = dict(zip(options[::2], options[1::2], strict=True))
    request = urllib.request.Request(
        url.replace("127.0.0.1:8000", address),
        given.pop("-d").encode(),
        {"Authorization": "Basic " + base64.b64encode(given.pop("-u").encode()).decode()},
    )
    assert not given, f"{block.place}: options that the test does not know: {given}"
    with urllib.request.urlopen(request, timeout=10) as response:
        return int(response.status)


async def test_the_week(tmp_path: Path) -> None:
    project = Project(tmp_path)

    start, serve = blocks(PAGE, language="sh", heading="Monday")
    project.run(start)
    _write(project, "Monday")
    with project.serve(serve) as address:
        await play(_sessions("Monday"), address)

    _write(project, "Tuesday")
    with project.serve(serve) as address:
        await play(_sessions("Tuesday"), address)

    _write(project, "Wednesday")
    (prepare,) = blocks(PAGE, language="sh", heading="Wednesday")
    project.run(prepare)
    with project.serve(serve) as address:
        alice, bob, *refused = _sessions("Wednesday")
        await play([alice, bob], address)
        assert len(refused) == 3
        for session in refused:
            await play([session], address)

    _write(project, "Thursday")
    (announce,) = blocks(PAGE, language="sh", heading="Thursday")
    with project.serve(serve) as address:
        statuses: list[int] = []

        async def meanwhile() -> None:
            statuses.append(await asyncio.to_thread(_curl, announce, address))

        await play(_sessions("Thursday"), address, meanwhile=meanwhile)
    assert statuses == [202]
