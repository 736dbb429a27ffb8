"""JSON or YAML text -> document, as the data that :mod:`chanx_asyncapi.validation` and ``render`` take.

Readers of YAML disagree on what is no text; here YAML 1.2's core schema counts, as AsyncAPI recommends
(https://www.asyncapi.com/docs/reference/specification/v3.1.0#format), so a date stays the text that it is in JSON.
"""

import json
import math
import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, Final

import yaml
from yaml.constructor import ConstructorError

from chanx_asyncapi.problems import one_line
from chanx_asyncapi.render import Format

_SUFFIXES: Final[dict[str, Format]] = {".json": "json", ".yaml": "yaml", ".yml": "yaml"}
_NAMES: Final[dict[Format, str]] = {"json": "JSON", "yaml": "YAML"}

#: How many values a document may hold. A few lines of YAML whose aliases repeat each other mean billions.
MAX_VALUES: Final = 2_000_000


class UnreadableDocumentError(Exception):
    """A file, or a text, is no document; ``str()`` says which, and why, in one line."""


def format_of(file: Path) -> Format | None:
    """The format that the suffix of ``file`` stands for; None when it stands for none."""
    return _SUFFIXES.get(file.suffix.lower())


def read_document(file: Path) -> dict[str, Any]:
    """Return the JSON shape of the document in ``file``; its format is what the suffix says, or else the content.

    :raises UnreadableDocumentError: when the file cannot be read, or holds no JSON or YAML object.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UnreadableDocumentError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise UnreadableDocumentError(f"{file} cannot be read: it is no text in UTF-8.") from error
    try:
        return parse_document(text, format=format_of(file))
    except UnreadableDocumentError as error:
        raise UnreadableDocumentError(f"{file}: {error}") from error


def parse_document(text: str, *, format: Format | None = None) -> dict[str, Any]:
    """Return the JSON shape of the document in ``text``.

    :param format: of the text; without it, a text that begins with a brace is JSON, and any other one YAML.
    :raises UnreadableDocumentError: when the text has mistakes in that format, is no object, names a key twice, or
        holds what JSON does not have.
    """
    if format is None:
        format = "json" if text.lstrip().startswith("{") else "yaml"
    try:
        value = _parse_json(text) if format == "json" else _parse_yaml(text)
    except yaml.YAMLError as error:
        raise UnreadableDocumentError(f"this is no YAML: {_place(error)}.") from error
    except ValueError as error:
        raise UnreadableDocumentError(f"this is no {_NAMES[format]}: {one_line(str(error))}.") from error
    except RecursionError as error:
        raise UnreadableDocumentError("its values are nested too deeply.") from error
    if not isinstance(value, dict):
        raise UnreadableDocumentError(f"the {_NAMES[format]} is no object, as a document is.")
    return value


def _parse_json(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"an object has the key {twice!r} twice")
    return result


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number in JSON")


def _parse_yaml(text: str) -> Any:
    value: Any = yaml.load(text, Loader=_Loader)  # noqa: S506  # it knows fewer tags than SafeLoader
    # Also ends for a value that contains itself.
    count, todo = 0, [value]
    while todo:
        count += 1
        if count > MAX_VALUES:
            raise ValueError(f"its aliases make more than {MAX_VALUES} values of it")
        match todo.pop():
            case dict() as inner:
                todo += inner.values()
            case list() as inner:
                todo += inner
            case _:
                continue
    return value


def _place(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return one_line(f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}")
    return one_line(str(error))


class _Loader(yaml.SafeLoader):
    """Reads YAML 1.2's core schema and nothing besides: what JSON also has."""

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict[Hashable, Any]:
        """An object. Keys are texts whatever they look like, as the failsafe schema has them (AsyncAPI, "Format")."""
        if not isinstance(node, yaml.MappingNode):
            raise ConstructorError(None, None, "this is no mapping", node.start_mark)
        mapping: dict[Hashable, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise ConstructorError(None, None, "a key must be a text", key.start_mark)
            if key.value in mapping:
                raise ConstructorError(None, None, f"the key {key.value!r} is here twice", key.start_mark)
            mapping[key.value] = self.construct_object(value, deep=deep)
        return mapping


# float() reads "inf" and "nan" in any case.
_CONSTANT_DOT = re.compile(r"\.(?=[iInN])")


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    text: str = node.value
    return int(text, 0) if text.startswith(("0o", "0x")) else int(text)


def _number(loader: _Loader, node: yaml.ScalarNode) -> float:
    number = float(_CONSTANT_DOT.sub("", node.value))
    if not math.isfinite(number):
        raise ConstructorError(None, None, f"{node.value} is no number in JSON", node.start_mark)
    return number


_TAG: Final = "tag:yaml.org,2002:"
# Whatever else a tag may ask for, JSON does not have.
_KNOWN: Final = {f"{_TAG}{name}" for name in ("map", "seq", "str", "null", "bool")}
_Loader.yaml_constructors = {
    tag: construct for tag, construct in yaml.SafeLoader.yaml_constructors.items() if tag is None or tag in _KNOWN
}
_Loader.add_constructor(f"{_TAG}int", _integer)
_Loader.add_constructor(f"{_TAG}float", _number)

# https://yaml.org/spec/1.2.2/#1032-tag-resolution, in place of what YAML 1.1 resolves
_Loader.yaml_implicit_resolvers = {}
for _name, _expression, _first in (
    ("null", r"(?:null|Null|NULL|~|)\Z", ["n", "N", "~", ""]),
    ("bool", r"(?:true|True|TRUE|false|False|FALSE)\Z", list("tTfF")),
    ("int", r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z", list("-+.0123456789")),
    ("float", r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z", list("-+.")),
):
    _Loader.add_implicit_resolver(f"{_TAG}{_name}", re.compile(_expression), _first)
