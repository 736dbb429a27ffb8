"""Types that extensions describe: which annotations name them, and what stands in their place."""

import collections.abc
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Final, NotRequired, Required, Union, cast, get_args, get_origin

from pydantic_core import core_schema
from typing_extensions import ReadOnly, TypeAliasType, get_type_hints

from chanx_asyncapi.describe.names import class_path
from chanx_asyncapi.extensions import Schema, TypeExtension
from chanx_asyncapi.problems import Code, Problem

#: Where the generic types live whose arguments say what a value holds; of another one only the class itself is looked
#: at, for what it does with its arguments is its own affair.
_CONTAINERS: Final = frozenset({"builtins", "collections", "collections.abc"})
#: What looks like one, and holds no values.
_NO_CONTAINERS: Final = frozenset({type, collections.abc.Callable})
#: What may stand around the type of a key in a TypedDict.
_QUALIFIERS: Final = frozenset({Required, NotRequired, ReadOnly})
#: ``type X = …`` of Python 3.12, and what stands for it in earlier versions.
_ALIASES: Final[tuple[type[Any], ...]] = (TypeAliasType, getattr(typing, "TypeAliasType", TypeAliasType))

#: Where a core schema keeps the description of an extension.
_DESCRIPTION: Final = "chanx_description"

#: Gives the schema of what an annotation names.
Describe = Callable[[Any, type[TypeExtension]], Schema]


class ForeignTypes:
    """The extensions of this moment, by the classes that they describe."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._targets = tuple(self._find_targets())
        self._known: dict[type[Any], type[TypeExtension] | None] = {}
        self._open_aliases: list[Any] = []

    def __bool__(self) -> bool:
        return bool(self._targets)

    def extension_for(self, cls: type[Any]) -> type[TypeExtension] | None:
        """The extension that describes the values of a class."""
        if cls not in self._known:
            matching = (
                extension
                for target, extension in self._targets
                if cls is target or (extension.match_subclasses and target in cls.__mro__)
            )
            self._known[cls] = next(matching, None)
        return self._known[cls]

    def replaced(self, annotation: Any, describe: Describe) -> Any:
        """``annotation`` with a description in place of each type that has an extension; itself where there is none."""
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is None and isinstance(annotation, type):
            extension = self.extension_for(annotation)
            return annotation if extension is None else _described(describe(annotation, extension))
        if isinstance(annotation, _ALIASES):
            return self._replaced_alias(annotation, describe)
        if origin is Annotated:
            return self._replaced_inside_annotated(annotation, arguments, describe)
        if origin in _QUALIFIERS:
            return self.replaced(arguments[0], describe)
        if origin is Union or origin is UnionType:
            rebuilt: Any = Union
        elif getattr(origin, "__module__", None) in _CONTAINERS and origin not in _NO_CONTAINERS:
            rebuilt = origin
        else:
            return annotation
        found = tuple(self.replaced(argument, describe) for argument in arguments)
        same = all(one is other for one, other in zip(found, arguments, strict=True))
        return annotation if same else rebuilt[found]

    def _replaced_alias(self, alias: Any, describe: Describe) -> Any:
        if alias in self._open_aliases:
            # What an alias holds of itself stays as it is.
            return alias
        self._open_aliases.append(alias)
        try:
            value = alias.__value__
            found = self.replaced(value, describe)
        finally:
            self._open_aliases.pop()
        return alias if found is value else found

    def _replaced_inside_annotated(self, annotation: Any, arguments: tuple[Any, ...], describe: Describe) -> Any:
        inner, *markers = arguments
        for marker in markers:
            if (extension := self.extension_for(type(marker))) is not None:
                return _described(describe(marker, extension))
        found = self.replaced(inner, describe)
        return annotation if found is inner else _annotated(found, markers)

    def _find_targets(self) -> Iterator[tuple[type[Any], type[TypeExtension]]]:
        for extension in sorted(TypeExtension.registered, key=lambda each: each.priority, reverse=True):
            try:
                target = extension.find_target()
            except Exception as error:  # modules are anybody's
                self.problems.append(
                    Problem(
                        code=Code.EXTENSION_TARGET,
                        where=("extensions", class_path(extension)),
                        text=f"its target_class cannot be found: {type(error).__name__}: {error}.",
                        way_out="Write the dotted path at which the class can be imported.",
                    )
                )
                continue
            if target is not None:
                yield target, extension


def field_annotations(cls: type[Any]) -> Mapping[str, Any]:
    """The annotations of the fields and computed fields of a model, a dataclass or a TypedDict, by field.

    Those of a standard class whose annotations cannot be read are unknown.
    """
    fields: Any = getattr(cls, "__pydantic_fields__", None)
    if fields is None:
        try:
            return get_type_hints(cls, include_extras=True)
        except NameError:
            return {}
    computed: Any = getattr(cls, "__pydantic_computed_fields__", {})
    return {
        **{name: _annotated(field.annotation, field.metadata) for name, field in fields.items()},
        **{name: field.return_type for name, field in computed.items()},
    }


def description_in(schema: Mapping[str, Any]) -> Schema | None:
    """The description that :meth:`ForeignTypes.replaced` has put in place of a type, in the core schema made of it."""
    described = schema.get("metadata", {}).get(_DESCRIPTION)
    return None if described is None else dict(described)


def _described(schema: Schema) -> Any:
    return _annotated(Any, [_Described(schema)])


@dataclass(frozen=True, slots=True, eq=False)
class _Described:
    """Stands for a value with this schema. What else an annotation says is added to it: unlike WithJsonSchema, it
    leaves a serializer its say."""

    schema: Schema

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> core_schema.CoreSchema:
        return core_schema.any_schema(metadata={_DESCRIPTION: self.schema})


def _annotated(annotation: Any, markers: list[Any]) -> Any:
    return cast("Any", Annotated)[(annotation, *markers)] if markers else annotation
