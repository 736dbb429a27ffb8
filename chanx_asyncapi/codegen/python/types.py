"""Types of the neutral model as annotations of Python."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Annotated, Any, Final

from pydantic import Field, TypeAdapter

from chanx_asyncapi.codegen.model import (
    ABSENT,
    Array,
    Boolean,
    Choice,
    Definition,
    Never,
    Null,
    Number,
    Object,
    Property,
    Ref,
    Text,
    Tuple,
    Type,
    Union,
    Unknown,
)
from chanx_asyncapi.codegen.python import layout
from chanx_asyncapi.codegen.python.layout import Expression, Group, Keyword
from chanx_asyncapi.codegen.python.naming import field_names
from chanx_asyncapi.codegen.python.text import literal, string

#: Formats of texts that Python has a type for.
_FORMATS: Final = {
    "date-time": "dt.datetime",
    "date": "dt.date",
    "time": "dt.time",
    "duration": "dt.timedelta",
    "uuid": "UUID",
    "decimal": "TextDecimal",
}


class Annotations:
    """Writes annotations for the definitions of one document."""

    def __init__(self, definitions: Mapping[str, Definition], names: Mapping[str, str]) -> None:
        self._definitions = definitions
        self._names = names

    def of(self, type_: Type) -> Expression:
        """The annotation of a type."""
        match type_:
            case Unknown():
                return "Any"
            case Never():
                return annotated("Any", "Nothing")
            case Null():
                return "None"
            case Boolean():
                return "bool"
            case Text():
                return _text(type_)
            case Number():
                return _number(type_)
            case Choice(values=values):
                return _choice(values)
            case Array():
                return self._array(type_)
            case Tuple():
                return self._tuple(type_)
            case Object(closed=True, extra=None):
                return annotated(Group("dict[", ["str", "Any"], "]"), *_limits(max_length=0))
            case Object(extra=extra):
                return Group("dict[", ["str", "Any" if extra is None else self.of(extra)], "]")
            case Union():
                return self._union(type_)
            case Ref(key=key):
                return self._names[key]

    def is_class(self, definition: Definition) -> bool:
        """Whether a definition is a class; otherwise it is a name for a type."""
        type_ = definition.type
        return isinstance(type_, Object) and (bool(type_.properties) or type_.closed)

    def resolved(self, type_: Type) -> Type:
        """``type_``, or what it refers to."""
        while isinstance(type_, Ref):
            type_ = self._definitions[type_.key].type
        return type_

    def properties(self, key: str) -> dict[str, Property]:
        """The properties of a definition that is a class, by their names on the wire."""
        type_ = self._definitions[key].type
        return {each.name: each for each in type_.properties} if isinstance(type_, Object) else {}

    def field(self, key: str, wire_name: str) -> str:
        """The name of a field of a definition that is a class."""
        return field_names(self.properties(key))[wire_name]

    def constant(self, each: Property) -> Any:
        """The one value that a property can have; ABSENT when there are others, or it may be left out."""
        type_ = self.resolved(each.type)
        is_one = each.required and isinstance(type_, Choice) and len(type_.values) == 1
        return type_.values[0] if is_one and isinstance(type_, Choice) else ABSENT

    def is_constant(self, each: Property) -> bool:
        """Whether a property must be there, and can have one value only."""
        return self.constant(each) is not ABSENT

    def _array(self, type_: Array) -> Expression:
        items: Expression = Group("list[", [self.of(type_.items)], "]", comma=False)
        limits = _limits(min_length=type_.min_items, max_length=type_.max_items)
        return annotated(items, *limits, *(["Unique"] if type_.unique else []))

    def _tuple(self, type_: Tuple) -> Expression:
        items = [self.of(item) for item in type_.items]
        lengths = range(type_.required, len(items) if type_.rest is not None else len(items) + 1)
        forms: list[Expression] = [_fixed(items[:length]) for length in lengths]
        if type_.rest is not None:
            others: Expression = Group("*tuple[", [self.of(type_.rest), "..."], "]")
            forms.append(annotated(Group("tuple[", [*items, others], "]"), "Variadic"))
        return forms[0] if len(forms) == 1 else layout.Choice(forms)

    def _union(self, type_: Union) -> Expression:
        nullable = any(isinstance(member, Null) for member in type_.members)
        members = [member for member in type_.members if not isinstance(member, Null)]
        found: Expression = layout.Choice([self.of(member) for member in members])
        if len(members) == 1:
            found = self.of(members[0])
        elif type_.discriminator is not None and self._tells_apart(members, type_.discriminator):
            found = annotated(found, Group("Field(", [Keyword("discriminator", string(type_.discriminator))], ")"))
        return or_none(found) if nullable else found

    def _tells_apart(self, members: Sequence[Type], discriminator: str) -> bool:
        """Whether pydantic can choose by the discriminator: each member is a class with texts of its own in it."""
        for member in members:
            type_ = self.resolved(member)
            if not isinstance(member, Ref) or not isinstance(type_, Object):
                return False
            tags = [each for each in type_.properties if each.name == discriminator]
            value = self.resolved(tags[0].type) if tags else None
            if not isinstance(value, Choice) or not all(isinstance(tag, str) for tag in value.values):
                return False
            if field_names(each.name for each in type_.properties)[discriminator] != discriminator:
                return False
        return True


def annotated(expression: Expression, *metadata: Expression) -> Expression:
    """With what pydantic should know besides; metadata of an annotated expression come behind its own."""
    if not metadata:
        return expression
    if isinstance(expression, Group) and expression.opening == "Annotated[":
        return Group("Annotated[", [*expression.items, *metadata], "]")
    return Group("Annotated[", [expression, *metadata], "]")


def or_none(expression: Expression) -> Expression:
    """Or None."""
    items = expression.items if isinstance(expression, layout.Choice) else [expression]
    return expression if "None" in items or expression == "Any" else layout.Choice([*items, "None"])


def has_type_of_its_own(type_: Text) -> bool:
    """Whether a text is something else than a ``str`` in Python."""
    return type_.format in _FORMATS


def _fixed(items: list[Expression]) -> Expression:
    return Group("tuple[", items or ["()"], "]", comma=False)


def _text(type_: Text) -> Expression:
    if type_.format in _FORMATS:
        return _FORMATS[type_.format]
    pattern = type_.pattern if type_.pattern is not None and is_regular_expression(type_.pattern) else None
    return annotated("str", *_limits(min_length=type_.min_length, max_length=type_.max_length, pattern=pattern))


def _number(type_: Number) -> Expression:
    name = "int" if type_.integer else "float"
    return annotated(
        name,
        *_limits(
            ge=type_.minimum,
            gt=type_.exclusive_minimum,
            le=type_.maximum,
            lt=type_.exclusive_maximum,
            multiple_of=type_.multiple_of,
        ),
    )


def _choice(values: tuple[str | int | float | bool | None, ...]) -> Expression:
    # typing.Literal takes no numbers with a fraction, and to pydantic's, 1 is one of true.
    literals = [literal(value) for value in values if not isinstance(value, float | None)]
    forms: list[Expression] = [Group("Literal[", literals, "]", comma=False)] if literals else []
    if any(isinstance(value, float) for value in values):
        forms.append("float")
    found: Expression = "None"
    if forms:
        found = forms[0] if len(forms) == 1 else layout.Choice(forms)
        found = or_none(found) if None in values else found
    if all(isinstance(value, str | None) for value in values):
        return found
    return annotated(found, Group("one_of(", [literal(value) for value in values], ")"))


def _limits(**limits: str | float | None) -> list[Expression]:
    """A ``Field(…)`` with the limits that there are, in a list of one or none."""
    given: list[Expression] = [Keyword(name, literal(value)) for name, value in limits.items() if value is not None]
    return [Group("Field(", given, ")")] if given else []


@cache
def is_regular_expression(pattern: str) -> bool:
    """Whether pydantic can read a regular expression of ECMA 262; clients do not check one that it cannot."""
    try:
        TypeAdapter(Annotated[str, Field(pattern=pattern)])
    except Exception:  # pydantic-core has no name for it
        return False
    return True
