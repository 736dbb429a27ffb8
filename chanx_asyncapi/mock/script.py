"""What a mock is told to do, from a file in YAML or JSON: the exact form of it, held against the document.

Whatever a script does not say, the document does.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from chanx_asyncapi.json_values import same
from chanx_asyncapi.mock.making_frames import FrameError, Frames, has_expressions
from chanx_asyncapi.mock.service import Line, Service
from chanx_asyncapi.reading import UnreadableDocumentError, read_document

Seconds = Annotated[float, Field(ge=0, le=3600)]
Frame = dict[str, JsonValue]
#: RFC 6455, 7.4: what an endpoint may send.
Code = Annotated[int, Field(ge=1000, le=4999)]


class ScriptError(Exception):
    """A script cannot be read, or does not fit the document; ``str()`` has a line for each mistake."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Step(_Part):
    """One thing to do, after waiting for ``after`` seconds; nothing but the waiting if nothing else is said."""

    after: Seconds = 0
    #: The action of a message, whose frame is made from the document, or a frame. It carries the ``reply_to``.
    reply: str | Frame | None = None
    #: The same, without ``reply_to``.
    send: str | Frame | None = None
    #: A text that is sent as it is, whatever the document says: for clients that must survive it.
    raw: str | None = None
    #: The error frame of a failed handler, with this text.
    fail: str | None = None
    #: Closes with this code.
    close: Code | None = None
    reason: Annotated[str, Field(max_length=123)] = ""
    #: Cuts the connection off, without a close.
    drop: Literal[True] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> "Step":
        given = [name for name in ("reply", "send", "raw", "fail", "close", "drop") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} are different steps: write one after the other")
        return self


class Rule(_Part):
    """What is done about a message."""

    #: What the frame must hold, besides whatever else it holds.
    when: Frame = {}
    #: For how many frames of a connection; without it, for all.
    times: Annotated[int, Field(ge=1)] | None = None
    #: Done before the next frame is read.
    do: list[Step] = []
    #: Done while other frames are handled.
    later: list[Step] = []


class Credentials(_Part):
    """What a client connects with."""

    #: The whole value of the header Authorization, or what the subprotocols say in place of it.
    authorization: str | None = None
    query: dict[str, str] = {}
    parameters: dict[str, str] = {}


class Answer(_Part):
    """How an authentication ends."""

    when: Credentials = Credentials()
    #: For how many connections; without it, for all.
    times: Annotated[int, Field(ge=1)] | None = None
    after: Seconds = 0
    #: HTTP's status: 200 lets the client in.
    status: Annotated[int, Field(ge=200, le=599)] = 200
    #: The detail of the frame; by default HTTP's phrase.
    detail: str | None = None
    #: What is told besides.
    data: Frame = {}
    retry_after: Seconds | None = None
    #: The code of the close; by default what chanx closes with for this status.
    code: Code | None = None


class ChannelScript(_Part):
    """What happens on a channel."""

    #: The first that fits a client counts; a client that none fits is let in.
    authentication: list[Answer] = []
    #: Done once a client was let in, while its frames are handled.
    connect: list[Step] = []
    #: By the action of a received message: the first rule that fits counts. Without one, the document answers.
    messages: dict[str, list[Rule]] = {}


class Script(_Part):
    """All that a mock is told."""

    channels: dict[str, ChannelScript] = {}

    def of(self, line: Line) -> ChannelScript:
        """The script of a channel, which it may name by its key or by its address."""
        return self.channels.get(line.key) or self.channels.get(line.address) or ChannelScript()


def read_script(file: Path) -> Script:
    """Return the script in a file.

    :raises ScriptError: when there is none in it.
    """
    try:
        return parse_script(read_document(file), name=str(file))
    except UnreadableDocumentError as error:
        raise ScriptError(str(error)) from error


def parse_script(data: Mapping[str, Any], *, name: str = "The script") -> Script:
    """Return a script from its JSON shape. Raises ScriptError."""
    try:
        return Script.model_validate(data)
    except ValidationError as error:
        mistakes = (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_url=False))
        raise ScriptError("\n".join(f"{name}: {mistake}" for mistake in mistakes)) from error


def check(script: Script, service: Service, frames: Frames) -> None:
    """Hold a script against the document. Raises ScriptError when it names what is not there, or writes what does not
    fit."""
    mistakes = [*_mistakes(script, service, frames)]
    if mistakes:
        raise ScriptError("\n".join(mistakes))


def fits(pattern: Any, value: Any) -> bool:
    """Whether a value holds what a pattern says: objects may hold more, everything else is the same."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(key in value and fits(part, value[key]) for key, part in pattern.items())
    return same(pattern, value)


def _mistakes(script: Script, service: Service, frames: Frames) -> Iterator[str]:
    lines = {name: line for line in service.lines for name in (line.key, line.address)}
    for name, told in script.channels.items():
        if name not in lines:
            known = ", ".join(line.key for line in service.lines)
            yield f"channels.{name}: the document has no such channel; it has {known}."
            continue
        line = lines[name]
        yield from _in_steps(told.connect, f"channels.{name}.connect", line, service, frames)
        for action, rules in told.messages.items():
            where = f"channels.{name}.messages.{action}"
            if action not in line.received:
                known = ", ".join(line.received) or "none"
                yield f"{where}: clients send no such message on this channel; they send {known}."
            for number, rule in enumerate(rules):
                yield from _in_steps(rule.do, f"{where}.{number}.do", line, service, frames)
                yield from _in_steps(rule.later, f"{where}.{number}.later", line, service, frames)


def _in_steps(steps: list[Step], where: str, line: Line, service: Service, frames: Frames) -> Iterator[str]:
    for number, step in enumerate(steps):
        written = step.reply if step.reply is not None else step.send
        if written is None:
            continue
        action = written if isinstance(written, str) else written.get(service.envelope.action)
        kind = line.sent.get(action) if isinstance(action, str) else None
        if kind is None:
            known = ", ".join(line.sent) or "none"
            yield f"{where}.{number}: the server sends no message {action!r} on this channel; it sends {known}."
            continue
        try:
            if isinstance(written, str):
                frames.make(kind, Random(0))  # noqa: S311  # nothing is secret
            elif not has_expressions(written):
                frames.complete(written, kind, Random(0))  # noqa: S311 - no secret
        except FrameError as error:
            yield f"{where}.{number}: {error}"
