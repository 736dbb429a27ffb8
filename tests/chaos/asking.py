"""Clients that ask until they know, and what they have been told: requests that may be sent again."""

import asyncio
import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException


@dataclass
class Answers:
    """What clients were told: of each number the nonce of its effect, or the code of the error."""

    nonces: dict[int, str] = field(default_factory=dict[int, str])
    errors: dict[int, str] = field(default_factory=dict[int, str])

    def faults(self, effects: Path, numbers: Sequence[int]) -> list[str]:
        """What is wrong, when each of ``numbers`` was asked for: nothing."""
        seen: dict[int, list[str]] = {}
        for line in effects.read_text(encoding="utf-8").splitlines():
            number, nonce = line.split()
            seen.setdefault(int(number), []).append(nonce)
        found = [f"{number} had its effect {len(each)} times" for number, each in seen.items() if len(each) > 1]
        found += [
            f"{number} was answered with another effect than it had"
            for number, nonce in self.nonces.items()
            if seen.get(number) != [nonce]
        ]
        found += [f"nobody knows of {number}" for number in numbers if number not in self.nonces | self.errors]
        return found


@dataclass
class Asker:
    """A client written by hand, by docs/protocol.md. Asks for one number after the other."""

    urls: Sequence[str]
    numbers: Sequence[int]
    answers: Answers
    #: Requests that were answered only when they were sent again.
    repeated: int = 0

    async def run(self) -> None:
        """Until it knows of each number."""
        waiting = list(self.numbers)
        sender: str | None = None
        while waiting:
            with suppress(OSError, WebSocketException, TimeoutError):
                async with connect(random.choice(self.urls), subprotocols=["chanx.v1"], open_timeout=5) as socket:  # type: ignore[list-item]  # plain texts are its NewType
                    name = await self._name(socket)
                    while waiting:
                        frame: dict[str, Any] = {"action": "add", "payload": {"number": waiting[0]}, "id": waiting[0]}
                        is_repeat = sender is not None
                        if is_repeat:
                            frame["retry"] = sender
                        # From here on it may have arrived.
                        sender = sender or name
                        await socket.send(json.dumps(frame))
                        self._take(json.loads(await asyncio.wait_for(socket.recv(), 30)), waiting[0])
                        self.repeated += is_repeat
                        waiting.pop(0)
                        sender = None
            await asyncio.sleep(random.uniform(0.02, 0.2))

    async def _name(self, socket: ClientConnection) -> str:
        while True:
            frame = json.loads(await socket.recv())
            if frame["action"] == "positions":
                return str(frame["payload"]["client"])

    def _take(self, frame: dict[str, Any], number: int) -> None:
        assert frame["reply_to"] == number, frame
        if frame["action"] == "added":
            assert frame["payload"]["number"] == number
            self.answers.nonces[number] = frame["payload"]["nonce"]
        else:
            self.answers.errors[number] = frame["payload"]["code"]
