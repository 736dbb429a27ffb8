"""Single changes of one schema, each in both directions."""

from typing import Any, Final

from tests.chanx_asyncapi.diff.table import SchemaChange as Row

_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "number"}


def _object(properties: Any = None, *required: str, **more: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": properties or {}, **more}
    return {**schema, "required": [*required]} if required else schema


def _tagged(*tags: str, keyword: str = "oneOf", **more: Any) -> dict[str, Any]:
    return {
        keyword: [_object({"kind": {"const": tag}, "text": _TEXT}, "kind", title=tag) for tag in tags],
        "discriminator": "kind",
        **more,
    }


SCHEMA_CHANGES: Final = (
    # Properties
    Row("a required property is new", "property-added", _object(), _object({"a": _TEXT}, "a"), "bu", "sb"),
    Row("an optional property is new", "property-added", _object(), _object({"a": _TEXT}), "su", "su"),
    Row("a required property is gone", "property-removed", _object({"a": _TEXT}, "a"), _object(), "ub", "bs"),
    Row("an optional property is gone", "property-removed", _object({"a": _TEXT}), _object(), "us", "us"),
    Row(
        "an optional property is new in a closed object",
        "property-added",
        _object(additionalProperties=False),
        _object({"a": _TEXT}, additionalProperties=False),
        "sb",
        "bu",
    ),
    Row(
        "a required property is new in a closed object",
        "property-added",
        _object(additionalProperties=False),
        _object({"a": _TEXT}, "a", additionalProperties=False),
        "bb",
        "bb",
    ),
    Row(
        "an optional property is gone from a closed object",
        "property-removed",
        _object({"a": _TEXT}, additionalProperties=False),
        _object(additionalProperties=False),
        "bs",
        "ub",
    ),
    Row(
        "a property is new where every key was welcome",
        "property-added",
        _object(additionalProperties=True),
        _object({"a": _TEXT}, additionalProperties=True),
        "uu",
        "su",
    ),
    Row(
        "a property is new in a map",
        "property-added",
        _object(additionalProperties=_NUMBER),
        _object({"a": _TEXT}, additionalProperties=_NUMBER),
        "uu",
        "uu",
    ),
    Row(
        "a property becomes required",
        "property-required",
        _object({"a": _TEXT}),
        _object({"a": _TEXT}, "a"),
        "bs",
        "sb",
    ),
    Row(
        "a property is no longer required",
        "property-optional",
        _object({"a": _TEXT}, "a"),
        _object({"a": _TEXT}),
        "sb",
        "bs",
    ),
    Row(
        "a key without a schema becomes required",
        "property-added",
        _object(),
        {**_object(), "required": ["a"]},
        "bu",
        "sb",
    ),
    # Other keys
    Row("an object is closed", "additional-changed", _object(), _object(additionalProperties=False), "bs", "sb"),
    Row("an object is opened", "additional-changed", _object(additionalProperties=False), _object(), "sb", "bs"),
    Row(
        "other values get a schema",
        "additional-changed",
        _object(),
        _object(additionalProperties=_NUMBER),
        "bs",
        "sb",
    ),
    Row(
        "other values lose their schema",
        "additional-changed",
        _object(additionalProperties=_NUMBER),
        _object(additionalProperties=True),
        "sb",
        "bs",
    ),
    Row(
        "a closed object becomes a map",
        "additional-changed",
        _object(additionalProperties=False),
        _object(additionalProperties=_NUMBER),
        "sb",
        "bs",
    ),
    Row(
        "the values of a map get another type",
        "type-changed",
        _object(additionalProperties=_NUMBER),
        _object(additionalProperties=_TEXT),
        "bb",
        "bb",
    ),
    Row(
        "the values of a map get wider",
        "type-changed",
        _object(additionalProperties={"type": "integer"}),
        _object(additionalProperties=_NUMBER),
        "sb",
        "bs",
    ),
    Row(
        "a pattern of keys is new",
        "additional-changed",
        _object(),
        _object(patternProperties={"^x": _TEXT}),
        "uu",
        "uu",
    ),
    Row(
        "a pattern of keys is gone",
        "additional-changed",
        _object(patternProperties={"^x": _TEXT}),
        _object(),
        "uu",
        "uu",
    ),
    Row(
        "the values behind a pattern of keys get narrower",
        "limit-changed",
        _object(patternProperties={"^x": _TEXT}),
        _object(patternProperties={"^x": {**_TEXT, "maxLength": 3}}),
        "bs",
        "sb",
    ),
    Row(
        "names of keys get a pattern",
        "pattern-changed",
        _object(propertyNames=_TEXT),
        _object(propertyNames={**_TEXT, "pattern": "^x"}),
        "bs",
        "sb",
    ),
    Row("names of keys get a schema", "type-changed", _object(), _object(propertyNames=_TEXT), "bs", "sb"),
    Row("fewer keys are enough", "limit-changed", _object(minProperties=2), _object(minProperties=1), "sb", "bs"),
    Row("fewer keys are allowed", "limit-changed", _object(maxProperties=2), _object(maxProperties=1), "bs", "sb"),
    # Types
    Row("another type", "type-changed", _TEXT, _NUMBER, "bb", "bb"),
    Row("integers become numbers", "type-changed", {"type": "integer"}, _NUMBER, "sb", "bs"),
    Row("numbers become integers", "type-changed", _NUMBER, {"type": "integer"}, "bs", "sb"),
    Row("a type is new in a list", "type-changed", _TEXT, {"type": ["string", "null"]}, "sb", "bs"),
    Row("a type is gone from a list", "type-changed", {"type": ["string", "null"]}, _TEXT, "bs", "sb"),
    Row("a type is new where there was none", "type-changed", {}, _TEXT, "bs", "sb"),
    Row("a type is gone", "type-changed", _TEXT, {}, "sb", "bs"),
    Row("null is allowed by anyOf", "alternative-added", _TEXT, {"anyOf": [_TEXT, {"type": "null"}]}, "sb", "bs"),
    Row("null is no longer allowed", "alternative-removed", {"anyOf": [_TEXT, {"type": "null"}]}, _TEXT, "bs", "sb"),
    Row("a type that nobody knows", "type-changed", _TEXT, {"type": "file"}, "bb", "bb"),
    # Values
    Row("a value is new", "values-changed", {"enum": ["a"]}, {"enum": ["a", "b"]}, "sb", "bs"),
    Row("a value is gone", "values-changed", {"enum": ["a", "b"]}, {"enum": ["a"]}, "bs", "sb"),
    Row("a value is replaced", "values-changed", {"enum": ["a", "b"]}, {"enum": ["a", "c"]}, "bb", "bb"),
    Row("all values are allowed", "values-changed", {**_TEXT, "enum": ["a"]}, _TEXT, "sb", "bs"),
    Row("values are listed", "values-changed", _TEXT, {**_TEXT, "enum": ["a"]}, "bs", "sb"),
    Row("a constant is another one", "values-changed", {"const": "a"}, {"const": "b"}, "bb", "bb"),
    Row("a constant becomes one of several", "values-changed", {"const": "a"}, {"enum": ["a", "b"]}, "sb", "bs"),
    Row("a constant is null", "values-changed", {"const": 0}, {"const": None}, "bb", "bb"),
    Row("true is not 1", "values-changed", {"const": 1}, {"const": True}, "bb", "bb"),
    # Bounds
    *(
        Row(f"{keyword} rises", "limit-changed", {**base, keyword: 1}, {**base, keyword: 2}, *classes)
        for keywords, classes in (
            (("minLength", "minimum", "exclusiveMinimum", "minItems"), ("bs", "sb")),
            (("maxLength", "maximum", "exclusiveMaximum", "maxItems"), ("sb", "bs")),
        )
        for keyword, base in zip(keywords, (_TEXT, _NUMBER, _NUMBER, {"type": "array"}), strict=True)
    ),
    Row("a bound is new", "limit-changed", _TEXT, {**_TEXT, "maxLength": 9}, "bs", "sb"),
    Row("a bound is gone", "limit-changed", {**_TEXT, "maxLength": 9}, _TEXT, "sb", "bs"),
    Row(
        "a bound as draft-04 wrote it",
        "limit-changed",
        {**_NUMBER, "minimum": 1, "exclusiveMinimum": False},
        {**_NUMBER, "minimum": 1, "exclusiveMinimum": True},
        "uu",
        "uu",
    ),
    Row(
        "multiples of a multiple",
        "limit-changed",
        {**_NUMBER, "multipleOf": 3},
        {**_NUMBER, "multipleOf": 6},
        "bs",
        "sb",
    ),
    Row(
        "multiples of a divisor",
        "limit-changed",
        {**_NUMBER, "multipleOf": 6},
        {**_NUMBER, "multipleOf": 3},
        "sb",
        "bs",
    ),
    Row(
        "multiples of another number",
        "limit-changed",
        {**_NUMBER, "multipleOf": 2},
        {**_NUMBER, "multipleOf": 3},
        "bb",
        "bb",
    ),
    Row(
        "multiples of fractions",
        "limit-changed",
        {**_NUMBER, "multipleOf": 0.2},
        {**_NUMBER, "multipleOf": 0.1},
        "uu",
        "uu",
    ),
    Row("multiples only", "limit-changed", _NUMBER, {**_NUMBER, "multipleOf": 3}, "bs", "sb"),
    Row("items must differ", "limit-changed", {"type": "array"}, {"type": "array", "uniqueItems": True}, "bs", "sb"),
    Row("items may be equal", "limit-changed", {"type": "array", "uniqueItems": True}, {"type": "array"}, "sb", "bs"),
    # Patterns, formats, encodings
    Row("a pattern is new", "pattern-changed", _TEXT, {**_TEXT, "pattern": "^a"}, "bs", "sb"),
    Row("a pattern is gone", "pattern-changed", {**_TEXT, "pattern": "^a"}, _TEXT, "sb", "bs"),
    Row("another pattern", "pattern-changed", {**_TEXT, "pattern": "^a"}, {**_TEXT, "pattern": "^ab?"}, "uu", "uu"),
    Row(
        "a pattern that only Python reads", "pattern-changed", _TEXT, {**_TEXT, "x-python-pattern": r"\Aa"}, "bs", "sb"
    ),
    Row("a format is new", "format-changed", _TEXT, {**_TEXT, "format": "date"}, "bs", "sb"),
    Row("a format is gone", "format-changed", {**_TEXT, "format": "date"}, _TEXT, "sb", "bs"),
    Row("another format", "format-changed", {**_TEXT, "format": "date"}, {**_TEXT, "format": "date-time"}, "bb", "bb"),
    Row(
        "a wider format", "format-changed", {**_TEXT, "format": "uri"}, {**_TEXT, "format": "uri-reference"}, "sb", "bs"
    ),
    Row(
        "a format that nobody knows",
        "format-changed",
        {**_TEXT, "format": "date"},
        {**_TEXT, "format": "when"},
        "uu",
        "uu",
    ),
    Row(
        "longer integers",
        "format-changed",
        {"type": "integer", "format": "int32"},
        {"type": "integer", "format": "int64"},
        "sb",
        "bs",
    ),
    Row(
        "another encoding",
        "encoding-changed",
        {**_TEXT, "contentEncoding": "base64"},
        {**_TEXT, "contentEncoding": "base16"},
        "bb",
        "bb",
    ),
    Row("an encoding is new", "encoding-changed", _TEXT, {**_TEXT, "contentEncoding": "base64"}, "uu", "uu"),
    Row("a media type is gone", "encoding-changed", {**_TEXT, "contentMediaType": "image/png"}, _TEXT, "uu", "uu"),
    # Defaults
    Row(
        "another default of an optional property",
        "default-changed",
        _object({"a": {**_TEXT, "default": "x"}}),
        _object({"a": {**_TEXT, "default": "y"}}),
        "uu",
        "uu",
    ),
    Row(
        "another default of a required property",
        "default-changed",
        _object({"a": {**_TEXT, "default": "x"}}, "a"),
        _object({"a": {**_TEXT, "default": "y"}}, "a"),
        "ss",
        "ss",
    ),
    Row(
        "a default of an optional property is new",
        "default-changed",
        _object({"a": _TEXT}),
        _object({"a": {**_TEXT, "default": None}}),
        "uu",
        "uu",
    ),
    # Arrays
    Row(
        "items get narrower",
        "limit-changed",
        {"type": "array", "items": _TEXT},
        {"type": "array", "items": {**_TEXT, "maxLength": 3}},
        "bs",
        "sb",
    ),
    Row("items get a schema", "type-changed", {"type": "array"}, {"type": "array", "items": _TEXT}, "bs", "sb"),
    Row(
        "the first item of a tuple gets wider",
        "type-changed",
        {"type": "array", "items": [{"type": "integer"}, _TEXT], "additionalItems": False},
        {"type": "array", "items": [_NUMBER, _TEXT], "additionalItems": False},
        "sb",
        "bs",
    ),
    Row(
        "a tuple gets longer",
        "schema-changed",
        {"type": "array", "items": [_TEXT], "additionalItems": False},
        {"type": "array", "items": [_TEXT, _TEXT], "additionalItems": False},
        "sb",
        "bs",
    ),
    Row(
        "a tuple is closed",
        "schema-changed",
        {"type": "array", "items": [_TEXT]},
        {"type": "array", "items": [_TEXT], "additionalItems": False},
        "bs",
        "sb",
    ),
    Row(
        "one of the items must be something",
        "limit-changed",
        {"type": "array"},
        {"type": "array", "contains": _TEXT},
        "bs",
        "sb",
    ),
    Row(
        "what one of the items must be gets wider",
        "type-changed",
        {"type": "array", "contains": {"type": "integer"}},
        {"type": "array", "contains": _NUMBER},
        "sb",
        "bs",
    ),
    # Alternatives
    Row(
        "an alternative is new",
        "alternative-added",
        {"anyOf": [_TEXT, _NUMBER]},
        {"anyOf": [_TEXT, _NUMBER, {"type": "boolean"}]},
        "sb",
        "bs",
    ),
    Row(
        "an alternative is gone",
        "alternative-removed",
        {"anyOf": [_TEXT, _NUMBER, {"type": "boolean"}]},
        {"anyOf": [_TEXT, {"type": "boolean"}]},
        "bs",
        "sb",
    ),
    Row("an alternative with a tag is new", "alternative-added", _tagged("a"), _tagged("a", "b"), "sb", "bs"),
    Row("an alternative with a tag is gone", "alternative-removed", _tagged("a", "b"), _tagged("b"), "bs", "sb"),
    Row(
        "an alternative is new beside one that allows everything",
        "alternative-added",
        {"anyOf": [_TEXT, {}]},
        {"anyOf": [_TEXT, _NUMBER, {}]},
        "ss",
        "ss",
    ),
    Row(
        "the alternative that allows everything is gone",
        "alternative-removed",
        {"anyOf": [_TEXT, {}]},
        {"anyOf": [_TEXT]},
        "bs",
        "sb",
    ),
    Row(
        "an alternative is new that another one covers",
        "alternative-added",
        {"anyOf": [_TEXT, _NUMBER]},
        {"anyOf": [_TEXT, _NUMBER, {"type": "string", "enum": ["a"]}]},
        "ss",
        "ss",
    ),
    Row(
        "an alternative changes inside",
        "limit-changed",
        {"anyOf": [{**_TEXT, "maxLength": 3}, {"type": "null"}]},
        {"anyOf": [{"type": "null"}, {**_TEXT, "maxLength": 4}]},
        "sb",
        "bs",
    ),
    Row(
        "the property that tells alternatives apart is another one",
        "discriminator-changed",
        _tagged("a", "b"),
        _tagged("a", "b") | {"discriminator": "text"},
        "uu",
        "uu",
    ),
    Row(
        "the property that tells alternatives apart is not said any more",
        "discriminator-changed",
        _tagged("a", "b"),
        {"oneOf": _tagged("a", "b")["oneOf"]},
        "ss",
        "ss",
    ),
    # Parts and conditions
    Row(
        "a part is new that cannot be merged",
        "part-added",
        {"allOf": [{**_TEXT, "maxLength": 9}, {"maxLength": 8}]},
        {"allOf": [{**_TEXT, "maxLength": 9}, {"maxLength": 8}, {"pattern": "^a"}]},
        "bs",
        "sb",
    ),
    Row(
        "a part is gone that cannot be merged",
        "part-removed",
        {"allOf": [{**_TEXT, "maxLength": 9}, {"maxLength": 8}, {"pattern": "^a"}]},
        {"allOf": [{**_TEXT, "maxLength": 9}, {"maxLength": 8}]},
        "sb",
        "bs",
    ),
    Row(
        "a property is new in a part",
        "property-added",
        {"allOf": [_object({"a": _TEXT}), _object({"b": _TEXT})]},
        {"allOf": [_object({"a": _TEXT}), _object({"b": _TEXT, "c": _TEXT}, "c")]},
        "bu",
        "sb",
    ),
    *(
        Row(f"{keyword} is {how}", "condition-changed", {**_TEXT, **old}, {**_TEXT, **new}, "uu", "uu")
        for keyword, value, other in (
            ("not", {"const": "a"}, {"const": "b"}),
            ("if", {"const": "a"}, {"const": "b"}),
            ("then", {"maxLength": 3}, {"maxLength": 4}),
            ("else", {"maxLength": 3}, {"maxLength": 4}),
            ("dependencies", {"a": ["b"]}, {"a": ["c"]}),
        )
        for how, old, new in (
            ("new", {}, {keyword: value}),
            ("gone", {keyword: value}, {}),
            ("another one", {keyword: value}, {keyword: other}),
        )
    ),
    # Schemas that are true, false, or no schemas
    Row("everything is allowed", "schema-changed", False, True, "sb", "bs"),
    Row("nothing is allowed", "schema-changed", _TEXT, False, "bs", "sb"),
    Row("anything becomes a text", "type-changed", True, _TEXT, "bs", "sb"),
    Row("what is no schema", "schema-changed", _TEXT, 5, "uu", "uu"),
    Row("a reference that leads out", "reference-changed", _TEXT, {"$ref": "./other.json#/a"}, "uu", "uu"),
    Row("a reference that leads nowhere", "reference-changed", _TEXT, {"$ref": "#/nowhere"}, "uu", "uu"),
    # What refuses nothing
    *(
        Row(f"another {keyword}", "text-changed", {**_TEXT, keyword: "A"}, {**_TEXT, keyword: "B"}, "ss", "ss")
        for keyword in ("title", "description", "$comment")
    ),
    Row("other examples", "text-changed", _TEXT, {**_TEXT, "examples": ["a"]}, "ss", "ss"),
    Row("a schema is deprecated", "deprecation-changed", _TEXT, {**_TEXT, "deprecated": True}, "ss", "ss"),
    Row("a schema may only be read", "field-changed", _TEXT, {**_TEXT, "readOnly": True}, "uu", "uu"),
    Row("an extension of a schema", "field-changed", _TEXT, {**_TEXT, "x-order": 1}, "uu", "uu"),
    Row("a keyword that we do not know", "field-changed", _TEXT, {**_TEXT, "nullable": True}, "uu", "uu"),
)
