"""``components.schemas``: the schema of each frame, and the definitions that they share.

docs/decisions/0003-names-in-the-document.md and 0004-envelope-in-the-document.md say what is in it and why.
"""

from collections.abc import Container, Iterable, Mapping, Set
from dataclasses import dataclass, replace
from typing import Any, Final

from chanx.deduplication.frames import MAX_NAME_LENGTH, RETRY_KEY
from chanx.exceptions import MessageDefinitionError
from chanx.frame_ids import MAX_ID_LENGTH
from chanx.messages.base import BaseGroupMessage
from chanx.messages.outgoing import AuthenticationMessage, GroupCompleteMessage
from chanx.messages.resuming import PositionsMessage
from chanx.wire_format import WireFormat, wire_keys
from chanx_asyncapi.describe.component_keys import COMPONENTS, ComponentKeys
from chanx_asyncapi.describe.conversations import Frame
from chanx_asyncapi.describe.definitions import Definitions
from chanx_asyncapi.describe.draft7 import Schema, with_references, with_required
from chanx_asyncapi.describe.examples import Examples
from chanx_asyncapi.describe.names import class_path, distinguished
from chanx_asyncapi.describe.overridden import description_of
from chanx_asyncapi.describe.schema_examples import Origin, SchemaExamples
from chanx_asyncapi.describe.texts import clean
from chanx_asyncapi.overrides import override_of
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import MessageExample

#: The key of the schema of the envelope's ids.
FRAME_ID: Final = "chanx.codec.FrameId"

