"""What the keywords of a schema are about. https://www.asyncapi.com/docs/reference/specification/v3.1.0#schemaObject"""

from typing import Final

#: A regular expression that only Python reads: an assertion of the server that no client can check.
PYTHON_PATTERN: Final = "x-python-pattern"

#: Keywords for people.
TEXTS: Final = ("title", "description", "examples", "example", "externalDocs", "$comment", "$id", "$schema")

#: Keywords that refuse no value.
ANNOTATIONS: Final = frozenset(
    (*TEXTS, "default", "deprecated", "discriminator", "readOnly", "writeOnly", "definitions", "$defs")
)

#: Keywords that have a comparison of their own, by the types of values that they speak of; others let them pass.
STRING: Final = ("minLength", "maxLength", "pattern", PYTHON_PATTERN, "format", "contentEncoding", "contentMediaType")
NUMBER: Final = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format")
ARRAY: Final = ("items", "additionalItems", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems")
OBJECT: Final = (
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
)
#: Keywords that are compared as a whole.
CONDITIONS: Final = ("not", "if", "then", "else", "dependencies", "dependentRequired", "dependentSchemas")

COMPARED: Final = frozenset(
    (
        *ANNOTATIONS,
        *STRING,
        *NUMBER,
        *ARRAY,
        *OBJECT,
        *CONDITIONS,
        "type",
        "enum",
        "const",
        "allOf",
        "anyOf",
        "oneOf",
        "x-deprecated",
    )
)


def is_annotation(keyword: str) -> bool:
    """Whether a keyword refuses no value. We know of one extension that does."""
    return keyword in ANNOTATIONS or (keyword.startswith("x-") and keyword != PYTHON_PATTERN)
