"""The official JSON Schema, and what it leaves unchecked of the document's structure.

The other rules may rely on this: they look only at documents without a finding from here.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError
from referencing import Registry

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import Version, official_schema
from chanx_asyncapi.validation.formats import FORMATS
from chanx_asyncapi.validation.text import brief

# https://www.asyncapi.com/docs/reference/specification/v3.1.0#componentsObject
_COMPONENT_KEY = re.compile(r"[a-zA-Z0-9.\-_]+")


def official(document: dict[str, Any], version: Version) -> Iterator[Problem]:
    """E102: the official JSON Schema."""
    problems = (
        Problem(
            code=Code.OFFICIAL_SCHEMA,
            where=tuple(str(key) for key in leaf.absolute_path),
            text=f"{_text(leaf)}.",
            way_out=f"Change it as the specification of AsyncAPI {version} says.",
        )
        for error in _validator(version).iter_errors(document)
        for leaf in _leaves(error)
    )
    # A schema is checked as one of JSON Schema and as one of AsyncAPI: most mistakes in it are found twice.
    yield from dict.fromkeys(problems)


def component_keys(document: dict[str, Any]) -> Iterator[Problem]:
    """E106: the official schema does not look at components whose key does not match, instead of refusing them."""
    for kind, components in document.get("components", {}).items():
        if kind.startswith("x-"):
            continue
        for key in components:
            if not _COMPONENT_KEY.fullmatch(key):
                yield Problem(
                    code=Code.COMPONENT_KEY,
                    where=("components", kind, key),
                    text="the key of a component consists of letters, digits, '.', '-' and '_'.",
                    way_out="Rename it, and what refers to it.",
                )


@cache
def _validator(version: Version) -> Draft7Validator:
    # An empty registry: the schema refers only to itself, and nothing may ever be fetched from the network.
    return Draft7Validator(official_schema(version), registry=Registry(), format_checker=FORMATS)


def _leaves(error: ValidationError) -> list[ValidationError]:
    """Return what is wrong in the alternative that was meant, instead of "is not valid under any of"."""
    if error.validator not in ("oneOf", "anyOf") or not error.context:
        return [error]
    alternatives: dict[object, list[ValidationError]] = {}
    for inner in error.context:
        alternatives.setdefault(inner.relative_schema_path[0], []).extend(_leaves(inner))
    candidates = [leaves for leaves in alternatives.values() if not any(map(_is_other_object, leaves))]
    return min(candidates, key=len, default=[error])


def _is_other_object(error: ValidationError) -> bool:
    """Whether the alternative is another object altogether: a reference, or one of another ``type``."""
    if error.validator == "required":
        return error.validator_value == ["$ref"] and not error.path
    return error.validator == "enum" and list(error.path) == ["type"]


def _text(error: ValidationError) -> str:
    match error.validator:
        case "additionalProperties":
            schema: Any = error.schema
            instance: Any = error.instance
            known, extensions = schema.get("properties", {}), "|".join(schema.get("patternProperties", ()))
            unknown = [key for key in instance if key not in known and not re.search(extensions or "$^", key)]
            return f"no such field here: {', '.join(map(repr, unknown))}; extensions begin with 'x-'"
        case "type":
            return f"must be of type {error.validator_value}, is {_kind(error.instance)}"
        case "oneOf" if not error.context:
            # The query of a WebSocket binding: to the official schema {"$ref": …} is a schema and a reference.
            return "fits two of the objects that are allowed here, as a reference does where a schema is"
        case "oneOf" | "anyOf":
            return "fits none of the objects that are allowed here"
        case _:
            return brief(error.message)


def _kind(value: object) -> str:
    match value:
        case None:
            return "null; leave out what is absent"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"
