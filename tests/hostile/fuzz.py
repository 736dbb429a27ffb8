"""Sends random messages to consumers in this process: ``python -m tests.hostile.fuzz --messages 1000000 --seed 1``.

Each message is a mutation, of the values in a valid message or of the letters of its text, and goes through the whole
consumer. It must be answered: by frames that the document describes, and by the ``complete`` that ends them, unless it
is too large, which closes the connection. Nothing may raise, and no consumer may end. The same seed sends the same.
"""

import argparse
import asyncio
import json
import logging
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

#: Messages that are sent before the answers are looked at; more than may wait in an inbox.
BATCH: Final = 100
#: Seconds after which a batch is not answered any more.
PATIENCE: Final = 60

#: What is valid, of every kind of type that the services take.
VALID: Final[Sequence[Mapping[str, Any]]] = (
    {"action": "ping"},
    {"action": "echo", "payload": {"a": [1, 2.5, None, True, "x"], "b": {"c": {}}}, "id": 7},
    {"action": "echo", "payload": "text", "id": "abc"},
    {"action": "measure", "payload": 1.5},
    {"action": "count", "payload": 12},
    {"action": "many", "payload": [1, 2, 3]},
    {"action": "fill", "payload": {"first_name": "Ada", "house_number": 4}},
    {"action": "match", "payload": "aaa"},
    {"action": "shapes", "payload": [{"kind": "circle", "radius": 1}, {"width": 2, "height": 3}, {"points": [[0, 1]]}]},
    {"action": "tree", "payload": {"name": "root", "children": [{"name": "leaf", "children": []}]}},
    {
        "action": "moment",
        "payload": {
            "when": "2026-02-28T12:00:00Z",
            "who": "6f1e2a60-0000-4000-8000-000000000000",
            "price": "12.50",
            "span": "PT5M",
            "data": "aGk=",
            "address": "127.0.0.1",
            "level": "high",
            "tags": ["a", "b"],
            "by_name": {"x": 1},
        },
    },
)

#: Values that parsers and validators stumble over.
ODD: Final[Sequence[Any]] = (
    None, True, False, 0, -1, 2**31, 2**63, -(2**63) - 1, 2**64, 10**308, 10**400, 1e308, 5e-324, -0.0, 0.1 + 0.2,
    float("nan"), float("inf"), float("-inf"), "", " ", "\0", "\x1b[31m", "\u2028", "\ufeff", "😀", "\ud800",
    "\udfff\ud800", "null", "NaN", "1e999", "0x10", "1" * 700, "a" * 70, "a" * 1000, "_" * 500, "../../etc",
    "<script>", "%s%n", "{}",
    "__class__", "__proto__", "constructor", [], {}, [[]], [None], {"": {}}, {"action": "ping"}, {"a": 1, "A": 2},
)  # fmt: skip

#: Keys that mean something to somebody.
KEYS: Final = (
    "action", "payload", "id", "reply_to", "replyTo", "is_mine", "type", "kind", "__class__", "__root__",
    "model_config", "first_name", "firstName", "", "\0", "a" * 100, "_" * 500, "\ud800", "error_id", "handler",
)  # fmt: skip

#: Pieces of JSON, and of what is nearly JSON.
TOKENS: Final = (
    "{", "}", "[", "]", ":", ",", '"', "\\", "\\u", "\\ud800", "\\u0000", "\\x41", "null", "true", "NaN", "-Infinity",
    "1e999", "-0", "01", "1.", ".5", "+1", "1E+400", "9" * 400, "[" * 70, '{"a":' * 70, "]" * 70, "//", "/**/", "'",
    "\n", "\r", "\t", " ", "\0", "\x7f", "\u2028", "\ufeff", "😀", '"action":', '"id":', '"payload":',
    "\\u0061ction", "\x1b[2J",
)  # fmt: skip


