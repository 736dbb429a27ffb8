"""A channel layer that chanx has never seen: the least that Channels' specification asks for."""

import asyncio
import itertools
from collections import defaultdict
from copy import deepcopy
from typing import Any


class ForeignLayer:
    """Derives from nothing, has no attributes that others have, and suspends in every call."""

    extensions = ("groups",)

    def __init__(self, **config: Any) -> None:
        self._numbers = itertools.count()
        self._queues: dict[str, asyncio.Queue[dict[str, Any]]] = defaultdict(asyncio.Queue)
        self._members: dict[str, set[str]] = defaultdict(set)

    async def new_channel(self, prefix: str = "foreign") -> str:
        await asyncio.sleep(0)
        return f"{prefix}.{next(self._numbers)}"

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await asyncio.sleep(0)
        self._queues[channel].put_nowait(deepcopy(message))

    async def receive(self, channel: str) -> dict[str, Any]:
        return await self._queues[channel].get()

    async def group_add(self, group: str, channel: str) -> None:
        await asyncio.sleep(0)
        self._members[group].add(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        await asyncio.sleep(0)
        self._members[group].discard(channel)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        for channel in tuple(self._members[group]):
            await self.send(channel, message)

    def members(self, group: str) -> int:
        return len(self._members[group])
