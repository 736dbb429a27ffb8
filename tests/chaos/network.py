"""A network between clients and a server that delays what it carries, and now and then resets a connection."""

import asyncio
import random
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

#: Of the pieces that are carried, how many end the connection; and seconds that each takes at most.
RESETS: Final = 0.02
LONGEST_DELAY: Final = 0.02


@asynccontextmanager
async def bad_network(port: int) -> AsyncGenerator[int]:
    """Listens on a port of its own, which it gives, and carries what comes there to ``port``."""
    chance = random.Random(port)

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(4096):
            await asyncio.sleep(chance.uniform(0, LONGEST_DELAY))
            if chance.random() < RESETS:
                raise ConnectionResetError
            writer.write(piece)
            await writer.drain()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.transport.abort()
            return
        directions = [
            asyncio.create_task(carry(reader, onward_writer)),
            asyncio.create_task(carry(onward_reader, writer)),
        ]
        await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
        for direction in directions:
            direction.cancel()
        await asyncio.gather(*directions, return_exceptions=True)
        # An abort is a reset: nothing says goodbye.
        writer.transport.abort()
        onward_writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
