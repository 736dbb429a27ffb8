"""What benchmarks print: medians with their spread, and tables that Markdown reads."""

import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version


@dataclass(frozen=True, slots=True)
class Spread:
    """The median of several rounds, and between which values four fifths of them lie."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        ordered = sorted(values)
        outside = len(ordered) // 10
        return cls(statistics.median(ordered), ordered[outside], ordered[-1 - outside])

    @classmethod
    def of_ratios(cls, values: Sequence[float], bases: Sequence[float]) -> "Spread":
        """Of the ratio in each round: what disturbs a round disturbs both of its values.

        A round too short to measure its base has no ratio.
        """
        return cls.of([value / base if base else math.nan for value, base in zip(values, bases, strict=True)])

    def __format__(self, spec: str) -> str:
        """Like a number: ``.2f``."""
        return f"{self.median:{spec}} ({self.low:{spec}} to {self.high:{spec}})"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table in Markdown, aligned for those who read the text."""
    cells = [list(head), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    return "\n".join((lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]))


def machine() -> str:
    """What figures depend on, in one line: compare only those that were taken together."""
    packages = ", ".join(
        f"{name} {version(name)}"
        for name in ("django", "channels", "channels-redis", "djangorestframework", "pydantic", "uvicorn", "uvloop")
    )
    load = os.getloadavg()[0]
    return f"{os.cpu_count()} cores (load {load:.1f}), Python {platform.python_version()}, {packages}"
