"""Examples in schemas: of models and of fields. Each is as it travels, and fits the schema that it stands in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.conversations import Direction
from chanx_asyncapi.describe.definitions import in_one_line
from chanx_asyncapi.describe.draft7 import Schema, has_examples, with_examples
from chanx_asyncapi.describe.example_forms import given_examples
from chanx_asyncapi.describe.wire_values import WireValues
from chanx_asyncapi.instances import Instances, with_ordered_sets
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.validation.values import misfit


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a schema comes from."""

    direction: Direction
    #: Where its problems are.
    where: tuple[str, ...]
    #: Its model, if that has examples.
    model: type[BaseModel] | None = None


@dataclass(slots=True)
class SchemaExamples:
    """Checks the examples in the schemas of one document."""

    components: Mapping[str, Schema]
    wire: WireFormat
    problems: list[Problem] = field(default_factory=list[Problem])

    def checked(self, key: str, origin: Origin) -> Schema:
        """The schema at ``key`` with those of its examples that are right; others become problems."""
        schema = self.components[key]
        if not has_examples(schema):
            return schema

        def choose(part: Schema, way: tuple[str, ...]) -> list[Any]:
            return list(self._right(part, origin, way))

        return with_examples(schema, choose)

    def _right(self, schema: Schema, origin: Origin, way: tuple[str, ...]) -> Iterator[Any]:
        document = {"components": {"schemas": self.components}}
        for given in given_examples(schema["examples"]):
            value, reason = given.value, None
            if origin.model is not None and not way:
                try:
                    value = WireValues(self.wire).on_wire(origin.model, value, origin.direction)
                except Exception as error:  # validators of the user's run here, and may raise anything
                    reason = in_one_line(error)
            reason = reason or misfit(schema, value, document)
            if reason is None:
                is_written = origin.model is not None and origin.direction == "sent"
                yield with_ordered_sets(value, schema, Instances(document)) if is_written else value
            elif origin.direction == "received" or not way:
                # Of a field the same example may be right for what is received.
                self.problems.append(_wrong(origin, way, reason))


def _wrong(origin: Origin, way: tuple[str, ...], reason: str) -> Problem:
    return Problem(
        code=Code.DECLARED_EXAMPLE,
        where=(*origin.where, *way, "examples"),
        text=f"a declared example is no such value: {reason}.",
        way_out="Correct it. Inside of it, keys are those of the wire.",
    )