#: No handler of a received frame sends these, so nothing can tie them to one.
_NEVER_REPLIES: Final = frozenset({AuthenticationMessage, GroupCompleteMessage, PositionsMessage})


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameSchema:
    """What the schemas say about one frame."""

    #: The key of its schema, and of its message.
    key: str
    title: str
    #: The key of the envelope that ties replies to what they answer; None where the frame has none.
    correlation_key: str | None
    deprecated: bool
    examples: tuple[MessageExample, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """The schemas of a document."""

    frames: Mapping[Frame, FrameSchema]
    components: Mapping[str, Schema]
    problems: tuple[Problem, ...]


#: What a group adds to a message that it relays as JSON, whatever the model of the message declares.
_RELAYED_KEYS: Final[Mapping[str, Schema]] = {
    "is_mine": {
        "type": "boolean",
        "description": "Only where a group relays it: sent by the user of the connection that receives it.",
    },
    "is_current": {
        "type": "boolean",
        "description": "Only where a group relays it: sent by the very connection that receives it.",
    },
}


#: What a group with a history adds to each message.
_PLACE_KEYS: Final[Mapping[str, Schema]] = {
    "group": {
        "type": "string",
        "description": "Only where a group with a history relays it: the id of the group.",
    },
    "seq": {
        "type": "integer",
        "minimum": 1,
        "description": "Only where a group with a history relays it: the number of the message in that group.",
    },
}


def describe_schemas(
    frames: Iterable[Frame],
    wire: WireFormat,
    relayed: Container[Frame] = (),
    numbered: Container[Frame] = (),
    repeatable: Container[Frame] = (),
) -> Schemas:
    """The schemas of ``frames``, of which those in ``relayed`` may come from another member of a group, those in
    ``numbered`` may have a place in its history, and those in ``repeatable`` may be sent again by a client.

    One that cannot be described gets a schema of its action alone, and a problem.
    """
    definitions = Definitions(wire)
    frames = tuple(dict.fromkeys(frames))
    roots = {frame: root for frame in frames if (root := definitions.add(frame)) is not None}
    roots = definitions.complete(roots)
    keys = ComponentKeys(definitions, roots)
    writer = _Writer(frames, wire, keys, relayed, numbered, repeatable)
    components = {keys.of(ref): with_references(definitions.schemas[ref], keys.reference) for ref in keys.shared}
    for frame in frames:
        ref = roots.get(frame)
        writer.write(frame, None if ref is None else definitions.schemas[ref])
    if any(described.correlation_key for described in writer.described.values()):
        components[FRAME_ID] = _FRAME_ID_SCHEMA
    components |= writer.components
    in_schemas = SchemaExamples(components, wire)
    origins = _origins(definitions, keys, writer)
    checked = {key: in_schemas.checked(key, origin) for key, origin in origins.items()}
    # Examples of what the server sends are made of what its classes read: there they need not be complete.
    read = {key: schema for key, schema in checked.items() if origins[key].direction == "received"}
    examples = Examples(components | read, wire)
    components |= checked
    described = {
        frame: replace(schema, examples=examples.of(frame, schema.key, writer.declared[frame], writer.envelopes[frame]))
        for frame, schema in writer.described.items()
    }
    return Schemas(
        frames=described,
        components=dict(sorted(components.items())),
        problems=(
            *definitions.problems,
            *keys.problems,
            *writer.problems,
            *in_schemas.problems,
            *examples.problems,
        ),
    )


def _origins(definitions: Definitions, keys: ComponentKeys, writer: "_Writer") -> dict[str, Origin]:
    """Where each component comes from; one for both directions is received."""
    origins: dict[str, Origin] = {}
    for ref in sorted(keys.shared, key=definitions.direction):
        origin = Origin(direction=definitions.direction(ref), where=definitions.ways[ref], model=definitions.model(ref))
        origins.setdefault(keys.of(ref), origin)
    for frame, described in writer.described.items():
        origins[described.key] = Origin(direction=frame.direction, where=(class_path(frame.message),))
    return origins


class _Writer:
    """Makes the schema of a frame from the schema of its class: action and envelope."""

    def __init__(
        self,
        frames: Iterable[Frame],
        wire: WireFormat,
        keys: ComponentKeys,
        relayed: Container[Frame],
        numbered: Container[Frame],
        repeatable: Container[Frame],
    ) -> None:
        self.described: dict[Frame, FrameSchema] = {}
        self.components: dict[str, Schema] = {}
        #: What messages have under ``examples``; None where they have nothing.
        self.declared: dict[Frame, Any] = {}
        #: The keys of each frame that are not its message's own.
        self.envelopes: dict[Frame, Set[str]] = {}
        self.problems: list[Problem] = []
        self._wire = wire
        self._keys = keys
        self._relayed = relayed
        self._numbered = numbered
        self._repeatable = repeatable
        received = {frame.message for frame in frames if frame.direction == "received"}
        self._both = {frame.message for frame in frames if frame.direction == "sent"} & received

    def write(self, frame: Frame, schema: Schema | None) -> None:
        """Describes a frame; ``schema`` is that of its class, None where there is none."""
        if schema is None or self._wire.action_key not in schema.get("properties", {}):
            schema = self._unknown(frame, schema)
        schema = with_references(schema, self._keys.reference)
        override = override_of(frame.message)
        declared = schema.pop("examples", None)
        self.declared[frame] = declared if override.examples is None else override.examples
        if override.description is not None:
            schema["description"] = clean(override.description)
        described = FrameSchema(
            key=distinguished(self._keys.of_frame(frame, both_directions=frame.message in self._both), self.components),
            title=schema["title"],
            correlation_key=self._correlation_key(frame),
            deprecated=schema.get("deprecated") is True if override.deprecated is None else override.deprecated,
        )
        self.described[frame] = described
        framed = self._framed(frame, schema, described.correlation_key)
        self.envelopes[frame] = framed["properties"].keys() - schema["properties"].keys()
        self.components[described.key] = framed

    def _framed(self, frame: Frame, schema: Schema, correlation_key: str | None) -> Schema:
        action_key = self._wire.action_key
        properties = dict(schema["properties"])
        properties[action_key] = {name: value for name, value in properties[action_key].items() if name != "default"}
        if correlation_key is not None:
            properties[correlation_key] = {"$ref": f"{COMPONENTS}{FRAME_ID}"}
        is_closed = schema.get("additionalProperties") is False
        if frame in self._relayed and is_closed:
            # Elsewhere the schema allows the keys without naming them.
            for name, described in _RELAYED_KEYS.items():
                properties.setdefault(self._wire.key(name), described)
        if frame in self._numbered and (is_closed or issubclass(frame.message, BaseGroupMessage)):
            for name, described in _PLACE_KEYS.items():
                properties.setdefault(self._wire.key(name), described)
        if frame in self._repeatable and is_closed:
            properties.setdefault(RETRY_KEY, _RETRY_SCHEMA)
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
        if description := description_of(frame.message):
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


_RETRY_SCHEMA: Final[Schema] = {
    "type": "string",
    "maxLength": MAX_NAME_LENGTH,
    "description": "Only on a frame that may have been sent before: the name under which the client has sent it.",
}

_FRAME_ID_SCHEMA: Final[Schema] = {
    "title": "FrameId",
    "description": "Chosen by the client for a frame that it sends; what answers the frame carries it back.",
    "anyOf": [{"type": "string", "maxLength": MAX_ID_LENGTH}, {"type": "integer", "format": "int64"}],
}
