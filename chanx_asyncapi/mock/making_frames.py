"""Frames that fit the document: from the examples of a message, or else from its schema."""

import copy
from collections.abc import Mapping
from random import Random
from typing import Any

from chanx_asyncapi.instances import Instances, NoInstanceError
from chanx_asyncapi.json_values import as_object, as_text
from chanx_asyncapi.mock.service import Kind, Service

#: AsyncAPI's notation for a value of another message.
#: https://www.asyncapi.com/docs/reference/specification/v3.1.0#runtimeExpression
EXPRESSION = "$message.payload#"


class FrameError(Exception):
    """No frame can be made; ``str()`` says of what, and why."""


class Frames:
    """Makes the frames that the mock sends."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._instances = Instances(service.document)
        self._usable: dict[int, list[Any]] = {}

    def make(self, kind: Kind, random: Random, *, answers: str | int | None = None) -> dict[str, Any]:
        """A frame of one kind, chosen by ``random``, which answers the frame with the id ``answers``.

        :raises FrameError: when the message has no example that fits it, and nothing can be made of its schema.
        """
        frame: dict[str, Any] = copy.deepcopy(random.choice(self._candidates(kind)))
        return self._tied(frame, kind, answers)

    def complete(
        self,
        given: Mapping[str, Any],
        kind: Kind,
        random: Random,
        *,
        answers: str | int | None = None,
        asked: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """A frame that somebody has written, without the keys of the envelope that need not be said.

        Texts that are a runtime expression stand for the value in the frame ``asked`` that they lead to.

        :raises FrameError: when it does not fit the document.
        """
        frame = dict(given)
        if any(key not in given for key in as_object(self._service.follow(kind.schema)).get("required", ())):
            frame = {**self.make(kind, random), **given}
        frame = self._tied(_filled_in(frame, asked or {}), kind, answers)
        if (wrong := self._service.misfit(kind.schema, frame)) is not None:
            raise FrameError(f"{kind.action} is not as the document describes it: {wrong}")
        return frame

    def _candidates(self, kind: Kind) -> list[Any]:
        key = id(kind)
        if key not in self._usable:
            schema = kind.schema
            fitting = [example for example in kind.examples if self._service.misfit(schema, example) is None]
            self._usable[key] = fitting or [self._made(kind)]
        return self._usable[key]

    def _made(self, kind: Kind) -> Any:
        try:
            frame = self._instances.make(kind.schema, kind.action)
        except NoInstanceError as error:
            raise FrameError(f"no frame can be made of {kind.action}: {error}. Give the message an example.") from error
        frame[self._service.envelope.action] = kind.action
        return frame

    def _tied(self, frame: dict[str, Any], kind: Kind, answers: str | int | None) -> dict[str, Any]:
        if kind.is_correlated:
            key = self._service.envelope.reply_to
            frame.pop(key, None)
            if answers is not None:
                frame[key] = answers
        return frame


def has_expressions(value: Any) -> bool:
    """Whether a frame that somebody has written repeats something of the frame that it answers."""
    match value:
        case dict():
            return any(map(has_expressions, value.values()))
        case list():
            return any(map(has_expressions, value))
        case _:
            return (as_text(value) or "").startswith(EXPRESSION)


def _filled_in(value: Any, asked: Mapping[str, Any]) -> Any:
    match value:
        case dict():
            return {key: _filled_in(item, asked) for key, item in value.items()}
        case list():
            return [_filled_in(item, asked) for item in value]
        case str() if value.startswith(EXPRESSION):
            return _looked_up(value, asked)
        case _:
            return value


def _looked_up(expression: str, asked: Any) -> Any:
    """What a JSON Pointer leads to (RFC 6901, 4)."""
    found = asked
    for step in expression.removeprefix(EXPRESSION).split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        try:
            found = found[int(key)] if isinstance(found, list) else found[key]
        except (LookupError, TypeError, ValueError):
            raise FrameError(f"{expression} leads nowhere in the frame that is answered") from None
    return found
