"""Numbers within bounds."""

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any


def numbers(keywords: Mapping[str, Any], *, integer: bool, number: int = 0) -> Iterator[int | float]:
    """Numbers for a schema, the most natural first; none where no number was found.

    :param number: which of several numbers, from 0.
    """
    bounds = _Bounds(keywords, integer=integer)
    natural = Fraction(1) if integer else Fraction(3, 2)
    candidates = [candidate + number * bounds.step for candidate in bounds.candidates(natural)]
    for candidate in dict.fromkeys(candidates):
        value = int(candidate) if integer else float(candidate)
        if bounds.hold(value):
            yield value


class _Bounds:
    """What a schema says about numbers."""

    def __init__(self, keywords: Mapping[str, Any], *, integer: bool) -> None:
        self._keywords = keywords
        self._integer = integer
        step = _exact(keywords.get("multipleOf", 1))
        #: The distance between numbers that may be.
        self.step = Fraction(step.numerator) if integer else step

    def candidates(self, natural: Fraction) -> Iterator[Fraction]:
        given = [self._keywords.get(keyword) for keyword in ("minimum", "exclusiveMinimum")]
        lower = max((_exact(bound) for bound in given if bound is not None), default=None)
        given = [self._keywords.get(keyword) for keyword in ("maximum", "exclusiveMaximum")]
        upper = min((_exact(bound) for bound in given if bound is not None), default=None)
        if "multipleOf" not in self._keywords:
            yield from (natural, Fraction(1, 2), Fraction(0))
        yield self._above(natural)
        if lower is not None:
            yield from (self._above(lower), self._above(lower) + self.step)
        if upper is not None:
            yield from (self._below(upper), self._below(upper) - self.step)
        if lower is not None and upper is not None:
            yield from ((lower + upper) / 2, lower, upper)
        # Where a float is not quite a multiple another one may be.
        yield from (count * self.step for count in (1, 2, 5, 10))

    def hold(self, value: float) -> bool:
        """Whether a number fits, as validators see it, who may calculate with floats."""
        keywords = self._keywords
        multiple = keywords.get("multipleOf")
        return (
            value >= keywords.get("minimum", -math.inf)
            and value <= keywords.get("maximum", math.inf)
            and value > keywords.get("exclusiveMinimum", -math.inf)
            and value < keywords.get("exclusiveMaximum", math.inf)
            and (multiple is None or (_exact(value) % _exact(multiple) == 0 and (value / multiple).is_integer()))
        )

    def _above(self, bound: Fraction) -> Fraction:
        return math.ceil(bound / self.step) * self.step

    def _below(self, bound: Fraction) -> Fraction:
        return math.floor(bound / self.step) * self.step


def _exact(value: float) -> Fraction:
    """What a number looks like to people: 0.1 is a tenth."""
    return Fraction(str(value))
