"""Servers of the targets, each in a process of its own."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.environments import Environment
from tests.benchmarks.harness.processes import Cores, cpu_seconds, memory_bytes, pin
from tests.benchmarks.harness.targets import Target

_ROOT: Final = Path(__file__).parents[3]

_UVICORN: Final = ("uvicorn", "--host", "127.0.0.1", "--lifespan", "off", "--no-access-log", "--log-level", "warning")
#: Commands, without the application and the port, by the name of a server.
SERVERS: Final[Mapping[str, Sequence[str]]] = {
    "uvicorn (websockets-sansio)": (*_UVICORN, "--ws", "websockets-sansio"),
    "uvicorn (websockets)": (*_UVICORN, "--ws", "websockets"),
    "uvicorn (wsproto)": (*_UVICORN, "--ws", "wsproto"),
    "daphne": ("daphne", "-b", "127.0.0.1", "-v", "0"),
    "hypercorn": ("hypercorn", "--log-level", "warning"),
    "granian": ("granian", "--interface", "asginl", "--host", "127.0.0.1", "--no-access-log", "--log-level", "warning"),
}
#: The one for whatever is not about servers.
DEFAULT_SERVER: Final = "uvicorn (websockets-sansio)"

_START_SECONDS: Final = 60
_STOP_SECONDS: Final = 20


@dataclass(frozen=True, slots=True)
class Credentials:
    """Of the one user in the database of the targets."""

    token: str
    session: str


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    target: Target
    port: int
    process: subprocess.Popen[bytes]
    log: Path
    #: Whether the load client runs elsewhere.
    has_own_core: bool

    def cpu_seconds(self) -> float:
        """The CPU time that it has taken until now."""
        return cpu_seconds(self.process.pid)

    def memory_bytes(self) -> int:
        """Its memory at this moment."""
        return memory_bytes(self.process.pid)


class Laboratory:
    """Starts servers, of any target that this machine has, and ends them with the block."""

    def __init__(self, peers: Path | None) -> None:
        self.cores = Cores.of_this_machine()
        self._peers = peers
        self._running: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Laboratory":
        self._temporary = tempfile.TemporaryDirectory()
        self._folder = Path(self._temporary.name)
        # What a peer's interpreter sees of this repository: the targets, but no package with the name of a peer.
        (self._folder / "peers").mkdir()
        (self._folder / "peers" / "tests").symlink_to(_ROOT / "tests")
        self._affinity = os.sched_getaffinity(0)
        pin(self.cores.client)
        return self

    def __exit__(self, *exception: object) -> None:
        for process in self._running:
            _stop(process)
        os.sched_setaffinity(0, self._affinity)
        self._temporary.cleanup()

    def credentials(self) -> Credentials:
        """Makes the database, and the user in it."""
        environment = Environment(Path(sys.executable), self._variables(None))
        script = _ROOT / "tests" / "benchmarks" / "targets" / "project.py"
        return Credentials(**json.loads(environment.run(script)))

    def has(self, target: Target) -> bool:
        """Whether a target can be measured here."""
        return target.peer is None or self._peers is not None

    @contextmanager
    def serve(
        self, *targets: Target, server: str = DEFAULT_SERVER, layer: str = "memory"
    ) -> Generator[dict[Target, Server]]:
        """Servers of those of the targets that can be measured here, until the end of the block.

        All of them run at once, so that rounds can interleave; whoever waits takes no time. ``layer`` is ``memory``,
        or the URL of a Redis, with the scheme ``redis+pubsub`` for that layer. Raises RuntimeError when one of them
        does not start.
        """
        running: dict[Target, Server] = {}
        try:
            for target in filter(self.has, targets):
                running[target] = self._start(target, server, layer)
            for started in running.values():
                self._wait(started)
            yield running
        finally:
            for each in running.values():
                _stop(each.process)
                self._running.remove(each.process)

    @contextmanager
    def redis(self) -> Generator[str]:
        """The address ``host:port`` of a Redis of its own, until the end of the block."""
        program = shutil.which("redis-server")
        if program is None:
            raise RuntimeError("redis-server is missing: `make test` installs it.")
        port = free_port()
        command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        self._running.append(process)
        try:
            _wait_for_port(port, process)
            yield f"127.0.0.1:{port}"
        finally:
            _stop(process)
            self._running.remove(process)

    def _start(self, target: Target, server: str, layer: str) -> Server:
        environment = Environment.of(target.peer, self._peers)
        assert environment is not None
        port = free_port()
        name, *options = SERVERS[server]
        where = [f"127.0.0.1:{port}"] if name == "hypercorn" else [str(port)]
        flag = {"daphne": "-p", "hypercorn": "--bind"}.get(name, "--port")
        log = self._folder / f"{port}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [str(environment.python), "-m", name, *options, flag, *where, f"{target.module}:application"],
                env={**environment.variables, **self._variables(target), "BENCHMARK_LAYER": layer},
                cwd=self._folder,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self._running.append(process)
        pin(self.cores.server, process.pid)
        return Server(target, port, process, log, has_own_core=self.cores.server is not None)

    def _variables(self, target: Target | None) -> dict[str, str]:
        is_ours = target is None or target.peer is None
        return {
            **(os.environ if target is None else {}),
            "PYTHONPATH": str(_ROOT if is_ours else self._folder / "peers"),
            "BENCHMARK_DATABASE": str(self._folder / "benchmark.sqlite3"),
            **(target.variables if target is not None else {}),
        }

    def _wait(self, server: Server) -> None:
        try:
            _wait_for_port(server.port, server.process)
        except RuntimeError as error:
            printed = server.log.read_text(errors="replace")
            raise RuntimeError(f"{server.target.name} did not start: {error}\n{printed}") from None


def free_port() -> int:
    """A port of this machine that nobody uses at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"nobody listens on port {port}, exit code {process.poll()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
