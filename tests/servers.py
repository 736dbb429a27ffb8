"""Real servers for tests: each ASGI server with the demo, and Redis. All on loopback, on ports that are free."""

import http.cookiejar
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Literal, Self

ROOT = Path(__file__).resolve().parent.parent

ServerKind = Literal["uvicorn", "uvicorn-websockets", "uvicorn-wsproto", "daphne", "hypercorn", "granian"]
"""An ASGI server, and its implementation of WebSockets where it has several. uvicorn's default is ``websockets`` in
its sans-I/O form."""

#: Seconds that a server gets to end by itself.
STOP_SECONDS = 10
#: Seconds until a server must answer; a loaded machine takes its time.
START_SECONDS = 120


@dataclass
class Server:
    """A running ASGI server."""

    kind: ServerKind
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    #: Of the process: whoever has the same is a process of the same project.
    environment: Mapping[str, str] = field(default_factory=dict)

    def ws(self, path: str) -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    def http(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, token: str = "") -> Any:
        """The JSON answer of the REST API; raises urllib's HTTPError for a refusal."""
        request = urllib.request.Request(
            self.http(path),
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json", **({"authorization": f"Token {token}"} if token else {})},
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            text = response.read()
            return json.loads(text) if text else None

    def log_in(self, username: str, password: str) -> str:
        """The Cookie header of a session, opened through the login page as a browser does."""
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        with opener.open(self.http("/api-auth/login/"), timeout=10) as page:
            page.read()
        csrf = next(cookie.value for cookie in jar if cookie.name == "csrftoken") or ""
        form = {"username": username, "password": password, "csrfmiddlewaretoken": csrf}
        with opener.open(self.http("/api-auth/login/"), urllib.parse.urlencode(form).encode(), timeout=10) as page:
            page.read()
        session = next((cookie.value for cookie in jar if cookie.name == "sessionid"), None)
        assert session, f"{username} could not log in; see {self.log}"
        return f"sessionid={session}"

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@dataclass
class Servers:
    """Starts servers of the demo with one prepared database each, and remembers them for reuse."""

    folder: Path
    _running: dict[str, Server] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._running.values():
            server.stop()

    def start(
        self,
        kind: ServerKind,
        *,
        chanx: Mapping[str, Any] | None = None,
        channel_layer: str = "",
        options: Sequence[str] = (),
        **environment: str,
    ) -> Server:
        """A server whose ``settings.CHANX`` has the given keys besides the demo's own; ``options`` are its arguments.

        It serves the demo and what :mod:`tests.contract.asgi` has besides, or what ``TEST_APPLICATION`` in the
        environment names. One that has ended is started again.
        """
        key = json.dumps([kind, chanx, channel_layer, options, environment], sort_keys=True)
        if key not in self._running or self._running[key].process.poll() is not None:
            self._running[key] = self._start(kind, chanx or {}, channel_layer, options, environment)
        return self._running[key]

    def _start(
        self,
        kind: ServerKind,
        chanx: Mapping[str, Any],
        channel_layer: str,
        options: Sequence[str],
        environment: Mapping[str, str],
    ) -> Server:
        number = next(self._numbers)
        env = {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'management'}",
            "DJANGO_SETTINGS_MODULE": "tests.contract.settings",
            "DEMO_DB": str(self.folder / f"{number}.sqlite3"),
            "CHANNEL_LAYER": channel_layer,
            "CONTRACT_CHANX": json.dumps(chanx),
            **environment,
        }
        self._copy_database(env)
        log = self.folder / f"{number}-{kind}.log"
        port, process = _launch(kind, 0, options, env, log)
        server = Server(kind, port, process, log, env)
        self._wait(server)
        return server

    def restart(self, server: Server, *options: str) -> None:
        """Ends a server and starts it again at the same port, with what it has stored."""
        server.stop()
        _, server.process = _launch(server.kind, server.port, options, server.environment, server.log)
        self._wait(server)

    def _copy_database(self, env: Mapping[str, str]) -> None:
        """Seeds one database for all, and gives each server a copy of its own."""
        seeded = self.folder / "seeded.sqlite3"
        if not seeded.exists():
            subprocess.run([sys.executable, "-c", _PREPARE], check=True, env={**env, "DEMO_DB": str(seeded)}, cwd=ROOT)
        # One that several servers share is there when the second one starts.
        if not Path(env["DEMO_DB"]).exists():
            shutil.copy(seeded, env["DEMO_DB"])

    def _wait(self, server: Server) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and server.process.poll() is None:
            try:
                with urllib.request.urlopen(server.http("/api-auth/login/"), timeout=10):
                    return
            except OSError:
                time.sleep(0.1)
        server.stop()
        raise RuntimeError(f"{server.kind} did not start:\n{server.log.read_text(errors='replace')}")


