"""Which types of values a schema allows, and which values if these are listed."""

from collections.abc import Mapping
from typing import Any, Final

from chanx_asyncapi.json_values import as_list, identity

#: What values can be. A number is an integer or a fraction, so that integers are numbers here as well.
ALL: Final = frozenset(("string", "integer", "fraction", "boolean", "null", "array", "object"))
NUMBERS: Final = frozenset(("integer", "fraction"))


def values(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The values of ``enum`` and ``const`` that ``type`` allows too, by a text for each; None if none are listed."""
    if "enum" not in schema and "const" not in schema:
        return None
    listed = [*as_list(schema["enum"])] if "enum" in schema else [schema["const"]]
    found = {identity(value): value for value in listed}
    if "enum" in schema and "const" in schema:
        found = {key: value for key, value in found.items() if key == identity(schema["const"])}
    declared = _declared(schema)
    return {key: value for key, value in found.items() if _type(value) in declared}


def types(schema: Mapping[str, Any]) -> frozenset[str]:
    """The types of the values that ``schema`` allows; :data:`ALL` where it says nothing."""
    listed = values(schema)
    return _declared(schema) if listed is None else frozenset(map(_type, listed.values()))


def _declared(schema: Mapping[str, Any]) -> frozenset[str]:
    if "type" not in schema:
        return ALL
    declared = schema["type"]
    names = [str(name) for name in (declared if isinstance(declared, list) else [declared])]
    # What nobody knows is a type of its own: it differs from all others.
    return frozenset(name for name in names if name != "number") | (NUMBERS if "number" in names else frozenset())


def _type(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case None:
            return "null"
        case int():
            return "integer"
        case float():
            return "integer" if value.is_integer() else "fraction"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
