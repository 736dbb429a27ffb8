"""Examples of messages, as frames that really could travel: the declared ones, or else some made from the schema.

docs/decisions/0019-made-examples.md says what is made, and what is left out.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.component_keys import COMPONENTS
from chanx_asyncapi.describe.conversations import Frame
from chanx_asyncapi.describe.definitions import in_one_line
from chanx_asyncapi.describe.draft7 import Schema
from chanx_asyncapi.describe.example_forms import Given, given_examples
from chanx_asyncapi.describe.made_frames import MadeFrames
from chanx_asyncapi.describe.names import MISUNDERSTOOD, class_path
from chanx_asyncapi.describe.system_examples import SYSTEM_EXAMPLES
from chanx_asyncapi.describe.wire_values import WireValues
from chanx_asyncapi.instances import Instances, with_ordered_sets
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import MessageExample
from chanx_asyncapi.validation.values import misfit

_GIVEN: Final = "Given by the authors of the service."
_MADE: Final = "Made from the schema"
_NULL: Final = {"type": "null"}
#: Alternatives of a payload that are shown.
_MAX_ALTERNATIVES: Final = 5


class UnfitExampleError(Exception):
    """An example does not fit the schema that it is an example of."""


class Examples:
    """The examples of one document."""

    def __init__(self, components: Mapping[str, Schema], wire: WireFormat) -> None:
        self.problems: list[Problem] = []
        self._components = components
        self._document = {"components": {"schemas": components}}
        self._wire = wire
        self._values = WireValues(wire)
        self._instances = Instances(self._document)
        self._frames = MadeFrames(self._instances, wire)

    def of(self, frame: Frame, key: str, declared: Any, envelope: Collection[str]) -> tuple[MessageExample, ...]:
        """The examples of a frame. A declared one that is wrong becomes a problem, what cannot be made is left out.

        :param key: of the schema of the frame.
        :param declared: what the message has under ``examples``, in any form; None where there is nothing.
        :param envelope: the keys of the schema that are not the message's own.
        """
        given = SYSTEM_EXAMPLES.get(frame.message, ()) if declared is None else tuple(given_examples(declared))
        if declared is not None and not given:
            # Whoever wants none says so with an empty list.
            return ()
        return tuple(self._given(frame, key, given, envelope)) or tuple(self._made_of(frame, key, envelope))

    def checked(self, frame: Frame, key: str, example: Any, envelope: Collection[str] = ()) -> Any:
        """The frame that an example means: such a frame, one with Python's names, or a message.

        Raises :class:`UnfitExampleError` when it does not fit the schema, or whatever validators of the message raise.
        The parameters are those of :meth:`of`.
        """
        around: dict[str, Any] = {}
        if isinstance(example, Mapping):
            around = {name: value for name, value in example.items() if name in envelope}
            example = {name: value for name, value in example.items() if name not in around}
        try:
            value = self._values.on_wire(frame.message, example, frame.direction)
        except Exception:  # validators of the user's run here, and may raise anything
            # Not all that is written can be read again.
            if frame.direction == "received" or misfit(self._components[key], example, self._document):
                raise
            value = example
        if frame.direction == "sent":
            value = with_ordered_sets(value, self._components[key], self._instances)
        value = {**value, **around}
        if reason := misfit(self._components[key], value, self._document):
            raise UnfitExampleError(reason)
        if _is_misunderstood(value):
            raise UnfitExampleError(f"tools misunderstand data with a key among {', '.join(sorted(MISUNDERSTOOD))}")
        return value

    def _given(
        self, frame: Frame, key: str, given: tuple[Given, ...], envelope: Collection[str]
    ) -> Iterator[MessageExample]:
        for number, example in enumerate(given, 1):
            try:
                payload = self.checked(frame, key, example.value, envelope)
            except Exception as error:  # validators of the user's run here, and may raise anything
                reason = str(error) if isinstance(error, UnfitExampleError) else in_one_line(error)
                self.problems.append(
                    Problem(
                        code=Code.DECLARED_EXAMPLE,
                        where=(class_path(frame.message), "examples"),
                        text=f"a declared example is no valid message: {reason}.",
                        way_out="Correct it in json_schema_extra, or in @asyncapi(examples=[…]).",
                    )
                )
                continue
            name = example.name or f"example-{number}"
            yield MessageExample(name=name, summary=example.summary or _GIVEN, payload=payload)

    def _made_of(self, frame: Frame, key: str, envelope: Collection[str]) -> Iterator[MessageExample]:
        schema = self._components[key]
        own = {name: part for name, part in schema.get("properties", {}).items() if name not in envelope}
        alternatives = tuple(self._alternatives(own))
        made: list[Any] = []
        for title, payload in alternatives:
            value = self._frame(frame, {**schema, "properties": own | payload})
            if value is None or value in made or _is_misunderstood(value):
                continue
            made.append(value)
            summary = f"{_MADE}, with {title} as its payload." if len(alternatives) > 1 else f"{_MADE}."
            yield MessageExample(name=f"example-{len(made)}", summary=summary, payload=value)

    def _frame(self, frame: Frame, schema: Schema) -> Any:
        try:
            return self._frames.make(frame, schema)
        except Exception:  # NoInstanceError, or what hooks and validators of the user's raise
            return None

    def _alternatives(self, properties: Mapping[str, Any]) -> Iterator[tuple[str, Schema]]:
        """What the payload may be, if it may be several things: a name, and the property with one of them."""
        name = self._wire.key("payload")
        payload = properties.get(name)
        keywords: Schema = payload if isinstance(payload, dict) else {}
        options = [each for keyword in ("oneOf", "anyOf") for each in keywords.get(keyword, ()) if each != _NULL]
        if len(options) < 2 or "examples" in keywords or not all(isinstance(each, dict) for each in options):
            yield "", {}
            return
        for option in options[:_MAX_ALTERNATIVES]:
            target = self._components.get(option.get("$ref", "").removeprefix(COMPONENTS), option)
            yield str(target.get("title", target.get("type", "any value"))), {name: option}


def _is_misunderstood(value: Any) -> bool:
    """Whether the official parser would fail at a key in a value, as it would follow a ``$ref``."""
    if isinstance(value, list):
        return any(map(_is_misunderstood, value))
    if isinstance(value, dict):
        return not MISUNDERSTOOD.isdisjoint(value) or any(map(_is_misunderstood, value.values()))
    return False
