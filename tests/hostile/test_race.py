"""Frames that race with an authentication which fails: none of them may be handled, on any server.

``make race`` makes ten thousand attempts on each implementation. What varies is when a frame is sent: with the
handshake, in the same TCP segment; as soon as the handshake is answered; around the moment at which the refusal is
decided; and behind the close.
"""

import asyncio
import base64
import os
from collections import Counter
from contextlib import suppress
from random import Random
from typing import Final

import pytest

from tests.hostile.conftest import KINDS, Hostile, counts
from tests.hostile.guarded import RACE_SECONDS
from tests.hostile.raw import CLOSE, frame
from tests.servers import Server, ServerKind, Servers

#: How many attempts on each server; the Makefile says it.
ATTEMPTS: Final = int(os.environ.get("RACE_ATTEMPTS", "150"))
#: Connections at the same time.
ABREAST: Final = 16

TOUCH: Final = '{"action":"touch"}'
#: Addresses that let nobody in, and how they find out: in a thread that sleeps, in the database, and at once.
ADDRESSES: Final = ("/ws/guarded/racing/", "/ws/guarded/touching/", "/ws/guarded/denied/")


async def attempt(server: Server, random: Random, seen: Counter[str]) -> None:
    """One client, whose frames come when the seed says."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    try:
        handshake = (
            f"GET {random.choice(ADDRESSES)} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {base64.b64encode(random.randbytes(16)).decode()}\r\n"
            "Sec-WebSocket-Version: 13\r\nAuthorization: Token nobody\r\n\r\n"
        ).encode()
        frames = frame(TOUCH) * random.choice((1, 1, 3, 40))
        when = random.choice(("with the handshake", "at once", "later", "again and again"))
        writer.write(handshake + frames if when == "with the handshake" else handshake)
        status = await reader.readuntil(b"\r\n\r\n")
        if b" 101" not in status.split(b"\r\n", 1)[0]:
            # hypercorn answers 400 to whoever does not wait for the answer to its handshake.
            seen["refused by the server"] += 1
            return
        if when == "at once":
            writer.write(frames)
        elif when == "later":
            await asyncio.sleep(random.uniform(0, 2 * RACE_SECONDS))
            writer.write(frames)
        elif when == "again and again":
            for _ in range(10):
                writer.write(frame(TOUCH))
                await asyncio.sleep(random.uniform(0, RACE_SECONDS / 4))
        seen[await closed(reader)] += 1
        # And behind the close, which is not answered.
        writer.write(frames)
        await writer.drain()
    except OSError:
        seen["cut off"] += 1
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def closed(reader: asyncio.StreamReader) -> str:
    """The code with which the server closes."""
    try:
        while True:
            opcode, size = await reader.readexactly(2)
            if size == 126:
                size = int.from_bytes(await reader.readexactly(2))
            payload = await reader.readexactly(size)
            if opcode & 0x0F == CLOSE:
                return str(int.from_bytes(payload[:2]))
    except asyncio.IncompleteReadError:
        return "cut off"


async def race(server: Server, attempts: int, seed: int) -> Counter[str]:
    """Makes the attempts, some at a time; returns how they have ended."""
    random, seen = Random(seed), Counter[str]()
    left = iter(range(attempts))

    async def lane() -> None:
        for _ in left:
            await asyncio.wait_for(attempt(server, random, seen), 60)

    await asyncio.gather(*(lane() for _ in range(ABREAST)))
    return seen


@pytest.mark.parametrize("kind", KINDS)
def test_no_frame_is_handled_before_an_authentication_that_fails(kind: ServerKind, servers: Servers) -> None:
    server = servers.start(kind, DJANGO_DEBUG="0")
    # The counter counts: whoever is let in leaves a trace.
    before = counts(server)["touched behind a guard"]
    with Hostile.at(server, "/ws/guarded/accepted/") as hostile:
        hostile.client.receive()
        hostile.ask(TOUCH)
    assert counts(server)["touched behind a guard"] == before + 1

    seen = asyncio.run(race(server, ATTEMPTS, seed=len(kind)))
    handled = counts(server)["touched behind a guard"] - before - 1
    print(f"{kind}: {ATTEMPTS} attempts, {handled} handled; closed: {dict(seen)}")
    assert handled == 0
    # Most attempts have come as far as the refusal; the others, the server itself has refused.
    assert seen["4401"] + seen["4403"] >= ATTEMPTS * (0.6 if kind == "hypercorn" else 0.9), seen