@dataclass
class Fuzzer:
    """Makes messages; the same seed makes the same."""

    random: Random
    #: Kinds of events made so far.
    made: Counter[str] = field(default_factory=Counter)

    def events(self) -> Iterator[dict[str, Any]]:
        """Events of a socket, as servers hand them over, without end."""
        while True:
            chance = self.random.random()
            if chance < 0.02:
                yield self._event("binary", bytes=self.random.randbytes(self.random.randrange(40)), text=None)
            elif chance < 0.03:
                yield self._event("empty", text="")
            elif chance < 0.031:
                yield self._event("large", text='{"action":"echo","payload":"' + "x" * 65_536 + '"}')
            elif chance < 0.034:
                unit = self._written(self._replacement(self.random.choice(VALID))) + ","
                text = '{"action":"shapes","payload":[' + unit * (65_000 // len(unit)) + "1]}"
                yield self._event("wide", text=text[:65_536])
            elif chance < 0.5:
                yield self._event("structure", text=self._written(self._mutated()))
            elif chance < 0.9:
                yield self._event(
                    "letters", text=self._spoiled(self._written(self._mutated(self.random.random() < 0.5)))
                )
            elif chance < 0.92:
                yield self._event("noise", text="".join(self.random.choices(TOKENS, k=self.random.randrange(1, 60))))
            else:
                yield self._event("valid", text=json.dumps(self.random.choice(VALID)))

    def _event(self, kind: str, **content: Any) -> dict[str, Any]:
        self.made[kind] += 1
        return {"type": "websocket.receive", **content}

    # -- values ----------------------------------------------------------------------------------------------

    def _mutated(self, really: bool = True) -> Any:
        message: Any = self.random.choice(VALID)
        if not really:
            return message
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 8))):
            message = self._mutate(message, 0)
        return message

    def _mutate(self, value: Any, depth: int) -> Any:
        if isinstance(value, Mapping) and value and self.random.random() < 0.85:
            return self._mutate_object(dict(value), depth)
        if isinstance(value, list) and value and self.random.random() < 0.8:
            return self._mutate_array(list(value), depth)
        return self._replacement(value)

    def _mutate_object(self, value: dict[Any, Any], depth: int) -> Any:
        key = self.random.choice([*value])
        match self.random.randrange(6):
            case 0:
                del value[key]
            case 1:
                value[self.random.choice(KEYS)] = self._replacement(value[key])
            case 2:
                value[self.random.choice(KEYS)] = value.pop(key)
            case _:
                value[key] = self._mutate(value[key], depth + 1)
        return value

    def _mutate_array(self, value: list[Any], depth: int) -> Any:
        place = self.random.randrange(len(value))
        match self.random.randrange(5):
            case 0:
                del value[place]
            case 1:
                value.insert(place, self._replacement(value[place]))
            case 2:
                value = value * self.random.choice((2, 5, 40))
            case _:
                value[place] = self._mutate(value[place], depth + 1)
        return value[:200]

    def _replacement(self, value: Any) -> Any:
        match self.random.randrange(5):
            case 0:
                return [value] * self.random.choice((1, 2, 10))
            case 1:
                return {self.random.choice(KEYS): value}
            case 2:
                deep = value
                for _ in range(self.random.choice((3, 5, 9, 61, 62, 63, 64, 65))):
                    deep = [deep] if self.random.random() < 0.5 else {"a": deep}
                return deep
            case _:
                return self.random.choice(ODD)

    # -- letters ---------------------------------------------------------------------------------------------

    def _written(self, value: Any) -> str:
        try:
            text = json.dumps(
                value,
                ensure_ascii=self.random.random() < 0.5,
                separators=(",", ":") if self.random.random() < 0.7 else None,
            )
        except RecursionError:
            return "[" * 1000
        if self.random.random() < 0.05:
            # The same object with a key twice, or with a key spelled by escapes.
            text = text.replace('"action"', '"\\u0061ction"', 1) if self.random.random() < 0.5 else text
            text = text.replace("{", '{"action":"ping",', 1)
        return text[:65_536]

    def _spoiled(self, text: str) -> str:
        for _ in range(self.random.choice((1, 1, 2, 4, 16))):
            place = self.random.randrange(len(text) + 1)
            match self.random.randrange(6):
                case 0:
                    text = text[:place] + text[place + 1 :]
                case 1:
                    text = text[:place] + text[place + self.random.randrange(1, 30) :]
                case 2:
                    text = text[:place] + self.random.choice(TOKENS) + text[place:]
                case 3:
                    text = (
                        text[:place]
                        + chr(self.random.choice((self.random.randrange(128), 0x2028, 0x1F600)))
                        + text[place + 1 :]
                    )
                case 4:
                    start = self.random.randrange(len(text) + 1)
                    text = text[:place] + text[start : start + self.random.randrange(1, 40)] + text[place:]
                case _:
                    text = text[:place]
        # What a server hands over has come as UTF-8.
        return text.encode("utf-8", "replace").decode()[:65_536]


