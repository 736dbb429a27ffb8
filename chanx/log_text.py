"""Texts that somebody else has chosen, made fit for the log."""

from typing import Final

#: Longer texts are cut, in characters.
MAX_LENGTH: Final = 64


def log_text(value: object) -> str:
    """A value as one short line: control characters, which begin lines and command terminals, are escaped."""
    text = str(value)
    cut = text if len(text) <= MAX_LENGTH else f"{text[:MAX_LENGTH]}…"
    return cut if cut.isprintable() else "".join(map(_escaped, cut))


def _escaped(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode()
