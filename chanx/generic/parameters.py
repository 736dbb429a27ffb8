"""Reads the generic arguments of a class, and other annotations, however many bases lie between."""

import sys
import types
import typing
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from typing_extensions import (
    Format,
    NoDefault,
    TypeAliasType,
    TypeVar,
    get_annotations,
    get_original_bases,
    get_type_hints,
)


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


def annotation_of(name: str, cls: type, root: type) -> Any:
    """The annotation that ``cls``, or the first of its bases but those of ``root``, has for an attribute; or None.

    Raises NameError for a name in it that the module does not define.
    """
    for base in cls.__mro__:
        if base not in root.__mro__ and name in (annotations := get_annotations(base, format=Format.FORWARDREF)):
            return _resolve_forward(annotations[name], base)
    return None


def union_members(annotation: Any) -> list[Any]:
    """The members of a union, flattened through ``Annotated`` and type aliases; None is left out."""
    origin = get_origin(annotation)
    alias = origin or annotation
    if isinstance(alias, _ALIAS_TYPES):
        given = dict(zip(alias.__type_params__, get_args(annotation), strict=False))
        return union_members(_substitute(alias.__value__, given))
    if origin is Annotated:
        return union_members(get_args(annotation)[0])
    if origin is Union or origin is types.UnionType:
        return [member for argument in get_args(annotation) for member in union_members(argument)]
    return [] if is_absent(annotation) else [annotation]


def is_absent(annotation: Any) -> bool:
    """Whether a generic argument says "none of these"."""
    return annotation is None or annotation is type(None)


def is_open(annotation: Any, parameters: Sequence[Any] = ()) -> bool:
    """Whether a generic argument of a class with these type parameters still holds one."""
    if isinstance(annotation, _TypingTypeVar):
        return True
    if isinstance(annotation, type):
        # `Model[T]`, where T is Model's own name for it, is Model itself to pydantic: the class decides what is meant.
        inner = _model_parameters(annotation)
        return bool(inner) and (_is_parametrized(annotation) or any(parameter in parameters for parameter in inner))
    return any(is_open(argument, parameters) for argument in _type_arguments(annotation))


#: The statement ``type X = ...`` of Python 3.12 makes an instance of typing's own class, which typing_extensions' is
#: not before Python 3.15.
_ALIAS_TYPES: tuple[type[TypeAliasType], ...] = (TypeAliasType, getattr(typing, "TypeAliasType", TypeAliasType))

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


def _model_parameters(model: type) -> Sequence[Any]:
    """The type parameters of a pydantic model such as ``Envelope[T]``."""
    parameters: Sequence[Any] = getattr(model, "__pydantic_generic_metadata__", _NOT_GENERIC)["parameters"]
    return parameters


def _is_parametrized(model: type) -> bool:
    return getattr(model, "__pydantic_generic_metadata__", _NOT_GENERIC)["origin"] is not None


_NOT_GENERIC: Mapping[str, Any] = {"parameters": (), "origin": None}


def _type_arguments(annotation: Any) -> Sequence[Any]:
    return () if get_origin(annotation) is Literal else get_args(annotation)


def _substitute(value: Any, given: Mapping[Any, Any]) -> Any:
    """``value`` with the type parameters in it replaced. Inside a union, typing looks into no pydantic model itself."""
    if isinstance(value, _TypingTypeVar):
        return given.get(value, value)
    if isinstance(value, type):
        inner = _model_parameters(value)
        known = any(parameter in given for parameter in inner)
        return cast("Any", value)[tuple(given.get(parameter, parameter) for parameter in inner)] if known else value
    before = _type_arguments(value)
    after = tuple(_substitute(argument, given) for argument in before)
    if after == tuple(before):
        return value
    origin = get_origin(value)
    if origin is Annotated:
        return Annotated[after]
    return reduce(or_, after) if origin is types.UnionType else origin[after]


def _resolve_forward(argument: Any, cls: type) -> Any:
    """A name in quotes becomes what the class's module means by it, at any depth."""
    if not isinstance(argument, str) and "ForwardRef" not in repr(argument):
        return argument
    names = vars(sys.modules[cls.__module__])
    holder = types.SimpleNamespace(__annotations__={"argument": argument})
    return get_type_hints(holder, globalns=names, include_extras=True)["argument"]
