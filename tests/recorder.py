"""Holds each frame that a chanx consumer sends during the tests against the document that describes the consumer.

Frames are seen where they leave the consumer, in the ``send`` that the ASGI server has handed to it: whatever a class
overrides, and whoever the client is. Programs that tests start are watched as well, when they are started as
``python -m tests.recorder PROGRAM ARGUMENTS``: they write down what they send, and the tests read it.
"""

import glob
import json
import os
import runpy
import sys
from collections.abc import Awaitable, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO
from unittest.mock import patch

from django.apps import apps
from django.apps.registry import Apps
from jsonschema import Draft7Validator
from jsonschema.exceptions import best_match

#: The environment variable with the folder into which programs write their frames.
FOLDER: Final = "CHANX_RECORDED_FRAMES"

#: How much of a frame a complaint shows, in characters.
SHOWN: Final = 500

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sender:
    """A consumer class, and the settings under which one of its connections was opened."""

    consumer: type[Any]
    #: ``settings.CHANX`` at that moment, as JSON: two connections with the same are described once.
    chanx: str

    @classmethod
    def of(cls, consumer: object) -> "Sender":
        from django.conf import settings

        return cls(type(consumer), json.dumps(getattr(settings, "CHANX", {}), sort_keys=True))

    def describe(self) -> Document:
        """The document of this consumer alone, under those settings."""
        from channels.routing import URLRouter
        from django.test import override_settings

        from chanx.routing import path
        from chanx_asyncapi.describe import describe

        with override_settings(CHANX=json.loads(self.chanx)):
            return describe(URLRouter([path("", self.consumer)])).document.to_wire()


