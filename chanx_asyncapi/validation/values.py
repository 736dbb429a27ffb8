"""Values held against JSON Schemas in draft-07, formats included."""

import re
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Final, cast

from jsonschema import Draft7Validator, ValidationError, validators
from jsonschema.exceptions import best_match
from jsonschema.protocols import Validator
from referencing import Registry
from referencing.exceptions import Unresolvable

from chanx_asyncapi.validation.formats import FORMATS
from chanx_asyncapi.validation.text import brief

#: Nothing is fetched: a reference that leads out of the document leads nowhere.
_NOTHING_ELSE: Final[Registry[Any]] = Registry()


def validator(schema: Mapping[str, Any], document: Mapping[str, Any]) -> Validator:
    """Return what holds values against ``schema``, whose references lead into ``document``.

    Patterns that Python cannot read do not take part: they may be right for JavaScript, for which documents are
    written. A reference that leads nowhere raises :class:`referencing.exceptions.Unresolvable` once it is followed.
    """
    made: Validator = _Validator({**document, **schema}, registry=_NOTHING_ELSE, format_checker=FORMATS)
    return made


def misfit(schema: Mapping[str, Any], value: Any, document: Mapping[str, Any]) -> str | None:
    """Return why a value does not fit ``schema``; None where it does, or where nobody can know.

    That is where a reference leads out of ``document``.
    """
    try:
        error = best_match(validator(schema, document).iter_errors(value))
    except Unresolvable:
        return None
    if error is None:
        return None
    where = ".".join(map(str, error.absolute_path))
    return ": ".join(filter(None, (where, brief(error.message))))


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str] | None:
    """Return Python's form of a regular expression of a document, None where there is none."""
    try:
        with warnings.catch_warnings():
            # What later versions of Python may read differently.
            warnings.simplefilter("ignore", FutureWarning)
            # ECMA-262, 22.2.1: a named group is (?<name>…), which Python writes (?P<name>…).
            return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", pattern))
    except (re.error, OverflowError):
        return None


def _pattern(_: Any, pattern: str, instance: object, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    if isinstance(instance, str) and (found := compiled(pattern)) is not None and not found.search(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(
    given: Any, patterns: Mapping[str, Any], instance: object, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    for pattern, subschema in patterns.items():
        if (found := compiled(pattern)) is None:
            continue
        for name, value in cast("dict[str, Any]", instance).items():
            if found.search(name):
                yield from given.descend(value, subschema, path=name, schema_path=pattern)


def _additional_properties(
    given: Any, additional: Any, instance: object, schema: Mapping[str, Any]
) -> Iterator[ValidationError]:
    # It speaks of the properties that no pattern matches.
    if all(map(compiled, schema.get("patternProperties", ()))):
        yield from _OF_DRAFT_7["additionalProperties"](given, additional, instance, schema)


_OF_DRAFT_7: Final[Mapping[str, Any]] = Draft7Validator.VALIDATORS
_Validator: Final = cast("Any", validators).extend(
    Draft7Validator,
    {
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
    },
)
