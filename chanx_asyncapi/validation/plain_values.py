"""Values that are seen to fit their schemas without a validator.

jsonschema takes its time, and almost all schemas of a document are plain: objects, arrays, texts and numbers with
bounds. Whatever else there is, and whatever does not fit, is left for jsonschema to judge.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from chanx_asyncapi.validation.formats import FORMATS
from chanx_asyncapi.validation.values import compiled

_Resolve: TypeAlias = Callable[[str], Any]

#: What says nothing about values, in draft-07 or to jsonschema, or is looked at with another keyword.
_PASSED_OVER: Final = frozenset(
    {
        *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
        *("contentEncoding", "contentMediaType", "discriminator", "additionalItems"),
    }
)
_TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list,),
    "boolean": (bool,),
    "null": (type(None),),
}
_SCALARS: Final = (str, int, float, bool, type(None))


def surely_fits(schema: Any, value: Any, resolve: _Resolve) -> bool:
    """Whether ``value`` fits ``schema``, in draft-07; False also where that takes a closer look.

    :param resolve: gives what a reference leads to.
    """
    while isinstance(schema, Mapping) and "$ref" in schema:
        # draft-07 (8.3): what stands beside it is ignored.
        schema = resolve(schema["$ref"])
    if isinstance(schema, bool):
        return schema
    for keyword, said in schema.items():
        if keyword in _PASSED_OVER:
            continue
        look = _LOOKS.get(keyword)
        if look is None:
            if not keyword.startswith("x-"):
                return False
        elif not look(said, value, schema, resolve):
            return False
    return True


def _type(said: Any, value: Any, schema: Any, resolve: _Resolve) -> bool:
    # Exactly: True is no integer.
    return type(said) is str and type(value) in _TYPES.get(said, ())


def _enum(said: Any, value: Any, schema: Any, resolve: _Resolve) -> bool:
    return any(_is(each, value) for each in said)


def _one_of(said: Any, value: Any, schema: Any, resolve: _Resolve) -> bool:
    """The tag of an object tells the alternatives apart."""
    tag = schema.get("discriminator")
    if type(value) is not dict or tag not in value:
        return False
    meant: list[Any] = []
    for option in said:
        target = resolve(option["$ref"]) if "$ref" in option else option
        described = target.get("properties", {}).get(tag, {})
        if tag not in target.get("required", ()) or described.keys().isdisjoint(("const", "enum")):
            return False
        if any(_is(each, value[tag]) for each in described.get("enum", (described.get("const"),))):
            meant.append(target)
    return len(meant) == 1 and surely_fits(meant[0], value, resolve)


def _pattern(said: Any, value: Any, schema: Any, resolve: _Resolve) -> bool:
    # What Python cannot read does not take part.
    engine = compiled(said)
    return type(value) is str and (engine is None or engine.search(value) is not None)


def _properties(said: Any, value: Any, schema: Any, resolve: _Resolve) -> bool:
    return type(value) is dict and all(
        surely_fits(said[name], part, resolve) for name, part in value.items() if name in said
    )


def _additional_properties(said: Any, value: Any, schema: Any, resolve: _Resolve) -> bool:
    if type(value) is not dict or "patternProperties" in schema:
        return False
    known = schema.get("properties", {})
    return all(surely_fits(said, part, resolve) for name, part in value.items() if name not in known)


def _items(said: Any, value: Any, schema: Any, resolve: _Resolve) -> bool:
    if type(value) is not list:
        return False
    if isinstance(said, list):
        pairs = zip(said, value, strict=False)
        return len(value) <= len(said) and all(surely_fits(part, each, resolve) for part, each in pairs)
    return all(surely_fits(said, each, resolve) for each in value)


def _is(said: Any, value: Any) -> bool:
    return type(said) is type(value) and isinstance(value, _SCALARS) and bool(said == value)


def _is_number(value: Any) -> bool:
    return type(value) in (int, float)


_Look: TypeAlias = Callable[[Any, Any, Any, _Resolve], bool]

#: How each keyword is looked at, given what it says, the value, and the schema around it.
_LOOKS: Final[Mapping[str, _Look]] = {
    "type": _type,
    "const": lambda said, value, schema, resolve: _is(said, value),
    "enum": _enum,
    "allOf": lambda said, value, schema, resolve: all(surely_fits(part, value, resolve) for part in said),
    "anyOf": lambda said, value, schema, resolve: any(surely_fits(part, value, resolve) for part in said),
    "oneOf": _one_of,
    "format": lambda said, value, schema, resolve: type(value) is not str or FORMATS.conforms(value, said),
    "pattern": _pattern,
    "minLength": lambda said, value, schema, resolve: type(value) is str and len(value) >= said,
    "maxLength": lambda said, value, schema, resolve: type(value) is str and len(value) <= said,
    "minimum": lambda said, value, schema, resolve: _is_number(value) and value >= said,
    "maximum": lambda said, value, schema, resolve: _is_number(value) and value <= said,
    "exclusiveMinimum": lambda said, value, schema, resolve: _is_number(value) and value > said,
    "exclusiveMaximum": lambda said, value, schema, resolve: _is_number(value) and value < said,
    "required": lambda said, value, schema, resolve: type(value) is dict and all(name in value for name in said),
    "properties": _properties,
    "additionalProperties": _additional_properties,
    "items": _items,
    "minItems": lambda said, value, schema, resolve: type(value) is list and len(value) >= said,
    "maxItems": lambda said, value, schema, resolve: type(value) is list and len(value) <= said,
    "uniqueItems": lambda said, value, schema, resolve: type(value) is list and (not said or len(value) < 2),
}
