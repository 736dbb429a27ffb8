"""From the Schema Objects of OpenAPI, 3.0 and 3.1, to JSON Schema as pydantic would write it.

https://spec.openapis.org/oas/v3.0.3#schema-object, https://spec.openapis.org/oas/v3.1.0#schema-object
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from chanx_asyncapi.describe.draft7 import Schema

#: Keywords that hold one schema, a list of schemas, and schemas by names of the author.
_ONE: Final = frozenset({"additionalProperties", "items", "not"})
_LISTS: Final = frozenset({"allOf", "anyOf", "oneOf"})
_MAPS: Final = frozenset({"patternProperties", "properties"})

#: What no frame knows: whatever does not travel in a direction is not in the schema of that direction.
_UNKNOWN: Final = frozenset({"readOnly", "writeOnly", "xml"})
#: What is said of a value whether it is null or not.
_OF_EITHER: Final = frozenset({"default", "deprecated", "description", "examples"})
_NULL: Final[Schema] = {"type": "null"}

#: drf-spectacular's mark of an enum that was made of choices.
_CHOICES: Final = "x-spec-enum-id"


@dataclass(frozen=True, slots=True)
class Translator:
    """Translates schemas."""

    #: Gives the new target of a reference.
    refer: Callable[[str], str]
    #: The names of enums, by drf-spectacular's marks.
    enum_names: Mapping[str, str]

    def translated(self, schema: Schema) -> Schema:
        """A copy of ``schema`` as JSON Schema."""
        copy = {key: self._part(key, value) for key, value in schema.items() if key not in _UNKNOWN}
        if isinstance(target := copy.get("$ref"), str):
            copy["$ref"] = self.refer(target)
        if (name := self.enum_names.get(copy.pop(_CHOICES, ""))) is not None:
            copy["title"] = name
        if "example" in copy:
            copy["examples"] = [copy.pop("example")]
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            # A number in 3.1; in 3.0 it tells how the other bound is meant.
            if isinstance(is_exclusive := copy.get(exclusive), bool):
                del copy[exclusive]
                if is_exclusive and bound in copy:
                    copy[exclusive] = copy.pop(bound)
        is_nullable = copy.pop("nullable", False)
        types = copy.get("type")
        if isinstance(types, list) and "null" in types:
            others = [name for name in types if name != "null"]
            copy["type"] = others[0] if len(others) == 1 else others
            is_nullable = True
        if _NULL in (alternatives := copy.get("oneOf", [])) and len(alternatives) == 2:
            # As 3.1 has a reference that may be null.
            (other,) = (each for each in copy.pop("oneOf") if each != _NULL)
            copy |= other
            is_nullable = True
        if copy.keys() == {"allOf"} and len(copy["allOf"]) == 1:
            # What stood beside the reference has no meaning here.
            copy = copy["allOf"][0]
        return _nullable(copy) if is_nullable else copy

    def _part(self, key: str, value: Any) -> Any:
        if key in _MAPS:
            return {name: self.translated(part) for name, part in value.items()}
        if key in _LISTS:
            return [self.translated(part) for part in value]
        return self.translated(value) if key in _ONE and isinstance(value, dict) else value


def _nullable(schema: Schema) -> Schema:
    # A title names a type, where there is one to be named.
    outer = _OF_EITHER if schema.keys() & {"enum", "properties"} else _OF_EITHER | {"title"}
    of_either = {key: value for key, value in schema.items() if key in outer}
    of_value = {key: value for key, value in schema.items() if key not in outer}
    if "enum" in of_value:
        of_value["enum"] = [value for value in of_value["enum"] if value is not None]
    return {**of_either, "anyOf": [of_value, _NULL]} if of_value else of_either
