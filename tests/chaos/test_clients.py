"""Generated clients lose nothing either, and their users do nothing for it."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import ConsoleMessage, Route, async_playwright

from chanx.routing import URLRouter, path
from chanx_asyncapi.codegen.files import write_files
from chanx_asyncapi.codegen.language import Options
from chanx_asyncapi.codegen.languages import LANGUAGES, generate
from chanx_asyncapi.describe import describe
from tests.browser.conftest import FLAGS
from tests.chanx_asyncapi.codegen.typescript import toolchain
from tests.chaos.grounds import Ground
from tests.chaos.scene import Scene, scene
from tests.chaos.service import Ticker

#: Prints each number that a client hears, and each loss that it is told of.
_LISTEN = """
import { connectTicker } from "./channels.js";
// In Node.js an argument; in a browser the page's own host.
const host = globalThis.process?.argv[2] ?? `ws://${location.host}`;
const client = connectTicker({ host, retry: { min: 20, max: 200 } });
client.on("tick", ({ payload }) => console.log(payload.number));
client.watch((state, { recovered }) => { if (recovered === false) console.log("loss"); });
await client.connect();
console.log("ready");
"""


#: The page comes from the test and not from an address of this machine, whose sockets it may open all the same.
_FULFILLED = "--disable-features=LocalNetworkAccessChecks"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(describe(URLRouter([path("ws/chaos/", Ticker, name="ticker")])).document.to_wire())


@pytest.fixture
async def stage(ground: Ground, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene(tmp_path, ground, clients=1, servers=1) as set_up:
        yield set_up


def host(stage: Scene) -> str:
    return f"ws://127.0.0.1:{stage.servers[0].port}"


async def kill_and_publish(stage: Scene) -> list[int]:
    """What a client hears that loses nothing."""
    await stage.publish(10, rate=100)
    stage.servers[0].kill()
    await stage.publish(10, rate=100)
    await asyncio.to_thread(stage.servers[0].start)
    await stage.publish(10, rate=100)
    await stage.settle()
    return list(range(1, 31))


def test_no_message_of_resuming_is_the_users_affair(document: dict[str, Any]) -> None:
    for language, file, resumable in (
        ("typescript", "channels.ts", "resumes: true"),
        ("python", "_channels.py", "resumable=True"),
    ):
        files = {each.path: each.text for each in generate(document, LANGUAGES[language], Options()).files}
        text = next(text for path, text in files.items() if path.endswith(file.lstrip("_")) and resumable in text)
        assert "tick" in text
        assert not any(f'"{action}"' in text for action in ("positions", "resumed", "resume"))


async def test_the_client_in_python(stage: Scene, document: dict[str, Any], tmp_path: Path) -> None:
    write_files(generate(document, LANGUAGES["python"], Options()).files, tmp_path / "ticker_sdk")
    sys.path.insert(0, str(tmp_path))
    sdk: Any = import_module("ticker_sdk")
    heard: list[int] = []
    changes: list[Any] = []
    options = sdk.Options(retry=sdk.Retry(min=0.02, max=0.2))
    async with sdk.TickerClient(host(stage), options=options) as client:

        async def listen() -> None:
            async for message in client:
                heard.append(message.payload.number)  # noqa: PERF401 - each as it comes

        async def watch() -> None:
            async for change in client.watch():
                changes.append(change)  # noqa: PERF401 - each as it comes

        tasks = [asyncio.create_task(listen()), asyncio.create_task(watch())]
        expected = await kill_and_publish(stage)
        with suppress(TimeoutError):
            async with asyncio.timeout(20):
                while len(heard) < len(expected):
                    await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
    assert heard == expected
    assert any(change.recovered for change in changes)


def listener(document: dict[str, Any], folder: Path) -> Path:
    """A program that prints what the client in TypeScript hears."""
    source = toolchain.generated(document, folder / "source", "testing")
    assert toolchain.compiler_errors(source, emit=folder / "built") == []
    (folder / "built" / "listen.js").write_text(_LISTEN)
    (folder / "built" / "package.json").write_text(json.dumps({"type": "module"}))
    return folder / "built" / "listen.js"


async def test_the_client_in_typescript(stage: Scene, document: dict[str, Any], tmp_path: Path) -> None:
    command = ["node", "--experimental-websocket", str(listener(document, tmp_path)), host(stage)]
    program = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    try:
        assert program.stdout is not None
        assert await program.stdout.readline() == b"ready\n"
        expected = await kill_and_publish(stage)
        async with asyncio.timeout(20):
            heard = [(await program.stdout.readline()).decode().strip() for _ in expected]
        assert heard == [str(number) for number in expected]
    finally:
        program.kill()
        await program.wait()


async def test_the_client_in_typescript_hears_of_its_loss_when_it_resumes_too_late(
    ground: Ground, document: dict[str, Any], tmp_path: Path
) -> None:
    # The server has given up before the client can know that it is there.
    impatient = replace(ground, extra={"CHAOS_PATIENCE": "0"})
    async with scene(tmp_path, impatient, clients=0, servers=1) as stage:
        command = ["node", "--experimental-websocket", str(listener(document, tmp_path)), host(stage)]
        program = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        try:
            assert program.stdout is not None
            assert await program.stdout.readline() == b"ready\n"
            await stage.publish(10, rate=100)
            heard: list[str] = []
            async with asyncio.timeout(30):
                while "10" not in heard:
                    heard.append((await program.stdout.readline()).decode().strip())
            stage.servers[0].kill()
            await stage.publish(10, rate=100)
            await asyncio.to_thread(stage.servers[0].start)
            async with asyncio.timeout(30):
                while "loss" not in heard:
                    heard.append((await program.stdout.readline()).decode().strip())
                await stage.publish(10, rate=100)
                while "30" not in heard:
                    heard.append((await program.stdout.readline()).decode().strip())
        finally:
            program.kill()
            await program.wait()
    numbers = [int(each) for each in heard if each != "loss"]
    # What it was not told again is what it was told to have lost.
    assert numbers == [*range(1, 11), *range(21, 31)]
    assert heard.index("loss") == 10


async def test_the_client_in_a_browser(stage: Scene, document: dict[str, Any], tmp_path: Path) -> None:
    """Chromium, which sees no more of a refused connection than that it was lost; on the page of the service itself."""
    script = toolchain.bundle(listener(document, tmp_path), tmp_path / "listen.js")
    printed: asyncio.Queue[str] = asyncio.Queue()
    address = host(stage).replace("ws", "http", 1)

    def note(message: ConsoleMessage) -> None:
        if message.type == "log":
            printed.put_nowait(message.text)

    async def page_of_the_service(route: Route) -> None:
        await route.fulfill(body=f"<script type=module>{script.read_text()}</script>", content_type="text/html")

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=[*FLAGS, _FULFILLED])
        page = await browser.new_page()
        page.on("console", note)
        await page.route(f"{address}/", page_of_the_service)
        await page.goto(address)
        async with asyncio.timeout(60):
            assert await printed.get() == "ready"
            expected = await kill_and_publish(stage)
            heard = [await printed.get() for _ in expected]
        await browser.close()
    assert heard == [str(number) for number in expected]
