"""Clients that come back whatever happens, and remember everything that they were told."""

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

#: What the server said it cannot tell, in the place where the messages would have been.
LOSS = "loss"


@dataclass
class Client:
    """One client. Keeps its place as docs/protocol.md asks."""

    urls: Sequence[str]
    heard: list[int | str] = field(default_factory=list[int | str])
    connections: int = 0
    #: How the server has ended connections, by code; 1006 when it did not.
    closes: list[int] = field(default_factory=list[int])
    _name: str | None = None
    _positions: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])

    async def run(self) -> None:
        """Stays connected until it is cancelled."""
        while True:
            with suppress(OSError, WebSocketException, TimeoutError):
                resumes = ["chanx.resume"] if self._name is not None else []
                url = random.choice(self.urls)
                async with connect(url, subprotocols=["chanx.v1", *resumes], open_timeout=5) as socket:  # type: ignore[list-item]  # plain texts are its NewType
                    self.connections += 1
                    try:
                        await self._serve(socket)
                    finally:
                        self.closes.append(socket.close_code or 1006)
            await asyncio.sleep(random.uniform(0.02, 0.3))

    async def _serve(self, socket: ClientConnection) -> None:
        async for text in socket:
            frame = json.loads(text)
            match frame["action"]:
                case "authentication":
                    assert frame["payload"]["status_code"] == 200, frame
                case "positions":
                    if self._name is None:
                        self._name = frame["payload"]["client"]
                        self._positions = frame["payload"]["groups"]
                    else:
                        payload = {"client": self._name, "groups": self._positions}
                        await socket.send(json.dumps({"action": "resume", "payload": payload}))
                case "resumed":
                    for group, answer in frame["payload"]["groups"].items():
                        self._positions[group] = answer["position"]
                        if not answer["recovered"]:
                            self.heard.append(LOSS)
                case "tick":
                    self._positions[frame["group"]]["seq"] = frame["seq"]
                    self.heard.append(frame["payload"]["number"])
                case other:
                    raise AssertionError(f"unexpected {other}")

    def faults(self, last: int) -> list[str]:
        """What is wrong with what it has heard, when 1 to ``last`` were sent: nothing, or what it was not told."""
        found: list[str] = []
        expected = 1
        excused = False
        for each in self.heard:
            if isinstance(each, str):
                excused = True
            elif each < expected:
                found.append(f"{each} again, or too late")
            else:
                if each > expected and not excused:
                    found.append(f"{expected} to {each - 1} lost")
                expected, excused = each + 1, False
        if expected <= last and not excused:
            found.append(f"{expected} to {last} lost")
        return found