class FuzzError(AssertionError):
    """The consumer has not done what it must; names the seed and the messages."""


@dataclass
class Target:
    """One consumer, under one set of settings, and a connection to it that is opened again when it is closed."""

    consumer: Any
    chanx: Mapping[str, Any]
    contract: Any
    answers: Counter[str] = field(default_factory=Counter)
    _known: set[str] = field(default_factory=set)

    async def take(self, events: Sequence[Mapping[str, Any]]) -> None:
        """Sends a batch; raises FuzzError unless each message is answered as it must be."""
        waiting = list(events)
        while waiting:
            answered, closed = await self._connection(waiting)
            if closed is None:
                assert answered == len(waiting)
                return
            too_large = waiting[answered]
            if closed != 1009 or len(too_large.get("text") or too_large.get("bytes") or "") * 4 <= 65_536:
                raise FuzzError(f"closed with {closed} after {too_large!r:.2000}")
            self.answers["closed"] += 1
            waiting = waiting[answered + 1 :]

    async def _connection(self, events: Sequence[Mapping[str, Any]]) -> tuple[int, int | None]:
        """How many of the events were answered, and the code of the close, if there was one."""
        arriving: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        arriving.put_nowait({"type": "websocket.connect"})
        key = self.chanx.get("MESSAGE_ACTION_KEY", "action")
        for event in events:
            text = event.get("text")
            arriving.put_nowait({**event, "text": text and text.replace('"action"', f'"{key}"')})
        done = asyncio.Event()
        answered, answers, code = 0, 0, None

        async def send(event: dict[str, Any]) -> None:
            nonlocal answered, answers, code
            if event["type"] == "websocket.close":
                code = event["code"]
                done.set()
            elif event["type"] == "websocket.send":
                if self._checked(event["text"]) == "complete":
                    if answers == 0:
                        raise FuzzError(f"no answer to {events[answered]!r:.2000}")
                    answered, answers = answered + 1, 0
                    if answered == len(events):
                        done.set()
                else:
                    answers += 1

        scope: dict[str, Any] = {
            "type": "websocket", "path": "/", "headers": [], "query_string": b"", "subprotocols": [],
            "asgi": {"spec_version": "2.3", "version": "3.0"},
        }  # fmt: skip
        connection = asyncio.create_task(self.consumer.as_asgi()(scope, arriving.get, send))
        finished = asyncio.create_task(done.wait())
        await asyncio.wait([connection, finished], timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not done.is_set():
            finished.cancel()
            why = "the consumer has ended" if connection.done() else "no answer"
            if connection.done() and not connection.cancelled() and connection.exception() is not None:
                raise FuzzError(f"{connection.exception()!r} at {events[answered]!r:.2000}")
            raise FuzzError(f"{why} at {events[answered]!r:.2000}")
        arriving.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(connection, PATIENCE)
        return answered, code

    def _checked(self, text: str) -> str:
        """The action of a frame that was sent; raises FuzzError for one that the document lacks."""
        if text not in self._known:
            complaint = self.contract.complaint(text)
            if complaint is not None:
                raise FuzzError(f"{complaint}: {text:.2000}")
            if len(self._known) < 100_000 and len(text) < 2000:
                self._known.add(text)
        frame = json.loads(text)
        action: str = frame[str(self.chanx.get("MESSAGE_ACTION_KEY", "action"))]
        if action == "error":
            errors = frame["payload"]
            for error in errors if isinstance(errors, list) else [errors]:
                self.answers[error.get("type") or error["code"]] += 1
        else:
            self.answers[action] += 1
        return action


class Loud(logging.Handler):
    """Raises nothing, but remembers what must not be logged: no message may make the server fail."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.failures: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.failures.append(self.format(record))


def targets() -> list[Target]:
    """Each way of a frame through a consumer, and each wire format."""
    from django.test import override_settings

    from tests.hostile.fuzz_service import FormattedConsumer, HookedRich, ReadingRich, Rich
    from tests.recorder import Contract, Sender

    found = []
    for consumer, chanx in (
        (Rich, {}),
        (HookedRich, {}),
        (ReadingRich, {}),
        (Rich, {"CAMELIZE": True}),
        (FormattedConsumer, {"MESSAGE_ACTION_KEY": "type", "STRICT_JSON": True, "MAX_DEPTH": 8}),
    ):
        chanx = {**chanx, "SEND_COMPLETION": True, "SEND_AUTHENTICATION_MESSAGE": False, "UNDECLARED_MESSAGES": "raise"}
        chanx |= {"LOG_RECEIVED_MESSAGE": False, "LOG_SENT_MESSAGE": False}
        sender = Sender(consumer, json.dumps(chanx, sort_keys=True))
        with override_settings(CHANX=chanx):
            found.append(Target(consumer, chanx, Contract(sender.describe())))
    return found


async def fuzz(messages: int, seed: int, chosen: Sequence[Target] | None = None) -> Counter[str]:
    """Sends as many messages; returns how often which answer came. Raises FuzzError."""
    from django.test import override_settings

    loud = Loud()
    logging.getLogger().addHandler(loud)
    level = logging.getLogger("chanx").level
    logging.getLogger("chanx").setLevel(logging.WARNING)
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: loud.failures.append(str(context)))
    fuzzer = Fuzzer(Random(seed))
    events = fuzzer.events()
    chosen = targets() if chosen is None else chosen
    left, number = messages, 0
    target = chosen[0]
    try:
        while left > 0:
            target = chosen[number % len(chosen)]
            batch = [next(events) for _ in range(min(BATCH, left))]
            with override_settings(CHANX=target.chanx):
                await target.take(batch)
            if loud.failures:
                raise FuzzError(f"logged: {loud.failures[0]}\nby one of {batch!r:.20000}")
            left -= len(batch)
            number += 1
    except FuzzError as error:
        raise FuzzError(f"seed {seed}, message {messages - left} and following, {target.consumer}: {error}") from error
    finally:
        logging.getLogger().removeHandler(loud)
        logging.getLogger("chanx").setLevel(level)
    total: Counter[str] = Counter()
    for target in chosen:
        total += target.answers
    for kind, made in fuzzer.made.items():
        total[f"sent {kind}"] = made
    return total


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.fuzz", description=__doc__)
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    import django

    django.setup()
    start, cpu = time.monotonic(), time.process_time()
    try:
        counted = asyncio.run(fuzz(options.messages, options.seed))
    except FuzzError as error:
        sys.exit(f"FAILED: {error}")
    print(f"{options.messages} messages, seed {options.seed}: 0 exceptions, 0 consumers ended, 0 undescribed answers")
    print(f"{time.process_time() - cpu:.1f} s CPU, {time.monotonic() - start:.1f} s")
    for name, number in counted.most_common():
        print(f"{number:9} {name}")


if __name__ == "__main__":
    main()
