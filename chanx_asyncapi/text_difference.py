"""How two texts differ, for people: a unified difference of bounded length."""

from difflib import unified_diff
from itertools import islice
from typing import Final

from chanx_asyncapi.problems import one_line

#: Lines that are shown; whoever wants to read more has better programs for it.
MAX_LINES: Final = 100
#: Characters of a line that are shown. A line of JSON holds a whole description.
MAX_WIDTH: Final = 300


def text_difference(old: str, new: str, *, old_name: str, new_name: str) -> str:
    """Return what leads from ``old`` to ``new`` as a unified difference; empty when nothing does.

    It has at most :data:`MAX_LINES` lines, each of at most :data:`MAX_WIDTH` characters, and says what it leaves out.
    Characters that steer a terminal are escaped.
    """
    lines = unified_diff(old.splitlines(), new.splitlines(), old_name, new_name, lineterm="")
    shown = [_shown(line) for line in islice(lines, MAX_LINES)]
    if left_out := sum(1 for _ in lines):
        shown.append(f"... {left_out} more lines")
    return "".join(f"{line}\n" for line in shown)


def _shown(line: str) -> str:
    line = one_line(line)
    return line if len(line) <= MAX_WIDTH else f"{line[: MAX_WIDTH - 4]} ..."
