"""Frames made from schemas: the class of the message accepts each, or has written it."""

import copy
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ValidationError

from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.conversations import Frame
from chanx_asyncapi.describe.definitions import Definitions
from chanx_asyncapi.describe.draft7 import Schema
from chanx_asyncapi.describe.generator import PROVISIONAL
from chanx_asyncapi.describe.wire_values import WireValues
from chanx_asyncapi.instances import Instances, NoInstanceError, with_ordered_sets


class MadeFrames:
    """Makes frames for the schemas of one document."""

    def __init__(self, instances: Instances, wire: WireFormat) -> None:
        self._instances = instances
        self._wire = wire
        self._values = WireValues(wire)

    def make(self, frame: Frame, schema: Schema) -> Any:
        """A frame for ``schema``. Raises NoInstanceError.

        What a client sends is a value that the class accepts. What the server sends is written by the class: its
        serializers and computed fields have had their say.
        """
        if frame.direction == "received":
            value, _ = self._accepted(frame.message, self._instances, schema)
            return value
        try:
            _, message = self._accepted(frame.message, self._instances, schema, read_only=False)
        except NoInstanceError:
            # Not all that is written can be read again, by a class with two aliases or a serializer for a field.
            _, message = self._accepted(frame.message, *self._received(frame.message))
        value = with_ordered_sets(self._values.write(message, "sent"), schema, self._instances)
        if not self._instances.fits(schema, value):
            raise NoInstanceError("the class writes what its schema does not allow")
        return value

    def _accepted(
        self, model: type[BaseModel], instances: Instances, schema: Schema, *, read_only: bool = True
    ) -> tuple[Any, BaseModel]:
        """A value that the class accepts, and what it makes of it.

        Validators of the user's run here, and may raise anything: at most four times.
        """
        for whole in (True, False):
            try:
                value = instances.make(schema, author=whole, optional=whole, read_only=read_only)
            except NoInstanceError:
                continue
            read = self._tried(model, value)
            if isinstance(read, ValidationError):
                value = _without(value, [detail["loc"] for detail in read.errors() if detail["type"] != "missing"])
                if read_only and not instances.fits(schema, value):
                    continue
                read = self._tried(model, value)
            if isinstance(read, BaseModel):
                return value, read
        raise NoInstanceError("the class accepts no value that was made")

    def _tried(self, model: type[BaseModel], value: Any) -> BaseModel | Exception:
        try:
            return self._values.read(model, value)
        except Exception as error:
            return error

    def _received(self, model: type[Any]) -> tuple[Instances, Schema]:
        """The schema of what the class accepts, and what makes values for it."""
        definitions = Definitions(self._wire)
        frame = Frame(model, "received")
        root = definitions.add(frame)
        roots = definitions.complete({} if root is None else {frame: root})
        if frame not in roots:
            raise NoInstanceError("the class does not say what it accepts")
        document = {"$defs": {ref.removeprefix(PROVISIONAL): schema for ref, schema in definitions.schemas.items()}}
        return Instances(document), definitions.schemas[roots[frame]]


def _without(value: Any, locations: Iterable[tuple[int | str, ...]]) -> Any:
    """A copy of ``value`` without the innermost property on the way to each location: it may not be needed."""
    result = copy.deepcopy(value)
    for location in locations:
        node, holder, key = result, None, ""
        for step in location:
            if isinstance(node, dict) and isinstance(step, str) and step in node:
                holder, key, node = node, step, node[step]
            elif isinstance(node, list) and isinstance(step, int) and step < len(node):
                node = node[step]
            # Other steps name an alternative or a validator.
        if holder is not None:
            holder.pop(key, None)
    return result
