"""Document -> JSON or YAML text, the same bytes every time.

The order is the document's own: the fields of an object as :mod:`chanx_asyncapi.spec` declares them, all else
as it was given. Nothing is added, so the same document is the same text on every machine.
"""

import json
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final, Literal, TypeAlias, get_args

import yaml
from pydantic_core import PydanticSerializationError, to_json

from chanx_asyncapi.spec import Document

#: The formats that can be written; both hold exactly the same data.
Format: TypeAlias = Literal["json", "yaml"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)


def render(document: Document | Mapping[str, Any], *, format: Format = "json") -> str:
    """Return ``document`` as text that ends in a newline.

    :param document: the document, or its JSON shape.
    :raises ValueError: for NaN, infinite numbers and lone surrogates, which JSON texts cannot exchange (RFC
        8259, 6 and 8.2), for values that contain themselves, and for a format that is not in :data:`FORMATS`.
    :raises TypeError: for values that JSON does not have.
    """
    wire = document.to_wire() if isinstance(document, Document) else document
    text = json.dumps(wire, ensure_ascii=False, allow_nan=False)
    # A lone surrogate is refused here (UnicodeEncodeError is a ValueError), not where a file is written.
    text.encode()
    match format:
        case "json":
            return _indented(text, wire) + "\n"
        case "yaml":
            # From the JSON text, so that both formats agree on keys, tuples and subclasses of str.
            return _to_yaml(json.loads(text))
        case _:
            raise ValueError(f"unknown format {format!r}; it is one of {', '.join(FORMATS)}")


def _indented(text: str, wire: Mapping[str, Any]) -> str:
    """``text``, the JSON of ``wire``, with a line for each value.

    Python writes that ten times more slowly than pydantic-core, which has another way to write exponents, and gives
    up at 255 levels.
    """
    if not _EXPONENT.search(text):
        with suppress(PydanticSerializationError):
            return to_json(wire, indent=2).decode()
    return json.dumps(wire, ensure_ascii=False, indent=2)


#: A float with an exponent; or a text that looks like one, which does no harm.
_EXPONENT = re.compile(r"[ \[]-?[0-9.]+e[-+][0-9]")


def _to_yaml(value: Any) -> str:
    text: str = yaml.dump(
        value,
        Dumper=_Dumper,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=False,
        width=sys.maxsize,  # long lines are not folded: a change of one word is a change of one line
    )
    return text


class _Dumper(yaml.SafeDumper):
    """Writes YAML that readers of YAML 1.1 and of YAML 1.2 understand alike."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal objects out each time: anchors are unknown to JSON, and to some readers."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key."""
        super().increase_indent(flow, False)


# Line breaks to YAML 1.1 and ordinary characters to YAML 1.2: only an escape means the same to both.
_AMBIGUOUS_BREAKS = re.compile("[\x85\u2028\u2029]")


def _represent_str(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style: str | None = None
    if _AMBIGUOUS_BREAKS.search(text):
        style = '"'
    elif "\n" in text and not text[0].isspace():
        # PyYAML falls back to quotes where a literal block would not keep the text: blanks at a line's end.
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_str)

# PyYAML quotes what it would itself read as something else than a string. These are read so by YAML 1.2
# (https://yaml.org/spec/1.2.2/#103-core-schema) or by other readers of 1.1 (https://yaml.org/type/bool.html).
_Dumper.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"[yYnN]\Z"), list("yYnN"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+)\Z"), list("-+0123456789"))
_Dumper.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z"),
    list("-+.0123456789"),
)
