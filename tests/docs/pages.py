"""The code blocks of a page of the documentation, each with the place where it is written."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

ROOT: Final = Path(__file__).parents[2]

#: The first line of a block that is a file: ``# rooms/views.py``, perhaps ``(add at the end)``.
_FILE: Final = re.compile(r"^# (?P<path>[\w/]+\.\w+)(?P<add> \(add at the end\))?\n")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of code."""

    #: ``README.md:12``, for messages.
    place: str
    #: The nearest heading above it.
    heading: str
    language: str
    text: str

    @property
    def path(self) -> str | None:
        """The file that the block is, or is a part of."""
        found = _FILE.match(self.text)
        return found["path"] if found else None

    @property
    def adds(self) -> bool:
        """The block does not replace the file, but goes on where it ends."""
        found = _FILE.match(self.text)
        return bool(found and found["add"])


def blocks(page: str, *, language: str | None = None, heading: str | None = None) -> Sequence[Block]:
    """The blocks of a page in their order; ``page`` is a path below the repository.

    Raises AssertionError when there is none: a page that lost its code must not lose its test.
    """
    found = [
        block
        for block in _read(page)
        if language in (None, block.language) and (heading is None or block.heading.startswith(heading))
    ]
    assert found, f"{page} has no block with language={language!r} below heading={heading!r}"
    return found


def _read(page: str) -> list[Block]:
    result: list[Block] = []
    heading = ""
    tokens = MarkdownIt().parse((ROOT / page).read_text())
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type == "inline" and before is not None and before.type == "heading_open":
            heading = token.content
        if token.type == "fence":
            assert token.map is not None
            result.append(Block(f"{page}:{token.map[0] + 1}", heading, token.info.strip(), token.content))
    return result
