"""Changes for people and for programs: text for a terminal, JSON, and Markdown for a pull request.

What comes from the documents is anybody's. Each output escapes it its own way: nothing steers a terminal, nothing is
markup, nobody is mentioned.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, TypeAlias, get_args

from chanx_asyncapi.diff.changes import Change
from chanx_asyncapi.diff.outputs.as_json import as_json
from chanx_asyncapi.diff.outputs.as_markdown import as_markdown
from chanx_asyncapi.diff.outputs.as_text import as_text

OutputFormat: TypeAlias = Literal["text", "json", "markdown"]
OUTPUT_FORMATS: Final[tuple[OutputFormat, ...]] = get_args(OutputFormat)

_WRITERS: Final[Mapping[OutputFormat, Callable[[Sequence[Change]], str]]] = {
    "text": as_text,
    "json": as_json,
    "markdown": as_markdown,
}


def render_changes(changes: Sequence[Change], *, format: OutputFormat = "text") -> str:
    """Return ``changes`` as text that ends in a newline, the same for the same changes."""
    return _WRITERS[format](changes)
