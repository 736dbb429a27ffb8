"""A small document without any finding, for tests that change one thing in it."""

import json
from pathlib import Path
from typing import Any

_SMALL = Path(__file__).with_name("small.json")


def small_document() -> dict[str, Any]:
    """Return a fresh copy of ``small.json``: one chat with a parameter, a login, a question and its two answers."""
    document: dict[str, Any] = json.loads(_SMALL.read_text(encoding="utf-8"))
    return document
