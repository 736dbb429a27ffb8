"""JSON Schemas of messages as they look on the wire, by pydantic's own generator, each definition once."""

from collections.abc import Callable
from enum import Flag, IntFlag
from functools import cached_property
from typing import Any, Final, cast

from pydantic import BaseModel
from pydantic.json_schema import (
    CoreModeRef,
    CoreRef,
    DefsRef,
    JsonRef,
    JsonSchemaMode,
    JsonSchemaWarningKind,
)
from pydantic_core import MISSING, core_schema

from chanx.codec import Codec, WireFormat, wire_schema
from chanx.messages.serialized import METADATA_KEY, SerializerType
from chanx_asyncapi.describe.extended_generator import ExtendedGenerator
from chanx_asyncapi.describe.object_keys import key_texts
from chanx_asyncapi.describe.serializers import SerializerSchemas
from chanx_asyncapi.describe.texts import docstring
from chanx_asyncapi.problems import Problem

#: What references begin with before the definitions have their keys in the document.
PROVISIONAL: Final = "#/$defs/"

#: What JSON writes as it is, whatever the configuration of a model; pydantic would make an adapter for each value.
_PLAIN: Final = frozenset({type(None), bool, int, str})

Schema = dict[str, Any]


class Generator(ExtendedGenerator):
    """Generates the schemas of many models, one after another, into one set of definitions.

    :attr:`definitions` has an entry for each class and mode. A model that fails leaves the others untouched;
    whatever it has left behind is not referred to.
    """

    def __init__(self, wire: WireFormat, report: Callable[[Problem], None]) -> None:
        super().__init__(wire, ref_template=PROVISIONAL + "{model}")
        self._report = report
        self._serializer = Codec({}, wire).serializer
        #: What pydantic warned of while it generated the last model.
        self.complaints: list[str] = []
        self._earlier: dict[DefsRef, Schema] = {}
        self._lacks_discriminator = False

    def add(self, model: type[BaseModel], mode: JsonSchemaMode) -> Schema:
        """The schema of ``model``: a reference to its definition. Raises whatever pydantic or a hook raises."""
        self.complaints = []
        # As generate_definitions() does for each of its models, without naming and copying all of them each time.
        self._mode = mode
        self._lacks_discriminator = False
        schema = wire_schema(model, self._wire)
        described = self.generate_inner(schema)
        if self._lacks_discriminator:
            # An alternative of a union held the union, and was not yet described. Now it is.
            self._earlier, self.definitions = self.definitions, {}
            described = self.generate_inner(schema)
            self._earlier, self.definitions = {}, self._earlier | self.definitions
        return described

    def get_schema_from_definitions(self, json_ref: JsonRef) -> Schema | None:
        """A definition, be it of the first or of the second pass of :meth:`add`."""
        found = super().get_schema_from_definitions(json_ref)
        if found is None and json_ref in self.json_to_defs_refs:
            return self._earlier.get(self.json_to_defs_refs[json_ref])
        return found

    def get_defs_ref(self, core_mode_ref: CoreModeRef) -> DefsRef:
        """One definition for each class and mode. Keys are given when all of them are known."""
        core_ref, mode = core_mode_ref
        return DefsRef(f"{mode}:{core_ref}")

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        """A sent message has its defaults on board: the runtime leaves nothing out that it is not told to."""
        if self.mode == "serialization" and field["type"] != "typed-dict-field":
            never_missing = cast("dict[str, Any]", field["schema"]).get("default") is not MISSING
            return never_missing and field.get("serialization_exclude_if") is None
        return super().field_is_required(field, total)

    def field_title_should_be_set(self, schema: Any) -> bool:
        """No titles made from names of fields: they say nothing new, and generators of code call types after them."""
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        """As pydantic's, but a generic model with arguments has the description of the model."""
        described = super().model_schema(schema)
        metadata: Any = getattr(schema["cls"], "__pydantic_generic_metadata__", {})
        if metadata.get("origin") and (description := docstring(schema["cls"])):
            described.setdefault("description", description)
        return described

    def function_plain_schema(self, schema: core_schema.PlainValidatorFunctionSchema) -> Schema:
        """As pydantic's, except for the data of a DRF serializer."""
        serializer = schema.get("metadata", {}).get(METADATA_KEY)
        return super().function_plain_schema(schema) if serializer is None else self._of_serializer(serializer)

    def ser_schema(self, schema: Any) -> Schema | None:
        """As pydantic's, but nothing is claimed about what a serializer without return annotation makes."""
        if isinstance(serializer := getattr(schema.get("function"), "__self__", None), SerializerType):
            return self._of_serializer(serializer)
        described = super().ser_schema(schema)
        # pydantic's own serializers, of sequences for instance, describe what they make in another way.
        is_ours = getattr(schema.get("function"), "__module__", "pydantic").partition(".")[0] == "pydantic"
        return described if described is not None or is_ours else {}

    @cached_property
    def _serializers(self) -> SerializerSchemas:
        return SerializerSchemas(self._report, camelize=self._wire.camelize)

    def _of_serializer(self, serializer: SerializerType) -> Schema:
        schema, definitions = self._serializers.schema(serializer, self.mode, self._reference_to)
        for core_ref, definition in definitions.items():
            self.definitions[self.get_cache_defs_ref_schema(core_ref)[0]] = definition
        return schema

    def _reference_to(self, core_ref: CoreRef) -> str:
        return str(self.get_cache_defs_ref_schema(core_ref)[1]["$ref"])

    def dict_schema(self, schema: core_schema.DictSchema) -> Schema:
        """As pydantic's, but of the keys nothing is left open that the runtime refuses."""
        return self._with_keys(super().dict_schema(schema), schema)

    def ordered_dict_schema(self, schema: "core_schema.OrderedDictSchema") -> Schema:
        """As :meth:`dict_schema`."""
        return self._with_keys(super().ordered_dict_schema(schema), schema)

    def counter_schema(self, schema: "core_schema.CounterSchema") -> Schema:
        """As :meth:`dict_schema`."""
        return self._with_keys(super().counter_schema(schema), schema)

    def frozendict_schema(self, schema: "core_schema.FrozenDictSchema") -> Schema:
        """As :meth:`dict_schema`."""
        return self._with_keys(super().frozendict_schema(schema), schema)

    def _with_keys(self, described: Schema, schema: Any) -> Schema:
        if "patternProperties" in described:
            return {**described, "additionalProperties": False}
        keys = self.generate_inner(schema["keys_schema"]) if "keys_schema" in schema else {}
        if "$ref" in keys:
            keys = self.get_schema_from_definitions(JsonRef(keys["$ref"])) or {}
        if keys.get("type") == "string" or (texts := key_texts(keys)) is None:
            return described
        return {**described, "propertyNames": texts}

    def enum_schema(self, schema: core_schema.EnumSchema) -> Schema:
        """As pydantic's, but flags may be combined, and travel as the number of the combination."""
        described = super().enum_schema(schema)
        if not issubclass(schema["cls"], Flag):
            return described
        # An IntFlag keeps bits that have no name.
        bound = {} if issubclass(schema["cls"], IntFlag) else {"maximum": (~schema["cls"](0)).value}
        return {**{key: value for key, value in described.items() if key != "enum"}, "minimum": 0, **bound}

    def datetime_schema(self, schema: core_schema.DatetimeSchema) -> Schema:
        """As pydantic's, but without "date-time" for what must not have the offset which that one demands."""
        described = super().datetime_schema(schema)
        if schema.get("tz_constraint") == "naive" and "format" in described:
            # https://spec.openapis.org/registry/format/date-time-local
            described["format"] = "date-time-local"
        return described

    def get_decimal_pattern(self, schema: core_schema.DecimalSchema) -> str:
        """The texts that are decimals: by itself, pydantic allows any text."""
        return self.build_decimal_pattern(schema)

    def encode_default(self, dft: Any) -> Any:
        """A default as clients would write it: with wire keys, and without computed fields where these are refused."""
        if type(dft) in _PLAIN:
            return dft
        if isinstance(dft, BaseModel):
            return self._serializer(type(dft)).to_python(
                dft, mode="json", by_alias=True, exclude_computed_fields=self.mode == "validation"
            )
        if isinstance(dft, list | tuple):
            return [self.encode_default(item) for item in cast("list[Any]", dft)]
        return super().encode_default(dft)

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        if kind == "skipped-discriminator":
            self._lacks_discriminator = True
        elif kind not in self.ignored_warning_kinds:
            self.complaints.append(detail)
