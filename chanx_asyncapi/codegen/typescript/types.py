"""Types of the model as types of TypeScript."""

from collections.abc import Mapping, Sequence

from chanx_asyncapi.codegen.model import (
    Array,
    Boolean,
    Choice,
    Definition,
    Never,
    Null,
    Number,
    Object,
    Ref,
    Text,
    Tuple,
    Type,
    Union,
    Unknown,
)
from chanx_asyncapi.codegen.typescript.encoding import literal
from chanx_asyncapi.codegen.typescript.layout import (
    SOFT,
    SPACE,
    Doc,
    Group,
    IfBroken,
    Indent,
    IndentIfBroken,
    join,
    listed,
)


class TypeWriter:
    """Writes types.

    :param definitions: what references lead to.
    :param prefix: what stands before the names of definitions, such as ``types.``.
    """

    def __init__(self, definitions: Mapping[str, Definition], prefix: str = "") -> None:
        self._definitions = definitions
        self._prefix = prefix

    def name(self, key: str) -> str:
        """The name of the type of a definition."""
        return f"{self._prefix}{self._definitions[key].name}"

    def type(self, type_: Type, *, other: str | None = None) -> list[Doc]:
        """A type behind a colon or an equals sign, or ``other``."""
        options = self._options(type_)
        if other is not None and options != [["unknown"]]:
            return self.union([*options, [other]])
        return join([" | "], options) if self._hugs(type_) else self.union(options)

    @staticmethod
    def union(options: Sequence[Sequence[Doc]]) -> list[Doc]:
        """A union of types that are written already, behind a colon."""
        if len(options) == 1:
            return [*options[0]]
        return [Group([Indent([IfBroken([SPACE, "| "]), *_choice(options)])])]

    def _options(self, type_: Type) -> list[list[Doc]]:
        """The members of a union, or the one type that it is."""
        match type_:
            case Union():
                return [option for member in type_.members for option in self._options(member)]
            case Choice():
                return [[literal(value)] for value in type_.values]
            case _:
                return [self._single(type_)]

    def _single(self, type_: Type) -> list[Doc]:
        match type_:
            case Ref():
                return [self.name(type_.key)]
            case Text():
                return ["string"]
            case Number():
                return ["number"]
            case Boolean():
                return ["boolean"]
            case Null():
                return ["null"]
            case Never():
                return ["never"]
            case Array():
                return [*self._element(type_.items), "[]"]
            case Tuple():
                return self._tuple(type_)
            case Object():
                return self._map(type_)
            case Unknown() | Choice() | Union():
                return ["unknown"]

    def _element(self, type_: Type) -> list[Doc]:
        """A type that something follows: unions are in parentheses."""
        options = self._options(type_)
        if len(options) == 1:
            return options[0]
        if self._hugs(type_):
            return ["(", *join([" | "], options), ")"]
        return ["(", Group([Indent([IfBroken([SPACE, "| "]), *_choice(options)]), SOFT]), ")"]

    def _tuple(self, type_: Tuple) -> list[Doc]:
        items: list[list[Doc]] = []
        for number, item in enumerate(type_.items):
            if number < type_.required:
                items.append(self._item(item, alone=len(type_.items) == 1 and type_.rest is None))
            else:
                items.append([*self._element(item), "?"])
        if type_.rest is not None:
            items.append(["...", *self._element(type_.rest), "[]"])
        return listed("[", items, "]")

    def _item(self, type_: Type, *, alone: bool) -> list[Doc]:
        options = self._options(type_)
        if len(options) == 1:
            return options[0]
        if self._hugs(type_):
            return join([" | "], options)
        code: list[Doc] = [IfBroken(["| "]), *_choice(options)]
        if alone:
            return [Group(code)]
        return [Group([Indent([IfBroken(["(", SOFT]), *code]), SOFT, IfBroken([")"])])]

    def _map(self, type_: Object) -> list[Doc]:
        extra = Never() if type_.extra is None else type_.extra
        return [Group(["{", Indent([SPACE, *self.index_signature(extra), IfBroken([";"])]), SPACE, "}"])]

    def index_signature(self, extra: Type, *, other: str | None = None) -> list[Doc]:
        """The member of an object type that says what other keys hold."""
        return ["[", Group([Indent([SOFT, "key: string"]), SOFT]), "]: ", *self.type(extra, other=other)]

    def alias(self, type_: Type) -> list[Doc]:
        """A type behind ``type … =``, the space included."""
        options = self._options(type_)
        if len(options) == 1 or self._hugs(type_):
            space = Group([Indent([SPACE])])
            return [space, IndentIfBroken(space, self.type(type_))]
        return [Group([Indent([SPACE, Group([IfBroken(["| "]), *_choice(options)])])])]

    def _hugs(self, type_: Type) -> bool:
        """Whether prettier never breaks a union: one object or name, or else null."""
        members = type_.members if isinstance(type_, Union) else ()
        objects = sum(isinstance(member, Object | Ref) for member in members)
        nulls = sum(isinstance(member, Null) for member in members)
        return objects == 1 and nulls == len(members) - 1


def _choice(options: Sequence[Sequence[Doc]]) -> list[Doc]:
    """The members of a union. What is broken inside of one stands behind its ``| ``."""
    return join([SPACE, "| "], ([Indent(option)] for option in options))
