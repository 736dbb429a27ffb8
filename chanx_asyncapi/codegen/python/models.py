"""Definitions as models of pydantic: ``models.py``."""

from typing import Any, Final

from chanx_asyncapi.codegen.files import GeneratedFile
from chanx_asyncapi.codegen.model import (
    ABSENT,
    Api,
    Boolean,
    Choice,
    Definition,
    Null,
    Number,
    Object,
    Property,
    Text,
    Type,
    Union,
    Unknown,
)
from chanx_asyncapi.codegen.python import layout
from chanx_asyncapi.codegen.python.layout import Expression, Group, Keyword
from chanx_asyncapi.codegen.python.modules import Block, module, names_in
from chanx_asyncapi.codegen.python.naming import class_names, field_names
from chanx_asyncapi.codegen.python.text import literal, string
from chanx_asyncapi.codegen.python.types import Annotations, annotated, has_type_of_its_own, or_none

_INDENT: Final = "    "
_IMPORTS: Final = (
    {"": ("datetime as dt",), "typing": ("Annotated", "Any", "Literal"), "uuid": ("UUID",)},
    {"pydantic": ("ConfigDict", "Field"), "typing_extensions": ("TypeAliasType",)},
    {".runtime": ("Constant", "Model", "NotNull", "Nothing", "TextDecimal", "Unique", "Variadic", "one_of")},
)


def render_models(api: Api) -> GeneratedFile:
    """The module with a class, or a name for a type, for each definition."""
    names = class_names(api.definitions)
    annotations = Annotations(api.definitions, names)
    blocks = [
        (_class if annotations.is_class(definition) else _alias)(definition, names[key], annotations)
        for key, definition in api.definitions.items()
    ]
    about = "The messages, and what they are made of."
    return GeneratedFile("models.py", module(api, about, blocks, _IMPORTS, future=True))


def described(description: str | None, *, deprecated: bool) -> str:
    """What a docstring says."""
    return "\n\n".join(text for text in (description, "Deprecated." if deprecated else None) if text)


def _alias(definition: Definition, name: str, annotations: Annotations) -> Block:
    block = Block()
    # As text: names may lead to each other in a circle.
    value = layout.flat(annotations.of(definition.type))
    block.statement(f"{name} = ", Group("TypeAliasType(", [string(name), string(value)], ")"))
    block.names |= names_in(value)
    block.docs(described(definition.description, deprecated=definition.deprecated))
    return block


def _class(definition: Definition, name: str, annotations: Annotations) -> Block:
    type_ = definition.type
    assert isinstance(type_, Object), "is_class() said so"
    block = Block(is_apart=True)
    block.code(f"class {name}(Model):")
    begin = len(block.lines)
    block.docs(described(definition.description, deprecated=definition.deprecated), _INDENT)
    if len(block.lines) > begin:
        block.gap()
    extra = "allow" if type_.extra is not None else "forbid" if type_.closed else None
    if extra is not None:
        block.code(f'{_INDENT}model_config = ConfigDict(extra="{extra}")')
    if type_.extra is not None and not isinstance(type_.extra, Unknown):
        value = Group("dict[", ["str", annotations.of(type_.extra)], "]")
        # pyright wants what pydantic documents to be written in another way.
        ignored = "  # pyright: ignore[reportIncompatibleVariableOverride]"
        block.code(f"{_INDENT}__pydantic_extra__: {layout.flat(value)}{ignored}")
    names = field_names(each.name for each in type_.properties)
    if type_.properties and len(block.lines) > begin:
        block.gap()
    for each in type_.properties:
        _field(block, each, names[each.name], annotations)
    if len(block.lines) == begin:
        block.code(f"{_INDENT}pass")
    return block


def _field(block: Block, each: Property, name: str, annotations: Annotations) -> None:
    annotation, default = _typed(each, annotations)
    metadata: list[Expression] = []
    if name != each.name:
        key = string(each.name)
        metadata += [Keyword("validation_alias", key), Keyword("serialization_alias", key)]
    if each.deprecated:
        metadata.append(Keyword("deprecated", "True"))
    if metadata:
        annotation = annotated(annotation, Group("Field(", metadata, ")"))
    block.code(*layout.assignment(name, annotation, default, indent=_INDENT))
    block.docs(each.description, _INDENT)


def _typed(each: Property, annotations: Annotations) -> tuple[Expression, str | None]:
    """The annotation of a field, and its default; None when it must be given."""
    annotation = annotations.of(each.type)
    if (constant := annotations.constant(each)) is not ABSENT:
        return annotated(annotation, "Constant"), literal(constant)
    if each.required:
        return annotation, None
    if (default := _default(each.default, annotations.resolved(each.type))) is not None:
        return annotation, default
    if _allows_null(each.type, annotations):
        return or_none(annotation), "None"
    return annotated(or_none(annotation), "NotNull"), "None"


def _allows_null(type_: Type, annotations: Annotations) -> bool:
    match annotations.resolved(type_):
        case Null() | Unknown():
            return True
        case Choice(values=values):
            return None in values
        case Union(members=members):
            return any(_allows_null(member, annotations) for member in members)
        case _:
            return False


def _default(value: Any, type_: Type) -> str | None:
    """What the server takes for a key that is left out, where Python can say it as it is: as one of its scalars."""
    match type_:
        case Text() if isinstance(value, str):
            fits = not has_type_of_its_own(type_)
        case Boolean():
            fits = isinstance(value, bool)
        case Number(integer=integer):
            is_number = isinstance(value, int if integer else int | float)
            fits = is_number and not isinstance(value, bool)
        case Choice(values=values):
            fits = any(type(value) is type(each) and value == each for each in values)
        case _:
            fits = False
    return literal(value) if fits and value is not ABSENT else None
