"""Values of JSON as expressions of Python that make the models of them: for snippets."""

from collections.abc import Mapping
from typing import Any, Final

from chanx_asyncapi.codegen.model import Array, Definition, Object, Ref, Text, Tuple, Type, Union
from chanx_asyncapi.codegen.python.layout import Expression, Group, Keyword
from chanx_asyncapi.codegen.python.naming import field_names
from chanx_asyncapi.codegen.python.text import literal, string
from chanx_asyncapi.codegen.python.types import Annotations

#: How the types that texts have in Python are made of them.
_MADE: Final = {
    "date-time": "dt.datetime.fromisoformat(",
    "date": "dt.date.fromisoformat(",
    "time": "dt.time.fromisoformat(",
    "uuid": "UUID(",
    "decimal": "Decimal(",
}


class Values:
    """Writes values for the definitions of one document."""

    def __init__(self, definitions: Mapping[str, Definition], names: Mapping[str, str]) -> None:
        self._definitions = definitions
        self._names = names
        self._annotations = Annotations(definitions, names)

    def of(self, value: Any, type_: Type) -> Expression:
        """An expression for ``value``, which fits ``type_``."""
        match type_:
            case Ref(key=key) if self._annotations.is_class(self._definitions[key]) and isinstance(value, dict):
                return self.instance(key, value)
            case Ref(key=key):
                return self.of(value, self._definitions[key].type)
            case Union(members=members):
                return self.of(value, self._member(value, members))
            case Array(items=items) if isinstance(value, list):
                return Group("[", [self.of(item, items) for item in value], "]")
            case Tuple(items=items, rest=rest) if isinstance(value, list):
                types = [*items, *[rest or items[-1]] * len(value)] if items else [rest or type_] * len(value)
                made = [self.of(item, each) for item, each in zip(value, types, strict=False)]
                return Group("(", made, ",)" if len(made) == 1 else ")")
            case Object(extra=extra) if isinstance(value, dict):
                entries = [(key, plain(item) if extra is None else self.of(item, extra)) for key, item in value.items()]
                return Group("{", [Keyword(string(key), item, ": ") for key, item in entries], "}")
            case Text(format=format) if isinstance(value, str) and format in _MADE:
                return Group(_MADE[format], [string(value)], ")")
            case _:
                return plain(value)

    def instance(self, key: str, value: Mapping[str, Any], *, without: tuple[str, ...] = ()) -> Expression:
        """The call that makes an object of a class; keys of ``without`` and constants are left out."""
        type_ = self._definitions[key].type
        assert isinstance(type_, Object), "is_class() said so"
        names = field_names(each.name for each in type_.properties)
        arguments: list[Expression] = [
            Keyword(names[each.name], self.of(value[each.name], each.type))
            for each in type_.properties
            if each.name in value and each.name not in without and not self._annotations.is_constant(each)
        ]
        return Group(f"{self._names[key]}(", arguments, ")")

    def _member(self, value: Any, members: tuple[Type, ...]) -> Type:
        """The member of a union that a value most likely is."""
        return max(members, key=lambda member: self._likeness(value, self._annotations.resolved(member)))

    def _likeness(self, value: Any, type_: Type) -> int:
        match type_:
            case Object(properties=properties) if isinstance(value, dict):
                constants = [each for each in properties if self._annotations.is_constant(each)]
                if any(value.get(each.name) != self._annotations.constant(each) for each in constants):
                    return 0
                required = all(each.name in value for each in properties if each.required)
                return 2 + len(value.keys() & {each.name for each in properties}) if required else 1
            case Array() | Tuple() if isinstance(value, list):
                return 2
            case Text() if isinstance(value, str):
                return 2
            case Union(members=members):
                return max(self._likeness(value, self._annotations.resolved(member)) for member in members)
            case _:
                return 0


def plain(value: Any) -> Expression:
    """A value of JSON as it is."""
    match value:
        case dict():
            return Group("{", [Keyword(string(key), plain(item), ": ") for key, item in value.items()], "}")
        case list():
            return Group("[", [plain(item) for item in value], "]")
        case _:
            return literal(value)
