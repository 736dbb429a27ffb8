"""pydantic's generator of JSON Schemas, corrected where it leaves open, or misses, what the runtime does."""

import math
from collections.abc import Set as AbstractSet
from enum import Flag, IntFlag
from typing import Any, Final, cast

from pydantic import BaseModel
from pydantic.json_schema import JsonRef
from pydantic_core import MISSING, core_schema, to_json, to_jsonable_python

from chanx.codec import Codec
from chanx.wire_format import WireFormat
from chanx_asyncapi.describe.extended_generator import ExtendedGenerator
from chanx_asyncapi.describe.object_keys import key_texts
from chanx_asyncapi.describe.texts import docstring
from chanx_asyncapi.extensions import Schema

#: What JSON writes as it is, whatever the configuration of a model; pydantic would make an adapter for each value.
_PLAIN: Final = frozenset({type(None), bool, int, str})


class ExactGenerator(ExtendedGenerator):
    """Each method says what pydantic's own has said otherwise; tests hold both sides against the runtime."""

    def __init__(self, wire: WireFormat, ref_template: str) -> None:
        super().__init__(wire, ref_template)
        self._serializer = Codec({}, wire).serializer

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

    def field_is_present(self, field: Any) -> bool:
        """As pydantic's, but what a dataclass only takes is not sent."""
        return super().field_is_present(field) and not (self.mode == "serialization" and field.get("init_only"))

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

    def ser_schema(self, schema: Any) -> Schema | None:
        """As pydantic's, but nothing is claimed about what a serializer without return annotation makes."""
        described = super().ser_schema(schema)
        # pydantic's own serializers, of sequences for instance, describe what they make in another way.
        package = getattr(schema.get("function"), "__module__", "pydantic").partition(".")[0]
        return described if described is not None or package == "pydantic" else {}

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
        if schema.get("keys_schema", {"type": "any"})["type"] in ("any", "str"):
            return described
        keys = self.generate_inner(schema["keys_schema"])
        if "$ref" in keys:
            keys = self.get_schema_from_definitions(JsonRef(keys["$ref"])) or {}
        texts = key_texts(keys, sent=self.mode == "serialization")
        if keys.get("type") == "string" or texts is None:
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

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> Schema:
        """As pydantic's, but a default that JSON writes as null is sent as null, whatever the type is."""
        described = super().default_schema(schema)
        default = schema.get("default", MISSING)
        is_null = default is None or (isinstance(default, float) and not math.isfinite(default))
        if self.mode != "serialization" or not is_null or described.get("type", "null") == "null":
            return described
        shown = {"default": described.pop("default")} if "default" in described else {}
        return {"anyOf": [described, {"type": "null"}], **shown}

    def encode_default(self, dft: Any) -> Any:
        """A default as clients would write it: with wire keys, and without computed fields where these are refused."""
        if type(dft) in _PLAIN:
            return dft
        if isinstance(dft, BaseModel):
            return self._serializer(type(dft)).to_python(
                _ordered(dft),
                mode="json",
                by_alias=True,
                exclude_computed_fields=self.mode == "validation",
                # A list in place of a set.
                warnings=False,
            )
        if isinstance(dft, AbstractSet):
            return sorted((self.encode_default(item) for item in dft), key=to_json)
        if isinstance(dft, list | tuple):
            return [self.encode_default(item) for item in cast("list[Any]", dft)]
        if isinstance(dft, dict):
            values = [self.encode_default(item) for item in dft.values()]
            return dict(zip(to_jsonable_python(dict.fromkeys(dft)), values, strict=True))
        return super().encode_default(dft)


def _ordered(value: Any) -> Any:
    """A part of a model with lists in place of sets, whose order differs from process to process."""
    if isinstance(value, AbstractSet):
        return sorted(map(_ordered, value), key=to_json)
    if isinstance(value, BaseModel):
        fields = ((name, value.__dict__[name]) for name in type(value).model_fields if name in value.__dict__)
        return value.model_copy(update={name: _ordered(part) for name, part in fields if type(part) not in _PLAIN})
    if isinstance(value, dict):
        return {key: _ordered(part) for key, part in value.items()}
    if type(value) is list:
        return [_ordered(part) for part in value]
    return value