class Contract:
    """What the document of one consumer says about the frames that it sends."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._action_key: str = document["x-envelope"]["actionKey"]
        self._by_action: dict[str, list[Draft7Validator]] = {}
        for message in dict.fromkeys(self._sent()):
            payload = self._resolve(message)["payload"]
            action = self._resolve(payload["$ref"])["properties"][self._action_key]
            validator = Draft7Validator({**payload, "components": document["components"]})
            for name in action["enum"] if "enum" in action else [action["const"]]:
                self._by_action.setdefault(name, []).append(validator)

    def complaint(self, text: str) -> str | None:
        """What the document says against a frame; None when it is described."""
        try:
            frame = json.loads(text, parse_constant=_refuse, object_pairs_hook=_object)
        except ValueError as error:
            return f"it is no JSON: {error}"
        action = frame.get(self._action_key) if isinstance(frame, dict) else None
        if not isinstance(action, str) or action not in self._by_action:
            known = ", ".join(sorted(self._by_action)) or "none"
            return f"no sent message has the {self._action_key} {action!r}; the document has: {known}"
        complaints = [best_match(validator.iter_errors(frame)) for validator in self._by_action[action]]
        if None in complaints:
            return None
        return "; or ".join(f"{error.json_path}: {error.message}" for error in complaints if error is not None)

    def _sent(self) -> Iterator[str]:
        """The reference to each message that is sent, of its own accord or as a reply."""
        for operation in self._document["operations"].values():
            sends = operation if operation["action"] == "send" else operation.get("reply", {})
            for message in sends.get("messages", ()):
                yield self._resolve(message["$ref"])["$ref"]

    def _resolve(self, reference: str) -> Any:
        value: Any = self._document
        for key in reference.removeprefix("#/").split("/"):
            value = value[key]
        return value


@contextmanager
def watching(seen: Callable[[Sender, str], None]) -> Generator[None]:
    """Calls ``seen`` with each frame that a chanx consumer sends inside of this process, before it goes out."""
    with ExitStack() as stack:
        if apps.ready:
            stack.enter_context(_watched_consumers(seen))
        else:
            # A program that has only begun: consumers cannot be imported before Django is set up.
            populate = Apps.populate

            def populate_and_watch(self: Apps, *args: Any, **kwargs: Any) -> None:
                populate(self, *args, **kwargs)
                stack.enter_context(_watched_consumers(seen))

            stack.enter_context(patch.object(Apps, "populate", populate_and_watch))
        yield


@contextmanager
def _watched_consumers(seen: Callable[[Sender, str], None]) -> Generator[None]:
    from chanx.generic.receiving import ReceivingConsumer

    original: Any = ReceivingConsumer.__call__

    async def call(self: Any, scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:
        sender = Sender.of(self)

        async def watched_send(event: Any) -> None:
            if event["type"] == "websocket.send":
                # No document of ours has a binary frame: what stands for one here is no JSON.
                seen(sender, event["text"] if event.get("text") is not None else repr(event["bytes"]))
            await send(event)

        await original(self, scope, receive, watched_send)

    with patch.object(ReceivingConsumer, "__call__", call):
        yield


@dataclass
class Recorder:
    """Collects the frames of this process, and of the programs that write into ``folder``."""

    folder: Path
    #: How many frames a document was asked about, by where they were sent, and how many were exempt.
    checked: dict[str, int] = field(default_factory=lambda: {"here": 0, "in servers": 0})
    exempt: int = 0
    _sent: list[tuple[Sender, str]] = field(default_factory=list)
    _contracts: dict[Sender, Contract] = field(default_factory=dict)
    _programs: dict[str, "_Program"] = field(default_factory=dict)

    @contextmanager
    def recording(self) -> Generator[None]:
        seen = self._sent
        with (
            patch.dict(os.environ, {FOLDER: str(self.folder)}),
            watching(lambda sender, text: seen.append((sender, text))),
        ):
            yield

    def complaints(self, *, exempt: bool = False) -> list[str]:
        """What is undescribed among the frames since the last call, a sentence for each."""
        found: dict[str, None] = {}
        for where, consumer, contract, text in self._take():
            complaint = contract.complaint(text)
            if complaint is not None:
                found[f"{consumer} has sent what its document lacks: {complaint}\n  {text[:SHOWN]}"] = None
            if exempt:
                self.exempt += 1
            else:
                self.checked[where] += 1
        return list(found)

    def _take(self) -> Iterator[tuple[str, str, Contract, str]]:
        sent, self._sent[:] = self._sent[:], []
        for sender, text in sent:
            if sender not in self._contracts:
                self._contracts[sender] = Contract(sender.describe())
            yield "here", sender.consumer.spec.path, self._contracts[sender], text
        for file in sorted(glob.glob(f"{self.folder}/*.jsonl")):
            program = self._programs.setdefault(file, _Program(Path(file)))
            for consumer, contract, text in program.take():
                yield "in servers", consumer, contract, text


class _Program:
    """What one program has written down, read as it comes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._position = 0
        self._senders: list[tuple[str, Contract]] = []

    def take(self) -> Iterator[tuple[str, Contract, str]]:
        with self._file.open(encoding="utf-8") as lines:
            lines.seek(self._position)
            # The last line may be half written.
            while (line := lines.readline()).endswith("\n"):
                self._position = lines.tell()
                entry = json.loads(line)
                if "document" in entry:
                    self._senders.append((entry["consumer"], Contract(entry["document"])))
                else:
                    consumer, contract = self._senders[entry["sender"]]
                    yield consumer, contract, entry["text"]


class _Writer:
    """Writes each frame down, and before the first one of a sender its document."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._numbers: dict[Sender, int] = {}

    def seen(self, sender: Sender, text: str) -> None:
        if sender not in self._numbers:
            self._numbers[sender] = len(self._numbers)
            self._write({"consumer": sender.consumer.spec.path, "document": sender.describe()})
        self._write({"sender": self._numbers[sender], "text": text})

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._output.write(json.dumps(entry) + "\n")
        # A frame must be in the file before the client can have it.
        self._output.flush()


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is none of its numbers")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    if len(pairs) != len({key for key, _ in pairs}):
        raise ValueError(f"a key is there twice: {[key for key, _ in pairs]}")
    return dict(pairs)


def main() -> None:
    """Runs a program, a module or a script, in this process; its frames are written down if anybody reads them."""
    del sys.argv[0]
    program = sys.argv[0]
    if is_script := program.endswith(".py"):
        sys.path[0] = str(Path(program).resolve().parent)
    run: Any = runpy.run_path if is_script else runpy.run_module
    options: dict[str, Any] = {"run_name": "__main__"} if is_script else {"run_name": "__main__", "alter_sys": True}
    folder = os.environ.get(FOLDER)
    if folder is None:
        run(program, **options)
        return
    with Path(folder, f"{os.getpid()}.jsonl").open("w", encoding="utf-8") as output, watching(_Writer(output).seen):
        run(program, **options)


if __name__ == "__main__":
    main()
