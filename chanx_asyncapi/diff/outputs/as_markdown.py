"""Changes for a pull request.

All that comes from a document stands in code spans: there nothing is markup, an address is no link, and nobody is
mentioned. https://spec.commonmark.org/0.31.2/#code-spans
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from chanx_asyncapi.diff.changes import Change
from chanx_asyncapi.diff.judgements import Level
from chanx_asyncapi.diff.outputs.common import breadcrumb, counts, shortened, verdicts, worst_first
from chanx_asyncapi.problems import one_line

#: Characters that a comment may have on the hosts of code that we know is 65,536 and more.
MAX_LENGTH: Final = 60_000


def as_markdown(changes: Sequence[Change]) -> str:
    """Return the changes class by class, safe ones folded; it says how many it leaves out for its length."""
    if not changes:
        return "### AsyncAPI: no changes\n"
    text = f"### AsyncAPI: {', '.join(f'{count} {level}' for level, count in counts(changes).items())}\n"
    left_out = 0
    for level, group in worst_first(changes):
        fold = level is Level.SAFE
        text += f"\n<details><summary>safe ({len(group)})</summary>\n\n" if fold else f"\n#### {level}\n\n"
        for change in group:
            item = "".join(f"{line}\n" for line in _lines(change))
            if left_out or len(text) + len(item) > MAX_LENGTH:
                left_out += 1
            else:
                text += item
        text += "\n</details>\n" if fold else ""
    return f"{text}\n{left_out} more changes are left out here.\n" if left_out else text


def _lines(change: Change) -> Iterator[str]:
    what = change.what.template.format(*map(_code, change.what.values))
    yield f"- {_code(breadcrumb(change))}: {what}"
    if change.component is not None:
        yield f"  - component {_code(shortened(change.component))}"
    if change.also:
        yield f"  - also in {len(change.also)} more places"
    for side, verdict in verdicts(change):
        yield f"  - {side}: **{verdict.level}**. {verdict.reason}"


def _code(text: str) -> str:
    text = one_line(text)
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    # One space on either side is taken off again, unless there is nothing else. An empty span is none.
    padding = " " if not text or text[0] in "` " or text[-1] in "` " else ""
    return f"{fence}{padding}{text}{padding}{fence}"
