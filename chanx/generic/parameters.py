"""Reads the generic arguments of a class, however many generic bases lie between."""

import sys
import types
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ForwardRef, Union, get_args, get_origin

from typing_extensions import NoDefault, TypeAliasType, TypeVar, get_original_bases, get_type_hints


def generic_arguments(cls: type, root: type) -> Mapping[str, Any]:
    """The arguments that ``cls`` gives to the type parameters of ``root``, by the parameter's name.

    They are followed through generic bases, abstract bases and mixins. A parameter that nobody gives has its
    default; one without a default, or passed on to a parameter of ``cls``, is a TypeVar in the result. Where two
    bases give one parameter, the first that is not None counts.

    Raises NameError for a forward reference that its module does not define.
    """
    result: dict[str, Any] = {}
    for base in get_original_bases(cls):
        origin = get_origin(base) or base
        if not (isinstance(origin, type) and issubclass(origin, root)):
            continue
        written = [_resolve_forward(argument, cls) for argument in get_args(base)]
        given = _by_parameter(_parameters(origin), written)
        arguments = (
            {parameter.__name__: value for parameter, value in given.items()}
            if origin is root
            else {name: _substitute(value, given) for name, value in generic_arguments(origin, root).items()}
        )
        for name, value in arguments.items():
            if name not in result or is_absent(result[name]) or is_open(result[name]):
                result[name] = value
    return result


def union_members(annotation: Any) -> list[Any]:
    """The members of a union, flattened through ``Annotated`` and type aliases; None is left out."""
    if isinstance(annotation, TypeAliasType):
        return union_members(annotation.__value__)
    origin = get_origin(annotation)
    if origin is Annotated:
        return union_members(get_args(annotation)[0])
    if origin is Union or origin is types.UnionType:
        return [member for argument in get_args(annotation) for member in union_members(argument)]
    return [] if is_absent(annotation) else [annotation]


def is_absent(annotation: Any) -> bool:
    """Whether a generic argument says "none of these"."""
    return annotation is None or annotation is type(None)


def is_open(annotation: Any) -> bool:
    """Whether a generic argument still holds a type parameter."""
    return isinstance(annotation, _TypingTypeVar) or bool(_open_parameters(annotation))


#: On Python < 3.13 typing_extensions' TypeVar makes instances of typing's.
_TypingTypeVar: type = type(TypeVar("_TypingTypeVar"))


def _parameters(cls: type) -> Sequence[Any]:
    return getattr(cls, "__parameters__", ())


def _by_parameter(parameters: Sequence[Any], written: Sequence[Any]) -> dict[Any, Any]:
    """Value by type parameter; the parameter itself stands for a value that is neither written nor defaulted."""
    values = list(written)
    for parameter in parameters[len(values) :]:
        default = getattr(parameter, "__default__", NoDefault)
        values.append(parameter if default is NoDefault else default)
    return dict(zip(parameters, values, strict=True))


def _open_parameters(value: Any) -> Sequence[Any]:
    """The type parameters inside a generic alias, or inside a pydantic model such as ``Envelope[T]``."""
    if not isinstance(value, type):
        return getattr(value, "__parameters__", ())
    metadata = getattr(value, "__pydantic_generic_metadata__", None)
    return metadata["parameters"] if metadata and metadata["origin"] else ()


def _substitute(value: Any, given: Mapping[Any, Any]) -> Any:
    if isinstance(value, _TypingTypeVar):
        return given.get(value, value)
    inner = _open_parameters(value)
    return value[tuple(given.get(parameter, parameter) for parameter in inner)] if inner else value


def _resolve_forward(argument: Any, cls: type) -> Any:
    """A name in quotes becomes what the class's module means by it, at any depth."""
    if isinstance(argument, str):
        argument = ForwardRef(argument)
    if "ForwardRef" not in repr(argument):
        return argument
    names = vars(sys.modules[cls.__module__])
    holder = types.SimpleNamespace(__annotations__={"argument": argument})
    return get_type_hints(holder, globalns=names, include_extras=True)["argument"]