def _launch(
    kind: ServerKind, port: int, options: Sequence[str], environment: Mapping[str, str], log: Path
) -> tuple[int, subprocess.Popen[bytes]]:
    """A process that listens on ``port``, or with 0 on a free one, and which port that is."""
    # The listening socket is ours and handed over: its port cannot be taken by somebody else in between. But for
    # granian, which takes no socket.
    with socket.create_server(("127.0.0.1", port)) as listener, log.open("ab") as output:
        port, file = listener.getsockname()[1], listener.fileno()
        if kind == "granian":
            listener.close()
        # A suite may have another application than that of the contract tests.
        application = environment.get("TEST_APPLICATION", "tests.contract.asgi:application")
        command = [each.format(fd=file, port=port, application=application) for each in _COMMANDS[kind]]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.recorder", *command, *options],
            env=environment,
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[] if kind == "granian" else [file],
        )
    return port, process


#: Makes the database of one server, as `manage.py demo` does.
_PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from demo.seed import seed
seed()
"""

_APPLICATION: Final = "{application}"
_UVICORN: Final = ["uvicorn", _APPLICATION, "--lifespan", "off", "--no-access-log", "--fd", "{fd}"]
_COMMANDS: Mapping[ServerKind, list[str]] = {
    "uvicorn": [*_UVICORN, "--ws", "websockets-sansio"],
    "uvicorn-websockets": [*_UVICORN, "--ws", "websockets"],
    "uvicorn-wsproto": [*_UVICORN, "--ws", "wsproto"],
    "daphne": ["daphne", _APPLICATION, "--fd", "{fd}"],
    "hypercorn": ["hypercorn", _APPLICATION, "--workers", "0", "--bind", "fd://{fd}"],
    "granian": [
        "granian",
        _APPLICATION,
        "--interface",
        "asginl",
        "--loop",
        "asyncio",
        "--host",
        "127.0.0.1",
        "--port",
        "{port}",
    ],
}


#: Executes the texts on its input, each a JSON string in one line, and answers what they leave in ``answer``.
_SHELL: Final = """
import json, sys
import django
django.setup()
for line in sys.stdin:
    names = {"answer": None}
    exec(json.loads(line), names)
    print(json.dumps(names["answer"]), flush=True)
"""


class Shell:
    """A process of the project that serves nobody, like a task queue or ``manage.py shell``."""

    def __init__(self, server: Server, log: Path) -> None:
        self._server = server
        self._log = log

    def __enter__(self) -> Self:
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _SHELL],
                env=self._server.environment,
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                text=True,
                bufsize=1,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._process:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def run(self, text: str) -> Any:
        """What a piece of Python leaves in ``answer``. Raises AssertionError when it fails."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(text) + "\n")
        answer = self._process.stdout.readline()
        assert answer, self._log.read_text()
        return json.loads(answer)


class RedisServer:
    """A Redis server on a free port, which keeps nothing unless its options say so.

    :param options: of the program, such as ``"--appendonly", "yes"``.
    """

    def __init__(self, folder: Path, *options: str) -> None:
        self._folder = folder
        self._options = options

    def __enter__(self) -> Self:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(STOP_SECONDS)

    def start(self) -> None:
        """Starts it, or starts it again: on the same port, with what it has kept."""
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("redis-server is missing: run `make test`, which installs it, or install redis-server.")
        place = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder))
        command = (program, *place, "--save", "", *self._options)
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                    connection.sendall(b"PING\r\n")
                    # While it still reads its files it says LOADING.
                    if connection.recv(100).startswith(b"+PONG"):
                        return
            except OSError:
                pass
            time.sleep(0.05)
        self.__exit__(None, None, None)
        raise RuntimeError("redis-server did not start within 10 seconds.")

    def kill(self) -> None:
        """Ends it at once, as a crash would."""
        self._process.kill()
        self._process.wait(STOP_SECONDS)

    def pause(self) -> None:
        """Freezes it, until :meth:`resume`."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"
