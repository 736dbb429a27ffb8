"""How messages look on the wire, and pydantic's core schemas that make them look so.

The shape of a frame depends on two settings, gathered in :class:`WireFormat`. A format other than the default is
made by rewriting the keys in pydantic's own core schema, so that one pydantic-core call still leads from the text
to the message, and the JSON Schema that the document shows comes from the very schema that the runtime uses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, cast

from pydantic import BaseModel, TypeAdapter
from pydantic.alias_generators import to_camel
from pydantic_core import CoreSchema, SchemaSerializer, SchemaValidator, core_schema

from chanx.exceptions import MessageDefinitionError
from chanx.fail_fast import failing_fast, with_parts
from chanx.finite_numbers import finite
from chanx.key_case import camel_keys
from chanx.messages.base import BaseMessage
from chanx.messages.serialized import METADATA_KEY, SerializerType
from chanx.settings import chanx_settings


@dataclass(frozen=True, slots=True)
class WireFormat:
    """How messages look on the wire: the key that names them, and the case of the keys."""

    action_key: str = "action"
    camelize: bool = False

    @classmethod
    def from_settings(cls) -> "WireFormat":
        """The format of ``settings.CHANX`` at this moment."""
        return cls(chanx_settings.MESSAGE_ACTION_KEY, chanx_settings.CAMELIZE)

    def key(self, name: str) -> str:
        """The wire form of a key of the envelope or of chanx's own metadata."""
        return to_camel(name) if self.camelize else name


#: The format of messages inside the channel layer, whatever clients see.
DEFAULT_FORMAT: Final = WireFormat()


def wire_schema(model: Any, wire: WireFormat) -> CoreSchema:
    """pydantic's core schema of a model as it looks on the wire: what validates, serializes and describes it.

    ``model`` may be any annotation that pydantic knows.
    """
    # What an adapter of a finished model would hold too, without making one.
    is_finished = isinstance(model, type) and getattr(model, "__pydantic_complete__", False)
    schema = cast("Any", model).__pydantic_core_schema__ if is_finished else TypeAdapter[Any](model).core_schema
    return schema if wire == DEFAULT_FORMAT else _rewrite(schema, wire)


def holds_serializer(schema: Any) -> bool:
    """Whether a core schema, or a part of one, has a field whose data a DRF serializer validates."""
    if isinstance(schema, dict):
        parts = cast("dict[str, Any]", schema)
        return METADATA_KEY in (parts.get("metadata") or ()) or any(map(holds_serializer, parts.values()))
    return isinstance(schema, list | tuple) and any(map(holds_serializer, cast("list[Any]", schema)))


@cache
def wire_keys(message_class: type[BaseModel], wire: WireFormat) -> frozenset[str]:
    """The top-level keys that a message declares, as they look on the wire."""
    keys = {field.alias or name: name for name, field in message_class.model_fields.items()}
    if wire == DEFAULT_FORMAT:
        return frozenset(keys)
    names = _wire_names(
        {name: None if key == name else key for key, name in keys.items()},
        wire,
        message_class,
    )
    return frozenset(names.values())


def union_validator(
    models: Mapping[str, type[BaseModel]],
    discriminator: str,
    wire: WireFormat = DEFAULT_FORMAT,
    *,
    fails_fast: bool = False,
) -> SchemaValidator:
    """pydantic-core's validator of one of ``models``, told apart by the value of the key ``discriminator``.

    One that ``fails_fast`` tells the first error of each collection alone.
    """
    classes = list(dict.fromkeys(models.values()))
    # One adapter for all, so that definitions they share are gathered once; a tuple keeps them apart by position.
    built: Any = cast("Any", TypeAdapter)(cast("Any", tuple)[tuple(classes)]).core_schema
    schema: Any = finite(built)
    if wire != DEFAULT_FORMAT:
        schema = _rewrite(schema, wire)
    if fails_fast:
        schema = failing_fast(schema)
    is_rewritten = schema is not built
    definitions: list[CoreSchema] = []
    if schema["type"] == "definitions":
        definitions, schema = schema["definitions"], schema["schema"]
    by_class = dict(zip(classes, schema["items_schema"], strict=True))
    union: CoreSchema = core_schema.tagged_union_schema(
        choices={value: by_class[model] for value, model in models.items()},
        discriminator=discriminator,
    )
    if definitions:
        union = core_schema.definitions_schema(union, definitions)
    return SchemaValidator(*_build_arguments(union, is_rewritten=is_rewritten))


