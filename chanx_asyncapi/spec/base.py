"""What the objects of a document have in common: frozen, keyword-only, exact about what is absent."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self, TypeAlias

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    ValidationInfo,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel

#: A JSON Schema (draft-07), kept as the data that it is. A model of its keywords would lose what a model
#: cannot tell apart, such as ``const: null`` and no ``const``.
#: https://www.asyncapi.com/docs/reference/specification/v3.1.0#schemaObject
JsonSchema: TypeAlias = Annotated[dict[str, Any] | StrictBool, Field(union_mode="left_to_right")]

# https://www.asyncapi.com/docs/reference/specification/v3.1.0#specificationExtensions
_EXTENSION = re.compile(r"x-[\w.\-]+")
# No document can hold this key (an extension has at least one character after "x-"), so "extensions" stays a
# word of Python and is refused as a key on the wire.
_EXTENSIONS_ALIAS = "x-"
_FROM_WIRE = object()


def wire_name(name: str) -> str:
    """Return what a document calls the attribute ``name``: ``external_docs`` -> ``externalDocs``."""
    return to_camel(name.rstrip("_"))


class SpecObject(BaseModel):
    """An object of the specification.

    Absent, null and empty are three things. A field that was not given is absent; ``None`` is written as
    null only where the specification gives null a meaning (:attr:`nullable`), and otherwise means absent as
    well; an empty list or object that was given is written.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        alias_generator=wire_name,
        validate_by_name=True,
        validate_by_alias=True,
    )

    #: Names of the attributes for which null is a value of its own.
    nullable: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Self:
        """Read the JSON shape of this object.

        :raises pydantic.ValidationError: for a field that this object does not have, a null that the
            specification does not allow and a value of the wrong type.
        """
        return cls.model_validate(wire, by_alias=True, by_name=False, context=_FROM_WIRE)

    @model_serializer(mode="plain")
    def to_wire(self) -> dict[str, Any]:
        """Return the JSON shape of this object, fields in declared order, sharing nothing with the object."""
        wire: dict[str, Any] = {}
        for name, field in type(self).model_fields.items():
            value: object = getattr(self, name)
            given = name in self.model_fields_set
            if value is None and not (given and name in self.nullable):
                continue
            if given or value not in ((), {}):
                wire[field.serialization_alias or name] = _to_wire(value)
        return wire

    @model_validator(mode="before")
    @classmethod
    def _refuse_null(cls, data: object, info: ValidationInfo) -> object:
        if info.context is _FROM_WIRE and isinstance(data, Mapping):
            allowed = {wire_name(name) for name in cls.nullable}
            for key, value in data.items():
                if value is None and key not in allowed and not _EXTENSION.fullmatch(str(key)):
                    raise ValueError(f"{key!r} is null; leave it out, absent is never written as null")
        return data


class ExtensibleObject(SpecObject):
    """An object that may carry extensions, keys that begin with ``x-``.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#specificationExtensions
    """

    #: The extensions by their whole name, ``x-`` included. Their values are data of their author.
    extensions: Mapping[str, Any] = Field(default_factory=dict, validation_alias=_EXTENSIONS_ALIAS)

    @field_validator("extensions")
    @classmethod
    def _check_names(cls, extensions: Mapping[str, Any]) -> Mapping[str, Any]:
        for name in extensions:
            if not _EXTENSION.fullmatch(name):
                raise ValueError(f"{name!r} is no name of an extension; it is 'x-' and letters, digits, '.', '-', '_'")
        return extensions

    @model_validator(mode="before")
    @classmethod
    def _collect_extensions(cls, data: object, info: ValidationInfo) -> object:
        if info.context is not _FROM_WIRE or not isinstance(data, Mapping):
            return data
        if _EXTENSIONS_ALIAS in data:
            raise ValueError(
                f"{_EXTENSIONS_ALIAS!r} is no name of an extension; at least one character follows the dash"
            )
        extensions = {key: value for key, value in data.items() if _EXTENSION.fullmatch(str(key))}
        if not extensions:
            return data
        rest = {key: value for key, value in data.items() if key not in extensions}
        return {**rest, _EXTENSIONS_ALIAS: extensions}

    @model_serializer(mode="plain")
    def to_wire(self) -> dict[str, Any]:
        """Return the JSON shape of this object, fields in declared order and extensions after them."""
        wire = super().to_wire()
        wire.pop("extensions", None)
        return {**wire, **{name: _to_wire(value) for name, value in self.extensions.items()}}


def _to_wire(value: object) -> Any:
    """Copy ``value`` into what JSON has: objects, arrays, strings, numbers, booleans and null."""
    match value:
        # Most values are texts, and the most expensive question comes last.
        case str() | bool() | None:
            return value
        case dict():
            return {key: _to_wire(item) for key, item in value.items()}
        case list() | tuple():
            return [_to_wire(item) for item in value]
        case SpecObject():
            return value.to_wire()
        case Mapping():
            return {key: _to_wire(item) for key, item in value.items()}
        case _:
            return value
