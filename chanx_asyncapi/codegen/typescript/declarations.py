"""``types.ts``: an interface or an alias for each definition."""

from collections.abc import Sequence
from typing import Final

from chanx_asyncapi.codegen.model import Api, Definition, Number, Object, Property, Text, Type, Union
from chanx_asyncapi.codegen.shapes import simplified
from chanx_asyncapi.codegen.typescript.encoding import comment, comment_text, literal, property_name
from chanx_asyncapi.codegen.typescript.layout import Doc, printed
from chanx_asyncapi.codegen.typescript.types import TypeWriter

#: What every object inherits. Where such a key may be missing, something else is there, and TypeScript knows.
_INHERITED: Final = frozenset(
    {
        *("constructor", "hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString"),
        "valueOf",
    }
)


def declarations(api: Api) -> str:
    """The declarations of all types."""
    writer = TypeWriter(api.definitions)
    return "\n".join(_declaration(each, writer) for each in api.definitions.values())


def _declaration(each: Definition, writer: TypeWriter) -> str:
    documentation = comment(described(each.description, each.deprecated))
    if isinstance(each.type, Object) and (each.type.properties or each.type.extra is None):
        return f"{documentation}{_interface(each.name, each.type, writer)}"
    return documentation + printed([f"export type {each.name} =", *writer.alias(each.type), ";"]) + "\n"


def _interface(name: str, type_: Object, writer: TypeWriter) -> str:
    members = [property_signature(each, writer) for each in type_.properties]
    if type_.extra is not None:
        optional = any(not each.required for each in type_.properties)
        # Each property has to fit the index signature as well, and an optional one may be undefined.
        extra = simplified([type_.extra, *(each.type for each in type_.properties)])
        code = [*writer.index_signature(extra, other="undefined" if optional else None), ";"]
        members.append("  " + printed(code, indent=1, column=2) + "\n")
    elif not members and type_.closed:
        members.append("  [key: string]: never;\n")
    if not members:
        return f"export interface {name} {{}}\n"
    return f"export interface {name} {{\n{''.join(members)}}}\n"


def property_signature(each: Property, writer: TypeWriter, *, indent: int = 1) -> str:
    """A property of an interface, with its comment, in lines of its own."""
    lines = described(each.description, each.deprecated, _notes(each))
    inherited = "object" if each.name in _INHERITED and not each.required else None
    mark = "" if each.required else "?"
    code: list[Doc] = [f"{property_name(each.name)}{mark}: ", *writer.type(each.type, other=inherited), ";"]
    margin = "  " * indent
    return comment(lines, indent=indent) + margin + printed(code, indent=indent, column=len(margin)) + "\n"


def described(description: str | None, deprecated: bool = False, notes: Sequence[str] = ()) -> list[str]:
    """The lines of a documentation comment."""
    lines = comment_text(description) if description else []
    if notes:
        lines = [*lines, *([""] if lines else []), *notes]
    if deprecated:
        lines = [*lines, *([""] if lines else []), "@deprecated"]
    return lines


def _notes(each: Property) -> list[str]:
    """What the type does not say of a value, for its reader."""
    notes: list[str] = []
    for type_ in each.type.members if isinstance(each.type, Union) else (each.type,):
        if (limits := _limits(type_)) and limits not in notes:
            notes.append(limits)
    if isinstance(each.default, str | int | float):
        notes += comment_text(f"Default: {literal(each.default)}.")
    return notes


def _limits(type_: Type) -> str:
    match type_:
        case Text():
            parts = [
                f"format {type_.format}" if type_.format else "",
                f"at least {_characters(type_.min_length)}" if type_.min_length else "",
                f"at most {_characters(type_.max_length)}" if type_.max_length is not None else "",
            ]
        case Number():
            parts = [
                "integer" if type_.integer else "",
                # A double holds integers up to 2 ** 53 only.
                "of 64 bits, which JavaScript rounds beyond 2 ** 53" if type_.format == "int64" else "",
                f"at least {type_.minimum}" if type_.minimum is not None else "",
                f"more than {type_.exclusive_minimum}" if type_.exclusive_minimum is not None else "",
                f"at most {type_.maximum}" if type_.maximum is not None else "",
                f"less than {type_.exclusive_maximum}" if type_.exclusive_maximum is not None else "",
                f"a multiple of {type_.multiple_of}" if type_.multiple_of is not None else "",
            ]
        case _:
            parts = []
    said = ", ".join(filter(None, parts))
    # That a number is whole is no news, unless there is more to say.
    return " ".join(comment_text(said[:1].upper() + said[1:] + ".")) if said not in ("", "integer") else ""


def _characters(count: int) -> str:
    return "1 character" if count == 1 else f"{count} characters"
