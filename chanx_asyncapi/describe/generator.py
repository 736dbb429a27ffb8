"""JSON Schemas of messages as they look on the wire, by pydantic's own generator, each definition once."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, Final

from pydantic import BaseModel
from pydantic.json_schema import (
    CoreModeRef,
    CoreRef,
    DefsRef,
    JsonRef,
    JsonSchemaMode,
    JsonSchemaWarningKind,
)
from pydantic_core import core_schema

from chanx.messages.serialized import METADATA_KEY, SerializerType
from chanx.wire_format import WireFormat, wire_schema
from chanx_asyncapi.describe.exact_generator import ExactGenerator
from chanx_asyncapi.describe.serializers import SerializerSchemas
from chanx_asyncapi.problems import Code, Problem

#: What references begin with before the definitions have their keys in the document.
PROVISIONAL: Final = "#/$defs/"

#: What to do about a type that pydantic cannot describe.
WAYS_OUT: Final = (
    "Use types that pydantic can describe, give them a __get_pydantic_json_schema__, or write a "
    "chanx_asyncapi.extensions.TypeExtension for those that are not yours."
)

Schema = dict[str, Any]


class Generator(ExactGenerator):
    """Generates the schemas of many models, one after another, into one set of definitions.

    ``report`` is given what is wrong with a part of a model; :attr:`way` leads there.

    :attr:`definitions` has an entry for each class and mode. A model that fails leaves the others untouched;
    whatever it has left behind is not referred to.
    """

    def __init__(self, wire: WireFormat, report: Callable[[Problem], None]) -> None:
        super().__init__(wire, ref_template=PROVISIONAL + "{model}")
        self._report = report
        #: The models that have examples, by pydantic's names of their core schemas.
        self.models: dict[str, type[BaseModel]] = {}
        self._earlier: dict[DefsRef, Schema] = {}
        self._lacks_discriminator = False

    def add(self, model: type[BaseModel], mode: JsonSchemaMode) -> Schema:
        """The schema of ``model``: a reference to its definition. Raises whatever pydantic or a hook raises."""
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

    def model_schema(self, schema: core_schema.ModelSchema) -> Schema:
        """As pydantic's; remembers classes that have examples, which only they can read."""
        described = super().model_schema(schema)
        if not described.keys().isdisjoint(("example", "examples")):
            self.models[schema.get("ref", "")] = schema["cls"]
        return described

    def function_plain_schema(self, schema: core_schema.PlainValidatorFunctionSchema) -> Schema:
        """As pydantic's, except for the data of a DRF serializer."""
        serializer = schema.get("metadata", {}).get(METADATA_KEY)
        return super().function_plain_schema(schema) if serializer is None else self._of_serializer(serializer)

    def ser_schema(self, schema: Any) -> Schema | None:
        """As pydantic's, except for the data of a DRF serializer."""
        if isinstance(serializer := getattr(schema.get("function"), "__self__", None), SerializerType):
            return self._of_serializer(serializer)
        return super().ser_schema(schema)

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

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        match kind:
            case "skipped-discriminator":
                self._lacks_discriminator = True
            case "skipped-choice":
                self._report(_undescribed_choice(detail))
            case "non-serializable-default":
                self._report(_undescribed_default(detail))


def _undescribed_choice(detail: str) -> Problem:
    return Problem(
        code=Code.UNDESCRIBED_CHOICE,
        where=(),
        text=f"a choice of a union is left out: {detail.rstrip('.')}.",
        way_out=WAYS_OUT,
    )


def _undescribed_default(detail: str) -> Problem:
    return Problem(
        code=Code.UNDESCRIBED_DEFAULT,
        where=(),
        text=f"{detail}.",
        way_out="Use a default that pydantic can write as JSON, or a default_factory.",
    )