@cache
def rewritten_serializer(model: type[BaseModel], wire: WireFormat) -> SchemaSerializer:
    """pydantic-core's serializer of a model in a format other than the default."""
    return SchemaSerializer(*_build_arguments(wire_schema(model, wire), is_rewritten=True))


@cache
def rewritten_validator(model: type[BaseModel], wire: WireFormat) -> SchemaValidator:
    """pydantic-core's validator of a model in a format other than the default."""
    return SchemaValidator(*_build_arguments(wire_schema(model, wire), is_rewritten=True))


def _build_arguments(schema: CoreSchema, *, is_rewritten: bool) -> tuple[Any, ...]:
    # A model that pydantic has already built would be taken as it is, without our keys. The third parameter is
    # how pydantic itself forces a rebuild; tests/chanx/test_codec.py fails should it ever change.
    return (schema, None, False) if is_rewritten else (schema,)


def _rewrite(schema: Any, wire: WireFormat, owner: type[Any] | None = None) -> Any:
    """A copy of a core schema in which each declared field has its wire key; ``owner`` is the model around it."""
    if isinstance(schema, list | tuple):
        return type(schema)(_rewrite(item, wire, owner) for item in schema)
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") == "model":
        owner = schema["cls"]
    copy = dict(with_parts(schema, lambda part: _rewrite(part, wire, owner)))
    match copy.get("type"):
        case "model-fields":
            _rename(copy["fields"], wire, owner)
        case "typed-dict":
            _rename(copy["fields"], wire, None)
        case "dataclass-args":
            _rename({field["name"]: field for field in copy["fields"]}, wire, None)
        case "tagged-union":
            copy["discriminator"] = _wire_discriminator(copy["discriminator"], wire)
            return copy
        case "function-plain" if METADATA_KEY in copy.get("metadata", {}):
            serializer: SerializerType = copy["metadata"][METADATA_KEY]
            return {**copy, **serializer.on_wire(camelize=wire.camelize).core_schema()}
        case _:
            return copy
    if wire.camelize:
        for computed in copy.get("computed_fields", ()):
            computed.setdefault("alias", to_camel(computed["property_name"]))
    return copy


def _wire_discriminator(discriminator: Any, wire: WireFormat) -> Any:
    """Where a union finds the tag of a value: under its wire key, or under the alias or attribute that it names."""
    paths: Any = [[discriminator]] if isinstance(discriminator, str) else discriminator
    if not isinstance(paths, list) or any(len(path) != 1 for path in paths):
        # A function of the user's, or a path into the value: pydantic itself calls that no field's name.
        return discriminator
    names: list[str] = [name for (name,) in cast("list[list[str]]", paths)]
    renamed = [wire.action_key if name == "action" else to_camel(name) if wire.camelize else name for name in names]
    return [[name] for name in dict.fromkeys([*renamed, *names])]


def _rename(fields: Mapping[str, dict[str, Any]], wire: WireFormat, owner: type[Any] | None) -> None:
    """Writes the wire keys into freshly copied field schemas; an alias that the user chose stays."""
    for side in ("validation_alias", "serialization_alias"):
        given = {name: field.get(side) for name, field in fields.items()}
        for name, key in _wire_names(given, wire, owner).items():
            fields[name][side] = key


def _wire_names(aliases: Mapping[str, Any], wire: WireFormat, owner: type[Any] | None) -> Mapping[str, Any]:
    """Wire key by field name. ``aliases`` holds the user's own alias of each field, or None."""
    names: dict[str, Any] = {name: alias for name, alias in aliases.items() if alias is not None}
    is_message = isinstance(owner, type) and issubclass(owner, BaseMessage)
    if is_message:
        names["action"] = wire.action_key
    unnamed = [name for name in aliases if name not in names]
    names |= camel_keys(unnamed, names.values()) if wire.camelize else {name: name for name in unnamed}
    if is_message and list(names.values()).count(wire.action_key) > 1:
        raise MessageDefinitionError(
            f"{owner.__module__}.{owner.__qualname__}" if owner else "",
            f"it has a field of its own whose wire key is {wire.action_key!r}, the key that names messages.",
            "Rename the field, or choose another MESSAGE_ACTION_KEY in settings.CHANX.",
        )
    return names
