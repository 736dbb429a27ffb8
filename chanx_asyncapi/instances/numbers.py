"""Numbers within bounds."""

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any


def numbers(keywords: Mapping[str, Any], *, integer: bool, number: int = 0) -> Iterator[int | float]:
    """Numbers for a schema, the most natural first; none where no number was found.

    :param number: which of several numbers, from 0.
    """
    # Mostly nothing speaks against the first one, and fractions take their time.
    natural = 1 + number if integer else 1.5 + number
    if _fits(keywords, natural):
        yield natural
    for candidate in _candidates(keywords, integer=integer, number=number):
        value = int(candidate) if integer else float(candidate)
        if value != natural and _fits(keywords, value):
            yield value


def _candidates(keywords: Mapping[str, Any], *, integer: bool, number: int) -> Iterator[Fraction]:
    step = _exact(keywords.get("multipleOf", 1))
    if integer:
        # The whole numbers among the multiples of a fraction are those of its numerator.
        step = Fraction(step.numerator)
    given = [keywords[keyword] for keyword in ("minimum", "exclusiveMinimum") if keyword in keywords]
    lower = max(map(_exact, given), default=None)
    given = [keywords[keyword] for keyword in ("maximum", "exclusiveMaximum") if keyword in keywords]
    upper = min(map(_exact, given), default=None)

    def found() -> Iterator[Fraction]:
        if "multipleOf" not in keywords:
            yield from (Fraction(1, 2), Fraction(0))
        yield step if integer else math.ceil(Fraction(3, 2) / step) * step
        if lower is not None:
            first = math.ceil(lower / step) * step
            yield from (first, first + step)
        if upper is not None:
            last = math.floor(upper / step) * step
            yield from (last, last - step)
        if lower is not None and upper is not None:
            yield from ((lower + upper) / 2, lower, upper)
        # Where a float is not quite a multiple another one may be.
        yield from (count * step for count in (1, 2, 5, 10))

    if number:
        for candidate in found():
            yield candidate + number * step
    # Not all numbers have that many others.
    yield from found()


def _fits(keywords: Mapping[str, Any], value: float) -> bool:
    """Whether a number is in bounds, as validators see it, who may calculate with floats."""
    multiple = keywords.get("multipleOf")
    return (
        value >= keywords.get("minimum", -math.inf)
        and value <= keywords.get("maximum", math.inf)
        and value > keywords.get("exclusiveMinimum", -math.inf)
        and value < keywords.get("exclusiveMaximum", math.inf)
        and (multiple is None or (_exact(value) % _exact(multiple) == 0 and (value / multiple).is_integer()))
    )


def _exact(value: float) -> Fraction:
    """What a number looks like to people: 0.1 is a tenth."""
    return Fraction(str(value))
