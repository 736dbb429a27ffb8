"""The generated TypeScript client of the demo, in Node.js and in Chromium, against real servers."""

import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page

from demo.seed import ALICE, BOB
from tests.browser.conftest import browser
from tests.chanx_asyncapi.codegen.typescript.toolchain import ROOT, bundle, compiler_errors, generated
from tests.servers import Server, ServerKind, Servers

__all__ = ["browser"]

DOCUMENT: Final = json.loads((ROOT / "tests" / "golden" / "asyncapi.json").read_text())
CLIENTS: Final = Path(__file__).parent
KINDS: Final[tuple[ServerKind, ...]] = ("uvicorn", "daphne")

#: What the scenario sees, wherever it runs.
EXPECTED: Final[dict[str, Any]] = {
    "refreshed": [
        ["connecting", False, None],
        ["waiting", False, 4401],
        ["connecting", False, None],
        ["open", False, None],
    ],
    "posted": ["alice", "Hello, @bob!"],
    "relayed": ["Hello, @bob!", False],
    "typing": {"user": "alice", "typing": True},
    "history": ["Hello, @bob!"],
    "defaults": "history",
    "pong": "pong",
    "failed": "string_too_short",
    "late": ["RequestTimeout"],
    "aborted": ["Error: changed my mind"],
    "ready": "string",
    "done": ["complete", True],
    "unread": True,
    "read": 0,
    "refused": [["SocketClosed", 4403], ["SocketClosed", 4404], ["SocketClosed", 4401], ["SocketClosed", 4401]],
    # The last one was refreshed, once.
    "sockets": 5,
    "afterwards": "Still here?",
    "states": ["closed", "closed", "closed"],
}


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scenario beside the generated client, in TypeScript that compiles under the strictest flags."""
    folder = tmp_path_factory.mktemp("clients") / "code"
    generated(DOCUMENT, folder / "sdk", "testing", "react")
    (folder / "scenario.ts").write_text((CLIENTS / "scenario.ts").read_text())
    assert compiler_errors(folder, isolatedDeclarations=False, noUnusedLocals=False) == []
    return folder


@pytest.fixture(scope="module")
def module(code: Path) -> Path:
    """The scenario as JavaScript in one file."""
    return bundle(code / "scenario.ts", code.parent / "scenario.js", "react")


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest, servers: Servers) -> Iterator[Server]:
    """A server that nobody else uses: it will be restarted."""
    server = servers.start(request.param, OF="the TypeScript client")
    yield server
    server.stop()


def check(seen: dict[str, Any]) -> None:
    restarted = seen.pop("restarted")
    assert seen == EXPECTED
    # However often it has tried meanwhile.
    assert restarted[0] == ["waiting", True]
    assert restarted[-1] == ["open", True]
    assert {state for state, _ in restarted} == {"waiting", "connecting", "open"}


def test_in_node(module: Path, server: Server, servers: Servers) -> None:
    """Node.js 20 has a WebSocket behind a flag, and from 22 on without one."""
    environment = json.dumps({"host": f"127.0.0.1:{server.port}", "alice": ALICE.token, "bob": BOB.token})
    program = f"""
        import {{ scenario }} from {json.dumps(str(module))};
        const restarted = new Promise((resolve) => process.stdin.once("data", resolve));
        const restart = () => (console.log("restart"), restarted);
        console.log(JSON.stringify(await scenario({{ ...{environment}, restart }})));
        process.stdin.destroy();
    """
    process = subprocess.Popen(
        ["node", "--experimental-websocket", "--no-warnings", "--input-type=module", "--eval", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    try:
        if process.stdout.readline() == "restart\n":
            servers.restart(server)
            process.stdin.write("done\n")
            process.stdin.flush()
        # It ends by itself: no timer and no socket is left.
        output, errors = process.communicate(timeout=60)
    finally:
        watchdog.cancel()
        process.kill()
    assert (process.returncode, errors) == (0, ""), errors
    check(json.loads(output))


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    """A page of the demo's origin, on which nothing is thrown."""
    context = browser.new_context()
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(server.http("/"))
    yield page
    context.close()
    assert complaints == []


def test_in_chromium(module: Path, server: Server, servers: Servers, page: Page) -> None:
    page.expose_function("restartServer", lambda: servers.restart(server))
    page.evaluate(
        "async (code) => { window.scenario = (await import(URL.createObjectURL(new Blob([code], "
        "{ type: 'text/javascript' })))).scenario; }",
        module.read_text(),
    )
    environment = {"host": f"127.0.0.1:{server.port}", "alice": ALICE.token, "bob": BOB.token}

    check(page.evaluate("(given) => window.scenario({ ...given, restart: window.restartServer })", environment))


def test_react_opens_one_socket_under_strict_mode(code: Path, browser: Browser) -> None:
    """React mounts each effect twice, in development, to find those that do not clean up."""
    (code / "strict_mode.ts").write_text((CLIENTS / "strict_mode.ts").read_text())
    (code.parent / "node_modules").symlink_to(ROOT / "tests" / "node_modules")
    module = bundle(code / "strict_mode.ts", code.parent / "strict_mode.js", environment="development")
    page = browser.new_context().new_page()
    page.set_content("<div></div>")
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)

    seen = page.evaluate(
        "async (code) => (await import(URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))))"
        ".strictMode(document.querySelector('div'))",
        module.read_text(),
    )

    assert complaints == []
    assert seen == {
        "mounted": [1, 0, "open 1: hello"],
        "mounted more than once": True,
        "moved": [2, 1, "open 1: hello 2: there", ["/ws/chat/1/", "/ws/chat/2/"]],
        "unmounted": [2, 2, ""],
        "afterwards": [2, 2],
    }
