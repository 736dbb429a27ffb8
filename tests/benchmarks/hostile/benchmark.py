"""How long the worst frame holds the event loop, and what a flood of frames with slow handlers costs other clients.

The frames go through a whole consumer in this process; what counts is the CPU time of its thread from a frame to its
answer, the least of several, because a busy machine makes it longer and never shorter. The flood comes from one client
of a real server (uvicorn), while another one measures its round trips.
"""

import argparse
import asyncio
import json
import logging
import os
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Final

import django

from tests.benchmarks.hostile.pathological import frames
from tests.benchmarks.reports import table

#: What no frame may exceed, in milliseconds.
LIMIT: Final = 50


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="fewer rounds, for a first impression")


def run(options: argparse.Namespace) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.contract.settings")
    django.setup()
    logging.getLogger("chanx").setLevel(logging.WARNING)
    rounds, trips = (2, 200) if options.quick else (7, 2000)
    held = asyncio.run(hold_times(rounds))
    slowest = sorted(held.items(), key=lambda item: -item[1])
    print(f"CPU time from a frame of 64 KiB to its answer; the limit is {LIMIT} ms\n")
    print(table(("frame", "ms"), [(name, f"{seconds * 1000:.1f}") for name, seconds in slowest]))
    print()
    flood(trips)
    worst, seconds = slowest[0]
    assert seconds * 1000 < LIMIT, f"{worst} holds the event loop for {seconds * 1000:.1f} ms"


async def hold_times(rounds: int) -> dict[str, float]:
    """Seconds that each pathological frame takes, by its name."""
    from django.test import override_settings

    from tests.hostile.fuzz_service import Rich

    with override_settings(CHANX={"LOG_RECEIVED_MESSAGE": False, "LOG_SENT_MESSAGE": False}):
        return {name: min([await _hold_time(Rich, text) for _ in range(rounds)]) for name, text in frames().items()}


async def _hold_time(consumer: Any, text: str) -> float:
    arriving: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    sent: asyncio.Queue[float] = asyncio.Queue()

    async def send(event: dict[str, Any]) -> None:
        if event["type"] == "websocket.send":
            sent.put_nowait(time.thread_time())

    scope = {"type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": []}
    connection = asyncio.create_task(consumer.as_asgi()(scope, arriving.get, send))
    arriving.put_nowait({"type": "websocket.connect"})
    await sent.get()
    # Whatever is made at the first frame of its kind.
    arriving.put_nowait({"type": "websocket.receive", "text": '{"action":"ping"}' + " " * 10_000})
    await sent.get()
    start = time.thread_time()
    arriving.put_nowait({"type": "websocket.receive", "text": text})
    end = await sent.get()
    arriving.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await connection
    return end - start


def flood(trips: int) -> None:
    """Measures the round trips of a client while another one sends all it can, and what the server needs for it."""
    from tests.hostile.conftest import counts, memory
    from tests.hostile.guarded import BUSIEST
    from tests.hostile.raw import RawClient, frame
    from tests.servers import Servers

    with tempfile.TemporaryDirectory() as folder, Servers(Path(folder)) as servers:
        server = servers.start("uvicorn", DJANGO_DEBUG="0")

        def percentiles() -> tuple[float, float]:
            with RawClient(server, "/ws/guarded/working/") as client:
                client.receive()
                taken: list[float] = []
                for _ in range(trips):
                    start = time.perf_counter()
                    client.send('{"action":"ping"}')
                    client.receive()
                    taken.append(time.perf_counter() - start)
            cuts = statistics.quantiles(taken, n=100)
            return cuts[49] * 1000, cuts[98] * 1000

        percentiles()
        quiet, before = percentiles(), memory(server)
        with RawClient(server, "/ws/guarded/working/") as flooding:
            flooding.set_patience(0.2)
            data = frame(json.dumps({"action": "work", "payload": 0.05, "padding": "x" * 2000})) * 200
            done = threading.Event()
            sent = 0

            def send() -> None:
                nonlocal sent
                while not done.is_set():
                    try:
                        flooding.send_raw(data)
                        sent += 200
                    except TimeoutError:
                        # TCP holds the client back; a part of the data may have gone, which nobody counts.
                        return

            thread = threading.Thread(target=send)
            thread.start()
            flooded = percentiles()
            grown = (memory(server) - before) / 2**20
            done.set()
            thread.join()
            busiest = counts(server)[BUSIEST]
    print(f"A flood: {sent} messages were taken from a client before TCP held it back; each takes its handler 50 ms\n")
    print(
        table(
            ("", "quiet", "flood"),
            [
                ("another client's round trip, p50, ms", f"{quiet[0]:.2f}", f"{flooded[0]:.2f}"),
                ("another client's round trip, p99, ms", f"{quiet[1]:.2f}", f"{flooded[1]:.2f}"),
                ("handlers in flight, at most", "", str(busiest)),
                ("growth of the server's memory, MB", "", f"{grown:.1f}"),
            ],
        )
    )
    assert busiest == 1, f"{busiest} handlers at the same time"
    assert grown <= 20, f"{grown:.1f} MB more"
