"""How long it takes to make a client of a document, as somebody who runs the command waits for it.

Each measurement is a fresh process: CPU seconds from its start to its end, imports included, for one document. The
peers make types only, with neither channels nor a connection. Each target must have made something of all messages.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.reports import Spread, table

_ROOT: Final = Path(__file__).parents[3]
_ROUNDS: Final = {10: 5, 100: 5, 1000: 3}
_QUICK_ROUNDS: Final = {10: 1, 100: 1}

_CHANX: Final = "from chanx_asyncapi.cli import main; main()"
#: As the guide says (docs/guide/document.md, "With other tools").
_DATAMODEL: Final = (
    *("--input-file-type", "asyncapi", "--output-model-type", "pydantic_v2.BaseModel"),
    *("--formatters", "builtin", "--enum-field-as-literal", "all"),
)
_MODELINA: Final = str(_ROOT / "tests" / "contract" / "modelina.mjs")

Command = Callable[[Path, Path], Sequence[str]]
_TARGETS: Final[Mapping[str, Command]] = {
    "chanx client typescript": lambda document, out: _chanx("typescript", document, out),
    "chanx client python": lambda document, out: _chanx("python", document, out),
    "datamodel-code-generator": lambda document, out: [
        *(sys.executable, "-m", "datamodel_code_generator", "--input", str(document), "--output", str(out / "models")),
        *_DATAMODEL,
    ],
    "modelina": lambda document, out: ["node", _MODELINA, str(document), str(out)],
}


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--quick", action="store_true", help="one round, and no large document")


def run(options: argparse.Namespace) -> None:
    rounds: Mapping[int, int] = _QUICK_ROUNDS if options.quick else _ROUNDS
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory() as folder:
        for messages, count in rounds.items():
            document = Path(folder, f"{messages}.json")
            document.write_text(json.dumps(service(messages)))
            measured: dict[str, list[float]] = {name: [] for name in _TARGETS}
            for number in range(count):
                for name, command in _TARGETS.items():
                    out = Path(folder, f"{messages}-{number}-{len(measured[name])}-{name.replace(' ', '-')}")
                    out.mkdir()
                    measured[name].append(_seconds(command(document, out)))
                    _expect_all(out, messages)
            for name, values in measured.items():
                rows.append([messages, name, f"{Spread.of(values):.2f}"])
    print(table(["messages", "generator", "CPU seconds"], rows))


def _chanx(language: str, document: Path, out: Path) -> Sequence[str]:
    return [sys.executable, "-c", _CHANX, "client", language, str(document), "--out", str(out / "client")]


def _seconds(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _expect_all(out: Path, messages: int) -> None:
    """Raises AssertionError when a message is missing: who makes less is faster."""
    text = "".join(path.read_text() for path in out.rglob("*") if path.suffix in (".py", ".ts"))
    missing = [number for number in range(messages) if f"field_of_{number}:" not in text.replace("?:", ":")]
    camel = [number for number in missing if f"fieldOf_{number}" not in text and f"fieldOf{number}" not in text]
    assert not camel, f"{len(camel)} of {messages} messages are missing in {out.name}, the first one is {camel[0]}"


def service(messages: int) -> dict[str, Any]:
    """A document with so many messages, a channel for each fifty of them; every second one is sent by the server."""
    schemas: dict[str, Any] = {
        "app.models.Author": _object(
            "Author", ["name"], name={"type": "string", "maxLength": 50}, age={"type": "integer"}
        )
    }
    components: dict[str, Any] = {}
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for number in range(messages):
        action = f"message_{number}"
        payload, frame = f"app.messages.Payload{number}", f"app.messages.Message{number}"
        schemas[payload] = _object(
            f"Payload{number}",
            [f"field_of_{number}", "author"],
            **{f"field_of_{number}": {"type": "string", "description": "What it is about.", "minLength": 1}},
            author={"$ref": "#/components/schemas/app.models.Author"},
            at={"type": "string", "format": "date-time"},
            mood={"title": f"Mood{number}", "type": "string", "enum": ["good", "bad", "so so"]},
            tags={"type": "array", "items": {"type": "string"}},
            parent={"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None},
        )
        schemas[frame] = _object(
            f"Message{number}",
            ["action", "payload"],
            action={"type": "string", "const": action},
            payload={"$ref": f"#/components/schemas/{payload}"},
        )
        components[frame] = {
            "name": action,
            "title": f"Message{number}",
            "description": f"Says that {number} has happened.",
            "payload": {"$ref": f"#/components/schemas/{frame}"},
        }
        channel = f"channel_{number // 50}"
        channels.setdefault(channel, {"address": f"/ws/{channel}/", "messages": {}})
        channels[channel]["messages"][action] = {"$ref": f"#/components/messages/{frame}"}
        operations[f"operation_{number}"] = {
            "action": "send" if number % 2 else "receive",
            "channel": {"$ref": f"#/channels/{channel}"},
            "description": f"What happens with {number}.",
            "messages": [{"$ref": f"#/channels/{channel}/messages/{action}"}],
        }
    return {
        # The newest one that modelina understands.
        "asyncapi": "3.0.0",
        "info": {"title": "Large", "version": "1.0.0"},
        "servers": {"default": {"host": "localhost", "protocol": "ws"}},
        "channels": channels,
        "operations": operations,
        "components": {"schemas": schemas, "messages": components},
    }


def _object(title: str, required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "title": title, "properties": properties, "required": required}
