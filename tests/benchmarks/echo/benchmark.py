"""How long a small echo takes on plain Channels, on pydantic by hand, and on chanx.

Runs in this process, without sockets: what is measured is the path of a frame through the consumer.
"""

import argparse
import asyncio
import json
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import django

from tests.benchmarks.reports import Spread, table

FRAME = json.dumps({"action": "say", "payload": {"text": "Hello, how are you today?", "tags": ["a", "b"]}})


async def _echo(application: Any, count: int) -> float:
    """Seconds that an application takes to answer ``count`` frames."""
    arriving: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    arriving.put_nowait({"type": "websocket.connect"})
    accepted, answered = asyncio.Event(), asyncio.Event()
    answers = 0

    async def send(event: dict[str, Any]) -> None:
        nonlocal answers
        if event["type"] == "websocket.accept":
            accepted.set()
        elif event["type"] == "websocket.send":
            answers += 1
            if answers == count:
                answered.set()

    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": []}
    connection = asyncio.create_task(application(scope, arriving.get, send))
    await accepted.wait()
    start = time.perf_counter()
    for _ in range(count):
        arriving.put_nowait({"type": "websocket.receive", "text": FRAME})
    await answered.wait()
    elapsed = time.perf_counter() - start
    arriving.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await connection
    return elapsed


def _targets() -> dict[str, Callable[[], Any]]:
    from tests.benchmarks.echo.consumers import ChanxEcho, PlainEcho, PlainTypedEcho

    return {
        "plain Channels, untyped": PlainEcho.as_asgi,
        "plain Channels + pydantic by hand": PlainTypedEcho.as_asgi,
        "chanx": ChanxEcho.as_asgi,
    }


def measure(rounds: int, count: int) -> dict[str, Sequence[float]]:
    """Seconds of each round by target."""
    targets = _targets()
    seconds: dict[str, list[float]] = {name: [] for name in targets}
    for _ in range(rounds + 1):
        for name, make in targets.items():
            seconds[name].append(asyncio.run(_echo(make(), count)))
    # The first round warms everything up.
    return {name: values[1:] for name, values in seconds.items()}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first impression")


def run(options: argparse.Namespace) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    rounds, count = (5, 500) if options.quick else (25, 2000)
    seconds = measure(rounds, count)
    base = seconds["plain Channels, untyped"]
    print(f"Echo of a small message, {rounds} rounds of {count} frames; throughput against plain Channels, untyped\n")
    rows = [
        (name, f"{Spread.of_ratios(base, values):.2f}", f"{Spread.of(values).median / count * 1e6:.1f}")
        for name, values in seconds.items()
    ]
    print(table(("target", "throughput", "µs a frame"), rows))
