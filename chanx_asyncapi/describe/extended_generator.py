"""pydantic's generator of JSON Schemas, with extensions for the types that are not ours."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from pydantic.json_schema import CoreRef, DefsRef, GenerateJsonSchema, JsonSchemaMode
from pydantic_core import core_schema

from chanx.wire_format import WireFormat, wire_schema
from chanx_asyncapi.describe.foreign_types import ForeignTypes, description_in, field_annotations
from chanx_asyncapi.describe.names import class_path
from chanx_asyncapi.extensions import Direction, ExtensionError, Schema, TypeExtension

T = TypeVar("T")

_DIRECTIONS: Final[Mapping[JsonSchemaMode, Direction]] = {"validation": "received", "serialization": "sent"}

#: Keys of core schemas for which pydantic has more to do than to call the method for their type.
_HANDLED: Final = frozenset({"metadata", "ref", "serialization"})
#: Core schemas of what is no JSON, unless an extension says what stands for it.
_ONLY_IN_PYTHON: Final = frozenset({"callable", "is-instance", "is-subclass"})


class ExtendedGenerator(GenerateJsonSchema):
    """Generates schemas from core schemas, and looks at the annotations that these were made from.

    A core schema often does not say which class it is of: one with ``__get_pydantic_core_schema__`` may look like any
    text.
    """

    def __init__(self, wire: WireFormat, ref_template: str) -> None:
        super().__init__(ref_template=ref_template)
        self._methods = self.build_schema_type_to_method()
        self.foreign_types = ForeignTypes()
        self._wire = wire
        #: The classes whose schemas are being generated, outermost first.
        self._owners: list[type[Any]] = []
        #: The classes that extensions are describing, and whether anything has referred to each meanwhile.
        self._open: dict[DefsRef, bool] = {}
        #: The fields whose schemas are being generated, outermost first.
        self.way: list[str] = []
        self._names: dict[int, str] = {}
        self._fault: tuple[Exception | None, tuple[str, ...]] = (None, ())

    @property
    def mode(self) -> JsonSchemaMode:
        """As pydantic's, which asks the long way round for a setting that is nearly never there."""
        # Asked several times for each field: that way was a tenth of the time that a document takes.
        override = self._config.config_dict.get("json_schema_mode_override")
        return self._mode if override is None else override

    def generate_inner(self, schema: Any) -> Schema:
        """As pydantic's, except for a class that an extension describes."""
        # Called for each part of each type, so what is rare is asked last.
        if not self.foreign_types or not isinstance(cls := schema.get("cls"), type):
            if _HANDLED.isdisjoint(schema):
                return self._methods[schema["type"]](schema)
            return super().generate_inner(schema)
        extension = self.foreign_types.extension_for(cls)
        # A serializer of the field says what is sent, whatever the class is; that of the class itself has a reference.
        is_serialized = self.mode == "serialization" and "serialization" in schema and "ref" not in schema
        if extension is not None and schema["type"] != "is-subclass" and not is_serialized:
            return self._described(cls, extension, shared="ref" in schema)
        self._owners.append(cls)
        try:
            return super().generate_inner(schema)
        finally:
            self._owners.pop()

    def way_to(self, error: Exception) -> tuple[str, ...]:
        """The fields through which generating came to an exception, as far as they are known."""
        found, way = self._fault
        return way if found is error else ()

    def any_schema(self, schema: core_schema.AnySchema) -> Schema:
        """As pydantic's, unless it stands for a type that an extension has described."""
        described = description_in(schema)
        return super().any_schema(schema) if described is None else described

    def union_schema(self, schema: core_schema.UnionSchema) -> Schema:
        """As pydantic's, which warns of choices that cannot be described. No frame can be some of these."""
        choices = [choice for choice in schema["choices"] if self._may_travel(choice)]
        if len(choices) == len(schema["choices"]):
            return self._with_choices(super().union_schema(schema), schema)
        return self._with_choices(super().union_schema({**schema, "choices": choices}), schema)

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> Schema:
        """As pydantic's, which warns of choices that cannot be described."""
        return self._with_choices(super().tagged_union_schema(schema), schema)

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        """As pydantic's, with extensions for the type of a RootModel."""
        if schema.get("root_model"):
            root = self._extended({"root": {"schema": schema["schema"]}})["root"]
            schema = {**schema, "schema": root["schema"]}
        return super().model_schema(schema)

    def model_fields_schema(self, schema: core_schema.ModelFieldsSchema) -> Schema:
        """As pydantic's, with extensions for the types of fields."""
        fields = self._extended(schema["fields"])
        return super().model_fields_schema(schema if fields is schema["fields"] else {**schema, "fields": fields})

    def typed_dict_schema(self, schema: core_schema.TypedDictSchema) -> Schema:
        """As pydantic's, with extensions for the types of keys."""
        if "cls" in schema:
            schema = {**schema, "fields": self._extended(schema["fields"])}
        return super().typed_dict_schema(schema)

    def dataclass_args_schema(self, schema: core_schema.DataclassArgsSchema) -> Schema:
        """As pydantic's, with extensions for the types of fields."""
        fields = self._extended({field["name"]: field for field in schema["fields"]})
        return super().dataclass_args_schema({**schema, "fields": list(fields.values())})

    def named_tuple_schema(self, schema: "core_schema.NamedTupleSchema") -> Schema:
        """As pydantic's, with extensions for the types of fields."""
        fields = self._extended({field["name"]: field for field in schema["fields"]})
        return super().named_tuple_schema({**schema, "fields": list(fields.values())})

    def model_field_schema(self, schema: core_schema.ModelField) -> Schema:
        """As pydantic's, remembering where it is."""
        return self._inside(self._names.get(id(schema)), super().model_field_schema, schema)

    def typed_dict_field_schema(self, schema: core_schema.TypedDictField) -> Schema:
        """As pydantic's, remembering where it is."""
        return self._inside(self._names.get(id(schema)), super().typed_dict_field_schema, schema)

    def dataclass_field_schema(self, schema: core_schema.DataclassField) -> Schema:
        """As pydantic's, remembering where it is."""
        return self._inside(schema["name"], super().dataclass_field_schema, schema)

    def computed_field_schema(self, schema: core_schema.ComputedField) -> Schema:
        """As pydantic's, with an extension for its type."""
        name = schema["property_name"]
        return self._inside(name, super().computed_field_schema, self._extended({name: schema})[name])

    def schema_of(self, annotation: Any) -> Schema:
        """The schema of an annotation, in the direction of the model that is being generated."""
        replaced = self.foreign_types.replaced(annotation, self._described)
        return self.generate_inner(wire_schema(replaced, self._wire))

    def _with_choices(self, described: Schema, schema: Any) -> Schema:
        if [] in (described.get("anyOf"), described.get("oneOf")):
            return self.handle_invalid_for_json_schema(schema, "a union of which no choice can be described")
        return described

    def _may_travel(self, choice: Any) -> bool:
        schema = choice[0] if isinstance(choice, tuple) else choice
        if schema["type"] not in _ONLY_IN_PYTHON:
            return True
        return isinstance(cls := schema.get("cls"), type) and self.foreign_types.extension_for(cls) is not None

    def _extended(self, fields: Any) -> Any:
        """Core schemas of fields by their names, with descriptions in place of what extensions describe."""
        if self.foreign_types and self._owners:
            annotations = field_annotations(self._owners[-1])
            fields = {
                name: self._extended_field(field, annotations[name]) if name in annotations else field
                for name, field in fields.items()
            }
        for name, field in fields.items():
            self._names[id(field)] = name
        return fields

    def _inside(self, name: str | None, generate: Callable[[T], Schema], field: T) -> Schema:
        if name is None:
            return generate(field)
        self.way.append(name)
        try:
            return generate(field)
        except Exception as error:
            if self._fault[0] is not error:
                self._fault = (error, tuple(self.way))
            raise
        finally:
            self.way.pop()

    def _extended_field(self, field: Any, annotation: Any) -> Any:
        replaced = self.foreign_types.replaced(annotation, self._described)
        if replaced is annotation:
            return field
        key = "return_schema" if "return_schema" in field else "schema"
        outer = field[key]
        inner: Any = wire_schema(replaced, self._wire)
        if outer["type"] == "default":
            inner = {**outer, "schema": inner}
        elif outer.get("serialization", {}).get("is_field_serializer"):
            inner = {**inner, "serialization": outer["serialization"]}
        return {**field, key: inner}

    def _described(self, target: Any, extension: type[TypeExtension], *, shared: bool = False) -> Schema:
        """What an extension says of a class, or of a marker: its schema, or a reference to it."""
        if not isinstance(target, type):
            return self._asked(target, extension)
        # As pydantic names classes.
        ref, reference = self.get_cache_defs_ref_schema(
            CoreRef(f"{target.__module__}.{target.__qualname__}:{id(target)}")
        )
        if ref in self.definitions:
            return reference
        if ref in self._open:
            self._open[ref] = True
            return reference
        self._open[ref] = shared
        try:
            described = self._asked(target, extension)
        finally:
            shared = self._open.pop(ref)
        if not (shared or "properties" in described or "enum" in described):
            return described
        self.definitions[ref] = described
        return reference

    def _asked(self, target: Any, extension: type[TypeExtension]) -> Schema:
        path = class_path(extension)
        try:
            described: Any = extension(target, self.schema_of).json_schema(_DIRECTIONS[self.mode])
        except Exception as error:
            raise ExtensionError(f"{path} failed with {type(error).__name__}: {error}") from error
        if not isinstance(described, Mapping):
            raise ExtensionError(f"{path} returned {described!r} in place of a JSON Schema")
        return dict(described)
