"""Notices that nobody is there any more, which a socket alone may take a quarter of an hour for."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from websockets.exceptions import ConnectionClosed

from .connection import Connection
from .options import Options


async def beat(
    connection: Connection,
    options: Options,
    ping: Callable[[], str],
    heard: Callable[[], float],
) -> None:
    """Ask for a sign of life after each silence; without one, cut the connection off.

    :param ping: makes the frame that asks.
    :param heard: when something came last, by the clock of the event loop.
    """
    if options.heartbeat is None:
        return
    now = asyncio.get_running_loop().time
    while True:
        quiet = now() - heard()
        if quiet < options.heartbeat:
            await asyncio.sleep(options.heartbeat - quiet)
            continue
        before = heard()
        with suppress(ConnectionClosed):
            await connection.send(ping())
        await asyncio.sleep(options.heartbeat_timeout)
        if heard() == before:
            connection.abort()
            return
