"""``type``, ``enum`` and ``const``: which values there are at all."""

from typing import Any

from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.schemas.fits import Fit
from chanx_asyncapi.diff.schemas.pairs import Pair, Schema
from chanx_asyncapi.diff.schemas.types import types, values


def value_sets(pair: Pair, old: Schema, new: Schema) -> None:
    """Compare listed values with each other, and types where values are not listed in both."""
    before, after = values(old), values(new)
    if before is None or after is None:
        _types(pair, old, new)
    if before is None and after is None:
        return
    if before is None or after is None:
        rest = [*(before or after or {}).values()]
        what = "The value is no longer one of {}." if after is None else "The value is one of {} now."
        forth, back = (Fit.ACCEPTED, Fit.REFUSED) if after is None else (Fit.REFUSED, Fit.ACCEPTED)
        pair.differ(Rule.VALUES_CHANGED, forth, back, Phrase.of(what, rest))
        return
    removed = [value for key, value in before.items() if key not in after]
    added = [value for key, value in after.items() if key not in before]
    if removed or added:
        pair.differ(
            Rule.VALUES_CHANGED,
            Fit.REFUSED if removed else Fit.ACCEPTED,
            Fit.REFUSED if added else Fit.ACCEPTED,
            _new_values(removed, added),
        )


def _new_values(removed: list[Any], added: list[Any]) -> Phrase:
    if not removed:
        return Phrase.of("Values are new: {}.", added)
    if not added:
        return Phrase.of("Values are gone: {}.", removed)
    return Phrase.of("Values are gone: {}, and new: {}.", removed, added)


def _types(pair: Pair, old: Schema, new: Schema) -> None:
    before, after = types(old), types(new)
    if before != after:
        what = changed("type", old, new) if "type" in old or "type" in new else Phrase("The type is another one.")
        pair.differ(
            Rule.TYPE_CHANGED,
            Fit.ACCEPTED if before <= after else Fit.REFUSED,
            Fit.ACCEPTED if after <= before else Fit.REFUSED,
            what,
        )
