"""Changes for a terminal."""

from collections.abc import Iterator, Sequence

from chanx_asyncapi.diff.changes import Change
from chanx_asyncapi.diff.outputs.common import breadcrumb, counts, shortened, verdicts, worst_first
from chanx_asyncapi.problems import one_line


def as_text(changes: Sequence[Change]) -> str:
    """Return the changes class by class: where, what, and why it is safe or not for either side."""
    return "".join(f"{line}\n" for line in _lines(changes))


def _lines(changes: Sequence[Change]) -> Iterator[str]:
    if not changes:
        yield "No changes."
        return
    yield ", ".join(f"{level}: {count}" for level, count in counts(changes).items()).capitalize() + "."
    for level, group in worst_first(changes):
        yield ""
        yield level.upper()
        for change in group:
            yield f"  {breadcrumb(change)}"
            yield f"    {change.what} [{change.rule}]"
            if change.component is not None:
                yield f"    component: {shortened(one_line(change.component))}"
            if change.also:
                yield f"    also in {len(change.also)} more places"
            for side, verdict in verdicts(change):
                yield f"    {side}: {verdict.level}. {verdict.reason}"
