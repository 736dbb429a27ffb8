"""The tutorial from its first command to its last, in a folder of its own, with a real server and real clients."""

import asyncio
import base64
import json
import re
import shlex
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

from websockets import Origin
from websockets.asyncio.client import connect

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

    _write(project, "Friday")
    generate, test = blocks(PAGE, language="sh", heading="Friday")
    project.run(generate)
    assert "/ws/rooms/{pk}/" in (project.folder / "asyncapi.json").read_text()
    assert "Ran 1 test" in project.run(test)
    with project.serve(serve) as address:
        await asyncio.to_thread(_look_at_the_page, address)
        await _talk_with_the_session(address, await asyncio.to_thread(_log_in, address))


def _look_at_the_page(address: str) -> None:
    """The page and everything that it loads."""
    page = _get(f"http://{address}/ws-docs/")
    needed = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(needed) >= 3, page
    for path in needed:
        assert _get(f"http://{address}{path}")
    assert _get(f"http://{address}/asyncapi.json")


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as response:
        return str(response.read().decode())


def _log_in(address: str) -> str:
    """The cookie of alice's session, after she has logged in at the admin."""
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    browser.open(f"http://{address}/admin/login/", timeout=10).close()
    (token,) = [cookie.value for cookie in jar if cookie.name == "csrftoken"]
    form = urllib.parse.urlencode(
        {"username": "alice", "password": "wonderland", "csrfmiddlewaretoken": token, "next": "/ws-docs/"}
    )
    browser.open(f"http://{address}/admin/login/", form.encode(), timeout=10).close()
    (session,) = [cookie.value for cookie in jar if cookie.name == "sessionid"]
    return f"sessionid={session}"


async def _talk_with_the_session(address: str, cookie: str) -> None:
    """What the page does when it connects: a browser sends the cookie, and the origin of the page."""
    headers = {"Cookie": cookie}
    url = f"ws://{address}/ws/rooms/1/"
    async with connect(url, additional_headers=headers, origin=Origin(f"http://{address}")) as socket:
        assert json.loads(await socket.recv())["payload"]["status_code"] == 200
        await socket.send('{"action": "say", "payload": {"text": "Hello"}}')
        assert json.loads(await socket.recv())["action"] == "delivered"
