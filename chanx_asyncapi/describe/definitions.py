"""The definitions that the schemas of frames consist of, in draft-07, and what is wrong with them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pydantic import BaseModel, ValidationError
from pydantic.json_schema import DefsRef, JsonSchemaMode
from pydantic_core import to_jsonable_python

from chanx.messages.base import BaseMessage
from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.conversations import Direction, Frame
from chanx_asyncapi.describe.draft7 import (
    Schema,
    discriminated,
    python_pattern,
    python_patterns,
    references,
    to_draft7,
    with_required,
)
from chanx_asyncapi.describe.generator import PROVISIONAL, WAYS_OUT, Generator
from chanx_asyncapi.describe.names import class_path, core_paths
from chanx_asyncapi.problems import Code, Problem

_MODES: Final[Mapping[Direction, JsonSchemaMode]] = {"received": "validation", "sent": "serialization"}


@dataclass(slots=True)
class Definitions:
    """Schemas in draft-07 by their provisional references, as far as frames need them."""

    wire: WireFormat
    schemas: dict[str, Schema] = field(default_factory=dict[str, Schema])
    problems: list[Problem] = field(default_factory=list[Problem])
    #: The dotted paths of the first message that leads to a definition, and of the class that this one is of.
    ways: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]], init=False)
    _generator: Generator = field(init=False)
    #: Schemas of messages that the generator keeps no definition of.
    _unshared: dict[str, Schema] = field(default_factory=dict[str, Schema], init=False)
    #: Why a definition cannot be described, its own fault or that of one that it refers to.
    _faults: dict[str, str] = field(default_factory=dict[str, str], init=False)
    #: The message that is being generated.
    _message: type[BaseMessage] = field(init=False)

    def __post_init__(self) -> None:
        self._generator = Generator(self.wire, report=self._report_inside)
        self.problems += self._generator.foreign_types.problems

    def add(self, frame: Frame) -> str | None:
        """Generates the schema of a frame; the reference to its definition, or None with a problem."""
        mode = _MODES[frame.direction]
        self._message = frame.message
        try:
            schema = self._generator.add(frame.message, mode)
        except Exception as error:  # hooks of the user's run here, and may raise anything
            self._report(frame, in_one_line(error), self._generator.way_to(error))
            return None
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return reference
        # A hook of the class has made another core schema of it, which pydantic does not share by reference.
        reference = f"{PROVISIONAL}{mode}:{class_path(frame.message)}"
        self._unshared[reference] = schema
        return reference

    def complete(self, roots: Mapping[Frame, str]) -> dict[Frame, str]:
        """Puts everything that ``roots`` need into :attr:`schemas`; the roots of which that succeeds."""
        users: dict[str, list[str]] = {}
        pending = list(dict.fromkeys(roots.values()))
        for frame, ref in roots.items():
            self.ways.setdefault(ref, (class_path(frame.message),))
        for ref in pending:
            for target in self._read(ref):
                users.setdefault(target, []).append(ref)
                if target not in self.ways:
                    self.ways[target] = (self.ways[ref][0], _path(self.core_ref(target)))
                    pending.append(target)
        faulty = list(self._faults)
        for ref in faulty:
            for user in users.get(ref, ()):
                if user not in self._faults:
                    self._faults[user] = self._faults[ref]
                    faulty.append(user)
        for frame, ref in roots.items():
            if ref in self._faults:
                self._report(frame, self._faults[ref])
        self._require_discriminators()
        self._report_patterns()
        return {frame: ref for frame, ref in roots.items() if ref not in self._faults}

    def core_ref(self, ref: str) -> str:
        """pydantic's name of the class behind a reference: the same for both modes."""
        return ref.removeprefix(PROVISIONAL).partition(":")[2]

    def direction(self, ref: str) -> Direction:
        """The direction in which the values of a definition travel."""
        return "received" if ref.startswith(f"{PROVISIONAL}{_MODES['received']}:") else "sent"

    def model(self, ref: str) -> type[BaseModel] | None:
        """The model behind a reference, if it has examples."""
        return self._generator.models.get(self.core_ref(ref))

    def _read(self, ref: str) -> list[str]:
        """Reads a definition; the references in it."""
        if not ref.startswith(PROVISIONAL):
            # A reference of the user's own, to somewhere else.
            return []
        path = _path(self.core_ref(ref))
        generated = self._unshared.get(ref) or self._generator.definitions.get(DefsRef(ref.removeprefix(PROVISIONAL)))
        if generated is None:
            self._faults[ref] = f"{path} has no schema"
            return []
        try:
            self.schemas[ref] = to_draft7(to_jsonable_python(generated), path.partition("[")[0].rpartition(".")[2])
        except Exception as error:  # the schema holds data of the user's, which may be anything
            self._faults[ref] = in_one_line(error)
            return []
        return list(dict.fromkeys(references(self.schemas[ref])))

    def _require_discriminators(self) -> None:
        """Makes the tag of a tagged union required, as it is for the runtime, although it has a default."""
        tags = dict.fromkeys(tag for schema in self.schemas.values() for tag in discriminated(schema))
        for ref, property_name in tags:
            if ref in self.schemas:
                self.schemas[ref] = with_required(self.schemas[ref], property_name)

    def _report_patterns(self) -> None:
        for ref, schema in self.schemas.items():
            rest = {keyword: value for keyword, value in schema.items() if keyword != "properties"}
            parts = [((name,), part) for name, part in schema.get("properties", {}).items()]
            found = [(way, pattern) for way, part in [*parts, ((), rest)] for pattern in python_patterns(part)]
            for way, pattern in dict.fromkeys(found):
                self.problems.append(python_pattern((*self.ways[ref], *way), pattern))

    def _report_inside(self, problem: Problem) -> None:
        """Reports what is wrong with a part of the message that is being generated."""
        found = replace(problem, where=(class_path(self._message), *self._generator.way, *problem.where))
        # The generator may go over a model twice.
        if found not in self.problems:
            self.problems.append(found)

    def _report(self, frame: Frame, reason: str, way: Iterable[str] = ()) -> None:
        self.problems.append(
            Problem(
                code=Code.UNDESCRIBED_SCHEMA,
                where=(class_path(frame.message), *way),
                text=f"no schema can be made of the {frame.direction} message: {reason}.",
                way_out=WAYS_OUT,
            )
        )


def _path(core_ref: str) -> str:
    """The dotted path in pydantic's name of a class."""
    return core_paths([core_ref])[core_ref]


def in_one_line(error: Exception) -> str:
    """What an exception says, in one line."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0].rstrip('.')}" if lines else type(error).__name__
