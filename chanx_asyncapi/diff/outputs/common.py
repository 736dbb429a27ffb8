"""What all outputs say."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from chanx_asyncapi.diff.changes import Change
from chanx_asyncapi.diff.judgements import Level, Verdict, severity
from chanx_asyncapi.problems import one_line

#: Characters of a name in a breadcrumb that are shown.
_LONGEST: Final = 100

CLIENT: Final = "existing clients"
SERVER: Final = "old server"


def worst_first(changes: Sequence[Change]) -> Iterator[tuple[Level, list[Change]]]:
    """The changes by class."""
    ordered = sorted(changes, key=lambda change: -severity(change.level))
    for level, group in groupby(ordered, key=lambda change: change.level):
        yield level, [*group]


def counts(changes: Sequence[Change]) -> dict[Level, int]:
    """How many changes there are of each class."""
    levels = [change.level for change in changes]
    return {level: levels.count(level) for level in (Level.BREAKING, Level.UNKNOWN, Level.SAFE)}


def breadcrumb(change: Change) -> str:
    """Where a change is, in one line."""
    return " > ".join(shortened(one_line(step)) for step in change.where)


def shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def verdicts(change: Change) -> list[tuple[str, Verdict]]:
    """Whom a change concerns and what it means to them, once if it means the same to both."""
    if change.client == change.server:
        return [(f"{CLIENT} and {SERVER}", change.client)]
    return [(CLIENT, change.client), (SERVER, change.server)]
