"""Docstrings as texts of the document."""

import inspect
from typing import Any


def clean(text: str | None) -> str | None:
    """``text`` without indentation, or None when there is nothing in it.

    A lone surrogate, which no JSON text can hold (RFC 8259, 8.2), is replaced.
    """
    if text is None:
        return None
    return replaced(inspect.cleandoc(text).strip()) or None


def docstring(cls: type[Any]) -> str | None:
    """The docstring of a class, cleaned; ``Page[Item]`` has that of ``Page``."""
    generic: Any = getattr(cls, "__pydantic_generic_metadata__", {}).get("origin")
    return clean((generic or cls).__doc__)


def summary(text: str | None) -> str | None:
    """The first paragraph of a cleaned text in one line; None when the text has no other."""
    first, separator, _ = (text or "").partition("\n\n")
    return " ".join(first.split()) if separator else None


def replaced(text: str) -> str:
    """``text`` with a question mark for each lone surrogate."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
