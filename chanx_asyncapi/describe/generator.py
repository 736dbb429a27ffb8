"""JSON Schemas of messages as they look on the wire, by pydantic's own generator, each definition once."""

from typing import Any, Final, cast

from pydantic import BaseModel
from pydantic.json_schema import CoreModeRef, DefsRef, GenerateJsonSchema, JsonSchemaMode, JsonSchemaWarningKind
from pydantic_core import MISSING, core_schema

from chanx.codec import Codec, WireFormat, wire_schema

#: What references begin with before the definitions have their keys in the document.
PROVISIONAL: Final = "#/$defs/"

Schema = dict[str, Any]


class Generator(GenerateJsonSchema):
    """Generates the schemas of many models, one after another, into one set of definitions.

    :attr:`definitions` has an entry for each class and mode. A model that fails leaves the others untouched;
    whatever it has left behind is not referred to.
    """

    def __init__(self, wire: WireFormat) -> None:
        super().__init__(ref_template=PROVISIONAL + "{model}")
        self._wire = wire
        self._serializer = Codec({}, wire).serializer
        #: What pydantic warned of while it generated the last model.
        self.complaints: list[str] = []

    def add(self, model: type[BaseModel], mode: JsonSchemaMode) -> Schema:
        """The schema of ``model``: a reference to its definition. Raises whatever pydantic or a hook raises."""
        self.complaints = []
        # As generate_definitions() does for each of its models, without naming and copying all of them each time.
        self._mode = mode
        return self.generate_inner(wire_schema(model, self._wire))

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
        """As pydantic's, but nothing is claimed about what a serializer without return annotation makes."""
        described = super().model_schema(schema)
        serializer = cast("dict[str, Any]", schema.get("serialization", {}))
        if self.mode == "serialization" and serializer.get("type") in ("function-plain", "function-wrap"):
            return {key: described[key] for key in ("title", "description") if key in described}
        return described

    def encode_default(self, dft: Any) -> Any:
        """A default as clients would write it: with wire keys, and without computed fields where these are refused."""
        if isinstance(dft, BaseModel):
            return self._serializer(type(dft)).to_python(
                dft, mode="json", by_alias=True, exclude_computed_fields=self.mode == "validation"
            )
        if isinstance(dft, list | tuple):
            return [self.encode_default(item) for item in cast("list[Any]", dft)]
        return super().encode_default(dft)

    def emit_warning(self, kind: JsonSchemaWarningKind, detail: str) -> None:
        if kind not in self.ignored_warning_kinds:
            self.complaints.append(detail)
