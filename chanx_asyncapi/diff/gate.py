"""When a step of continuous integration fails."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, get_args

from chanx_asyncapi.diff.changes import Change
from chanx_asyncapi.diff.judgements import Level, severity

#: From which class on: ``any`` means each change.
FailOn: TypeAlias = Literal["breaking", "unknown", "any"]
FAIL_ON: Final[tuple[FailOn, ...]] = get_args(FailOn)

_LEVELS: Final[dict[FailOn, Level]] = {"breaking": Level.BREAKING, "unknown": Level.UNKNOWN, "any": Level.SAFE}


def failing(changes: Sequence[Change], fail_on: FailOn | None) -> int:
    """How many of ``changes`` are of the class ``fail_on`` or a worse one, for existing clients."""
    if fail_on is None:
        return 0
    return sum(severity(change.level) >= severity(_LEVELS[fail_on]) for change in changes)
