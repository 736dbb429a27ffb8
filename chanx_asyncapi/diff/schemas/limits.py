"""Bounds, patterns, formats: keywords of which each refuses values by itself."""

from collections.abc import Mapping
from typing import Any, Final

from chanx_asyncapi.diff.changes import Rule, changed
from chanx_asyncapi.diff.schemas.fits import Fit
from chanx_asyncapi.diff.schemas.keywords import PYTHON_PATTERN
from chanx_asyncapi.diff.schemas.pairs import Pair, Schema
from chanx_asyncapi.json_values import is_number, same

_LOWER: Final = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_UPPER: Final = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")

#: Formats whose values are all of another format as well.
_WITHIN: Final[Mapping[str, frozenset[str]]] = {
    "int32": frozenset(("int64",)),
    "float": frozenset(("double",)),
    "email": frozenset(("idn-email",)),
    "hostname": frozenset(("idn-hostname",)),
    "uri": frozenset(("uri-reference", "iri", "iri-reference")),
    "uri-reference": frozenset(("iri-reference",)),
    "iri": frozenset(("iri-reference",)),
}
#: Formats of which we know that no more than that is true.
_KNOWN: Final = frozenset(_WITHIN) | {
    *("int64", "double", "idn-email", "idn-hostname", "iri-reference"),
    *("date-time", "date", "time", "duration", "uuid", "ipv4", "ipv6", "json-pointer", "regex", "binary", "byte"),
}


def bounds(pair: Pair, old: Schema, new: Schema, keywords: tuple[str, ...]) -> None:
    """Lower and upper bounds. Each one holds beside the others, so each one is compared alone."""
    for keyword in keywords:
        before, after = old.get(keyword), new.get(keyword)
        if keyword not in (*_LOWER, *_UPPER) or same(before, after):
            continue
        if not all(value is None or is_number(value) for value in (before, after)):
            forth = back = Fit.UNDECIDED  # exclusiveMinimum was true or false in draft-04
        else:
            lower = keyword in _LOWER
            forth, back = _fits(after, before, lower=lower), _fits(before, after, lower=lower)
        pair.differ(Rule.LIMIT_CHANGED, forth, back, changed(keyword, old, new))


def _fits(reader: Any, writer: Any, *, lower: bool) -> Fit:
    if reader is None:
        return Fit.ACCEPTED
    if writer is None:
        return Fit.REFUSED
    return Fit.ACCEPTED if (reader <= writer if lower else reader >= writer) else Fit.REFUSED


def multiples(pair: Pair, old: Schema, new: Schema) -> None:
    """``multipleOf``: the multiples of 6 are multiples of 3, too."""
    keyword = "multipleOf"
    before, after = old.get(keyword), new.get(keyword)
    if not same(before, after):
        forth, back = _divides(after, before), _divides(before, after)
        pair.differ(Rule.LIMIT_CHANGED, forth, back, changed(keyword, old, new))


def _divides(reader: Any, writer: Any) -> Fit:
    if reader is None:
        return Fit.ACCEPTED
    if writer is None:
        return Fit.REFUSED
    if not isinstance(reader, int) or not isinstance(writer, int) or reader <= 0:
        return Fit.UNDECIDED  # 0.3 is no multiple of 0.1 to a computer
    return Fit.ACCEPTED if writer % reader == 0 else Fit.REFUSED


def flags(pair: Pair, old: Schema, new: Schema, keyword: str) -> None:
    """``uniqueItems``: what is there or not."""
    before, after = old.get(keyword, False), new.get(keyword, False)
    if not same(before, after):
        forth = Fit.REFUSED if after is True else Fit.ACCEPTED
        back = Fit.REFUSED if before is True else Fit.ACCEPTED
        pair.differ(Rule.LIMIT_CHANGED, forth, back, changed(keyword, old, new))


def texts(pair: Pair, old: Schema, new: Schema) -> None:
    """What only texts have, besides their length."""
    for keyword in ("pattern", PYTHON_PATTERN):
        if not same(old.get(keyword), new.get(keyword)):
            # Which texts two expressions have in common is nothing that we find out.
            pair.differ(
                Rule.PATTERN_CHANGED,
                _presence(new.get(keyword), old.get(keyword)),
                _presence(old.get(keyword), new.get(keyword)),
                changed(keyword, old, new),
            )
    for keyword in ("contentEncoding", "contentMediaType"):
        if not same(old.get(keyword), new.get(keyword)):
            # Values of another encoding are read as other values; a new note may say what has always been so.
            fit = Fit.REFUSED if keyword in old and keyword in new else Fit.UNDECIDED
            pair.differ(Rule.ENCODING_CHANGED, fit, fit, changed(keyword, old, new))


def formats(pair: Pair, old: Schema, new: Schema) -> None:
    """``format`` of texts and of numbers. Whether or not a validator looks at it, both sides parse by it."""
    before, after = old.get("format"), new.get("format")
    if not same(before, after):
        pair.differ(Rule.FORMAT_CHANGED, _format(after, before), _format(before, after), changed("format", old, new))


def _presence(reader: Any, writer: Any) -> Fit:
    if reader is None:
        return Fit.ACCEPTED
    return Fit.REFUSED if writer is None else Fit.UNDECIDED


def _format(reader: Any, writer: Any) -> Fit:
    if reader is None or writer is None or not isinstance(reader, str) or not isinstance(writer, str):
        return _presence(reader, writer)
    if reader in _WITHIN.get(writer, frozenset()):
        return Fit.ACCEPTED
    return Fit.REFUSED if {reader, writer} <= _KNOWN else Fit.UNDECIDED
