"""Names that Python allows, for what has names in the document. They depend on nothing but what they name."""

import keyword
import re
from collections.abc import Iterable, Mapping
from typing import Final

from pydantic import BaseModel

from chanx_asyncapi.codegen.model import Channel, Definition
from chanx_asyncapi.codegen.names import key_hash

_UNFIT: Final = re.compile(r"\W+")

#: What generated modules use themselves.
_CLASSES: Final = frozenset(
    [
        "Annotated",
        "Any",
        "Awaitable",
        "Client",
        "ClassVar",
        "Constant",
        "Credentials",
        "Decimal",
        "Description",
        "Field",
        "Literal",
        "Model",
        "NotNull",
        "Nothing",
        "Options",
        "Replies",
        "RequestFailed",
        "Scheme",
        "TextDecimal",
        "TypeAlias",
        "TypeAliasType",
        "UUID",
        "Union",
        "Unique",
        "Variadic",
        "AuthProvider",
        "Never",
        "True",
        "False",
        "None",
    ]
)
#: What annotations of a field's class name, or what pydantic's models have.
_FIELDS: Final = frozenset(
    {
        *dir(BaseModel),
        *keyword.kwlist,
        "bool",
        "dict",
        "dt",
        "float",
        "int",
        "list",
        "one_of",
        "str",
        "tuple",
        "to_wire",
    }
)
_PARAMETERS: Final = frozenset(
    {*keyword.kwlist, "self", "url", "query", "auth", "options", "str", "int", "float", "bool"}
)


def class_names(definitions: Mapping[str, Definition]) -> dict[str, str]:
    """The name of each definition, by its key."""
    return {
        key: f"{definition.name}{key_hash(key)}" if definition.name in _CLASSES else definition.name
        for key, definition in definitions.items()
    }


def field_names(wire_names: Iterable[str]) -> dict[str, str]:
    """The name of a field for each key on the wire."""
    return _distinct(wire_names, _FIELDS)


def parameter_names(channel: Channel) -> dict[str, str]:
    """The name of an argument for each parameter of an address."""
    return _distinct((parameter.name for parameter in channel.parameters), _PARAMETERS)


def module_name(package: str) -> str:
    """The name that a package is imported by."""
    name = _UNFIT.sub("_", package.lower()).strip("_") or "client"
    return f"_{name}" if name[0].isdigit() or keyword.iskeyword(name) else name


def client_name(channel: Channel) -> str:
    """The class of a channel."""
    return f"{channel.name}Client"


def _distinct(wire_names: Iterable[str], reserved: frozenset[str]) -> dict[str, str]:
    wire_names = list(wire_names)
    asked = {name: _identifier(name, reserved) for name in wire_names}
    wanted = [*asked.values()]
    # Who has the name as it is keeps it.
    return {
        name: python if python == name or wanted.count(python) == 1 else f"{python.rstrip('_')}_{key_hash(name)}"
        for name, python in asked.items()
    }


def _identifier(name: str, reserved: frozenset[str]) -> str:
    """``name`` itself if it may be one; otherwise what looks most like it."""
    # Python reads identifiers in their normal form (PEP 3131), so "ﬁ" would be another key; ASCII has one form only.
    python = _UNFIT.sub("_", name).strip("_") if name.isascii() else ""
    if not python:
        return f"field_{key_hash(name)}"
    if python[0].isdigit():
        python = f"field_{python}"
    # Capitals are for classes, which a field would hide.
    return f"{python}_" if python in reserved or python[0].isupper() else python
