"""``components.schemas``: the schema of each frame, and the definitions that they share.

docs/decisions/0003-names-in-the-document.md and 0004-envelope-in-the-document.md say what is in it and why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError
from pydantic.json_schema import DefsRef, JsonSchemaMode
from pydantic_core import to_jsonable_python

from chanx.codec import MAX_ID_LENGTH, WireFormat, wire_keys
from chanx.exceptions import MessageDefinitionError
from chanx.messages.outgoing import AuthenticationMessage, GroupCompleteMessage
from chanx_asyncapi.describe.conversations import Direction, Frame
from chanx_asyncapi.describe.draft7 import (
    Schema,
    discriminated,
    python_pattern,
    python_patterns,
    references,
    to_draft7,
    with_references,
    with_required,
)
from chanx_asyncapi.describe.examples import example_frames
from chanx_asyncapi.describe.generator import PROVISIONAL, Generator
from chanx_asyncapi.describe.names import class_path, core_paths, distinguished, path_key
from chanx_asyncapi.describe.texts import clean
from chanx_asyncapi.problems import Code, Problem

#: Where the document keeps schemas.
COMPONENTS: Final = "#/components/schemas/"
#: The key of the schema of the envelope's ids.
FRAME_ID: Final = "chanx.codec.FrameId"

_MODES: Final[Mapping[Direction, JsonSchemaMode]] = {"received": "validation", "sent": "serialization"}
#: No handler of a received frame sends these, so nothing can tie them to one.
_NEVER_REPLIES: Final = frozenset({AuthenticationMessage, GroupCompleteMessage})


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSchema:
    """What the schemas say about one frame."""

    #: The key of its schema, and of its message.
    key: str
    title: str
    #: The key of the envelope that ties replies to what they answer; None where the frame has none.
    correlation_key: str | None
    deprecated: bool
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """The schemas of a document."""

    frames: Mapping[Frame, FrameSchema]
    components: Mapping[str, Schema]
    problems: tuple[Problem, ...]


def describe_schemas(frames: Iterable[Frame], wire: WireFormat) -> Schemas:
    """The schemas of ``frames``. One that cannot be described gets a schema of its action alone, and a problem."""
    definitions = _Definitions(wire)
    frames = tuple(dict.fromkeys(frames))
    roots = {frame: root for frame in frames if (root := definitions.add(frame)) is not None}
    roots = definitions.complete(roots)
    keys = _Keys(definitions, roots)
    writer = _Writer(frames, wire, keys)
    components = {keys.of(ref): with_references(definitions.schemas[ref], keys.reference) for ref in keys.shared}
    for frame in frames:
        ref = roots.get(frame)
        writer.write(frame, None if ref is None else definitions.schemas[ref])
    if any(described.correlation_key for described in writer.described.values()):
        components[FRAME_ID] = _FRAME_ID_SCHEMA
    components |= writer.components
    return Schemas(
        frames=writer.described,
        components=dict(sorted(components.items())),
        problems=(*definitions.problems, *keys.problems, *writer.problems),
    )


@dataclass(slots=True)
class _Definitions:
    """Schemas in draft-07 by their provisional references, as far as frames need them."""

    wire: WireFormat
    schemas: dict[str, Schema] = field(default_factory=dict[str, Schema])
    problems: list[Problem] = field(default_factory=list[Problem])
    _generator: Generator = field(init=False)
    #: Why a definition cannot be described, its own fault or that of one that it refers to.
    _faults: dict[str, str] = field(default_factory=dict[str, str], init=False)

    def __post_init__(self) -> None:
        self._generator = Generator(self.wire)

    def add(self, frame: Frame) -> str | None:
        """Generates the schema of a frame; the reference to its definition, or None with a problem."""
        mode = _MODES[frame.direction]
        try:
            schema = self._generator.add(frame.message, mode)
        except Exception as error:  # hooks of the user's run here, and may raise anything
            self._report(frame, _brief(error))
            return None
        self.problems += [
            Problem(
                code=Code.UNDESCRIBED_DEFAULT,
                where=(class_path(frame.message),),
                text=f"{complaint}.",
                way_out="Use a default that pydantic can write as JSON, or a default_factory.",
            )
            for complaint in self._generator.complaints
        ]
        reference = schema.get("$ref")
        if isinstance(reference, str):
            return reference
        # A hook of the class has given its schema in the place of a reference to it.
        reference = f"{PROVISIONAL}{mode}:{class_path(frame.message)}"
        self.schemas[reference] = to_draft7(schema, frame.message.__name__)
        return reference

    def complete(self, roots: Mapping[Frame, str]) -> dict[Frame, str]:
        """Puts everything that ``roots`` need into :attr:`schemas`; the roots of which that succeeds."""
        users: dict[str, list[str]] = {}
        pending = list(dict.fromkeys(roots.values()))
        seen = set(pending)
        for ref in pending:
            for target in self._read(ref):
                users.setdefault(target, []).append(ref)
                if target not in seen:
                    seen.add(target)
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

    def _read(self, ref: str) -> list[str]:
        """Reads a definition; the references in it."""
        if ref not in self.schemas:
            if not ref.startswith(PROVISIONAL):
                return []
            try:
                generated = self._generator.definitions[DefsRef(ref.removeprefix(PROVISIONAL))]
                name = _path(self.core_ref(ref)).partition("[")[0].rpartition(".")[2]
                self.schemas[ref] = to_draft7(to_jsonable_python(generated), name)
            except KeyError:
                self._faults[ref] = f"{_path(self.core_ref(ref))} has no schema"
                return []
            except Exception as error:  # the schema holds data of the user's, which may be anything
                self._faults[ref] = _brief(error)
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
            for pattern in dict.fromkeys(python_patterns(schema)):
                self.problems.append(python_pattern((_path(self.core_ref(ref)),), pattern))

    def _report(self, frame: Frame, reason: str) -> None:
        self.problems.append(
            Problem(
                code=Code.UNDESCRIBED_SCHEMA,
                where=(class_path(frame.message),),
                text=f"no schema can be made of the {frame.direction} message: {reason}.",
                way_out="Use types that pydantic can describe, or give them a __get_pydantic_json_schema__.",
            )
        )


class _Keys:
    """The key of each definition in ``components.schemas``."""

    def __init__(self, definitions: _Definitions, roots: Mapping[Frame, str]) -> None:
        self.problems: list[Problem] = []
        self._definitions = definitions
        graph = _graph(definitions.schemas, roots.values())
        #: What other schemas refer to, in the order of the document.
        self.shared = list(dict.fromkeys(target for targets in graph.values() for target in targets))
        self._base = self._bases(graph)
        self._frame_bases = {self._base[ref] for ref in roots.values()}
        self._two_modes = self._differing(graph)
        self._by_class = {frame: self._base[ref] for frame, ref in roots.items()}

    def of(self, ref: str) -> str:
        """The key of a definition that others refer to."""
        base = self._base[ref]
        if base in self._frame_bases:
            # The message as a value inside of another one, without an envelope.
            base += "-nested"
        is_sent = ref.startswith(f"{PROVISIONAL}serialization:")
        return f"{base}-sent" if is_sent and self._definitions.core_ref(ref) in self._two_modes else base

    def of_frame(self, frame: Frame, *, both_directions: bool) -> str:
        """The key of a frame; a class that travels in both directions has two."""
        base = self._by_class.get(frame) or path_key(class_path(frame.message))
        return f"{base}-sent" if both_directions and frame.direction == "sent" else base

    def reference(self, ref: str) -> str:
        """A provisional reference as the document has it; any other one as it is."""
        return f"{COMPONENTS}{self.of(ref)}" if ref in self._base else ref

    def _bases(self, graph: Mapping[str, list[str]]) -> dict[str, str]:
        paths = core_paths(map(self._definitions.core_ref, graph))
        owners: dict[str, str] = {}
        for core_ref, path in paths.items():
            base = path_key(path)
            if base in owners:
                self.problems.append(
                    Problem(
                        code=Code.AMBIGUOUS_CLASS,
                        where=(path,),
                        text=f"two classes have this dotted path, so the document calls the second one "
                        f"{distinguished(base, owners)!r}.",
                        way_out="Give one of them another name, or define it once, at the level of its module.",
                    )
                )
                base = distinguished(base, owners)
            owners[base] = core_ref
        bases = {core_ref: base for base, core_ref in owners.items()}
        return {ref: bases[self._definitions.core_ref(ref)] for ref in graph}

    def _differing(self, graph: Mapping[str, list[str]]) -> set[str]:
        """The classes whose received and sent values differ, by themselves or by what they hold."""
        core_ref = self._definitions.core_ref
        modes: dict[str, list[str]] = {}
        for ref in self.shared:
            modes.setdefault(core_ref(ref), []).append(ref)
        pairs = {name: refs for name, refs in modes.items() if len(refs) == 2}
        holders: dict[str, set[str]] = {}
        for name, refs in pairs.items():
            for ref in refs:
                for target in graph[ref]:
                    holders.setdefault(core_ref(target), set()).add(name)
        differing = [
            name
            for name, (one, other) in pairs.items()
            if with_references(self._definitions.schemas[one], core_ref)
            != with_references(self._definitions.schemas[other], core_ref)
        ]
        found = set(differing)
        for name in differing:
            for holder in sorted(holders.get(name, set()) - found):
                found.add(holder)
                differing.append(holder)
        return found


class _Writer:
    """Makes the schema of a frame from the schema of its class: action, envelope, examples."""

    def __init__(self, frames: Iterable[Frame], wire: WireFormat, keys: _Keys) -> None:
        self.described: dict[Frame, FrameSchema] = {}
        self.components: dict[str, Schema] = {}
        self.problems: list[Problem] = []
        self._wire = wire
        self._keys = keys
        received = {frame.message for frame in frames if frame.direction == "received"}
        self._both = {frame.message for frame in frames if frame.direction == "sent"} & received

    def write(self, frame: Frame, schema: Schema | None) -> None:
        """Describes a frame; ``schema`` is that of its class, None where there is none."""
        if schema is None or self._wire.action_key not in schema.get("properties", {}):
            schema = self._unknown(frame, schema)
        schema = with_references(schema, self._keys.reference)
        examples = schema.pop("examples", [])
        described = FrameSchema(
            key=distinguished(self._keys.of_frame(frame, both_directions=frame.message in self._both), self.components),
            title=schema["title"],
            correlation_key=self._correlation_key(frame),
            deprecated=schema.get("deprecated") is True,
            examples=tuple(self._examples(frame, examples)),
        )
        self.described[frame] = described
        self.components[described.key] = self._framed(schema, described.correlation_key)

    def _framed(self, schema: Schema, correlation_key: str | None) -> Schema:
        action_key = self._wire.action_key
        properties = dict(schema["properties"])
        properties[action_key] = {name: value for name, value in properties[action_key].items() if name != "default"}
        if correlation_key is not None:
            properties[correlation_key] = {"$ref": f"{COMPONENTS}{FRAME_ID}"}
        return with_required({**schema, "properties": properties}, action_key)

    def _unknown(self, frame: Frame, schema: Schema | None) -> Schema:
        """What is certain about a frame of which nothing else is known."""
        if schema is not None:
            self.problems.append(
                Problem(
                    code=Code.UNDESCRIBED_SCHEMA,
                    where=(class_path(frame.message),),
                    text=f"the schema of the {frame.direction} message has no {self._wire.action_key!r}: a serializer "
                    "or a hook of the class says otherwise.",
                    way_out="Annotate what the serializer returns with a model or TypedDict that holds the action.",
                )
            )
        actions = list(frame.message.discriminator_values())
        action: Schema = {"type": "string"}
        action |= (
            {"const": actions[0]}
            if len(actions) == 1
            else {"title": f"{frame.message.__name__}Action", "enum": actions}
        )
        described: Schema = {"title": frame.message.__name__}
        if description := clean(frame.message.__doc__):
            described["description"] = description
        return {**described, "type": "object", "properties": {self._wire.action_key: action}}

    def _correlation_key(self, frame: Frame) -> str | None:
        if frame.message in _NEVER_REPLIES:
            return None
        name = "id" if frame.direction == "received" else self._wire.key("reply_to")
        try:
            # A message that declares such a key itself keeps it.
            return None if name in wire_keys(frame.message, self._wire) else name
        except MessageDefinitionError:
            # Reported when no schema could be made of it, for the same reason.
            return None

    def _examples(self, frame: Frame, declared: Any) -> Iterable[Any]:
        for example in example_frames(frame, declared, self._wire):
            if not isinstance(example, Exception):
                yield example
                continue
            self.problems.append(
                Problem(
                    code=Code.DECLARED_EXAMPLE,
                    where=(class_path(frame.message), "examples"),
                    text=f"a declared example is no valid message: {_brief(example)}.",
                    way_out="Correct it in json_schema_extra.",
                )
            )


def _graph(schemas: Mapping[str, Schema], roots: Iterable[str]) -> dict[str, list[str]]:
    """What each schema refers to, of all that ``roots`` lead to, breadth first."""
    graph: dict[str, list[str]] = {}
    pending = list(dict.fromkeys(roots))
    seen = set(pending)
    for ref in pending:
        graph[ref] = [target for target in dict.fromkeys(references(schemas[ref])) if target in schemas]
        for target in graph[ref]:
            if target not in seen:
                seen.add(target)
                pending.append(target)
    return graph


def _path(core_ref: str) -> str:
    """The dotted path in pydantic's name of a class."""
    return core_paths([core_ref])[core_ref]


def _brief(error: Exception) -> str:
    """What an exception says, in one line."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        return ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0].rstrip('.')}" if lines else type(error).__name__


_FRAME_ID_SCHEMA: Final[Schema] = {
    "title": "FrameId",
    "description": "Chosen by the client for a frame that it sends; what answers the frame carries it back.",
    "anyOf": [{"type": "string", "maxLength": MAX_ID_LENGTH}, {"type": "integer", "format": "int64"}],
}
