"""Compares schemas: first all pairs that can be reached, each once, then the changes in them."""

from collections import deque
from typing import Any, Final

from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.json_values import as_list, identity, same, shown
from chanx_asyncapi.diff.matching import Matching
from chanx_asyncapi.diff.schemas.arrays import arrays
from chanx_asyncapi.diff.schemas.equivalence import equivalent
from chanx_asyncapi.diff.schemas.fits import Fit
from chanx_asyncapi.diff.schemas.keywords import COMPARED, CONDITIONS, TEXTS
from chanx_asyncapi.diff.schemas.objects import objects
from chanx_asyncapi.diff.schemas.pairs import Pair, Schema
from chanx_asyncapi.diff.schemas.scalars import scalars
from chanx_asyncapi.diff.schemas.types import types, values
from chanx_asyncapi.diff.schemas.unions import Member, Union, unions
from chanx_asyncapi.diff.schemas.views import Views, choice
from chanx_asyncapi.diff.source import Source, Target

#: Pairs of schemas that are compared. Two documents of a few hundred lines can have far more, if they are made for it.
MAX_PAIRS: Final = 300_000


class SchemaComparison:
    """Pairs of the schemas of two documents."""

    def __init__(self, old: Source, new: Source) -> None:
        self.old = Views(old)
        self.new = Views(new)
        self._pairs: dict[tuple[int, int], Pair] = {}
        self._pending: deque[Pair] = deque()
        self._too_many = Pair(Target(None), Target(None))
        what = Phrase("There is more to compare than is compared.")
        self._too_many.differ(Rule.TOO_LARGE, Fit.UNDECIDED, Fit.UNDECIDED, what)

    def pair(self, old: Any, new: Any) -> Pair:
        """Compare two schemas, with all that is inside of them."""
        pair = self._pair(old, new)
        while self._pending:
            self._compare(self._pending.popleft())
        return pair

    def part(self, pair: Pair, step: str, old: Any, new: Any, *, may_be_absent: bool = False) -> None:
        """Compare two schemas inside of ``pair``."""
        inner = self._pair(old, new)
        inner.may_be_absent = inner.may_be_absent or may_be_absent
        pair.parts.append(((step,) if step else (), inner))

    def _pair(self, old: Any, new: Any) -> Pair:
        before, after = self.old.follow(old), self.new.follow(new)
        key = id(before.value), id(after.value)
        if key not in self._pairs:
            if len(self._pairs) == MAX_PAIRS:
                return self._too_many
            # The pair holds both views, so that no other object gets their ids.
            self._pairs[key] = pair = Pair(before, after)
            self._pending.append(pair)
        return self._pairs[key]

    def _compare(self, pair: Pair) -> None:
        old, new = pair.old.value, pair.new.value
        if pair.old.lost is not None or pair.new.lost is not None:
            if pair.old.lost != pair.new.lost:
                what = Phrase.of(
                    "A reference leads out of the document, or nowhere: {}.", pair.new.lost or pair.old.lost
                )
                pair.differ(Rule.REFERENCE_CHANGED, Fit.UNDECIDED, Fit.UNDECIDED, what)
            return
        if pair.old.name is not None and pair.new.name is not None and pair.old.name != pair.new.name:
            what = Phrase.of("The schema {} is called {} now.", pair.old.name, pair.new.name)
            pair.differ(Rule.RENAMED, Fit.UNCHANGED, Fit.UNCHANGED, what)
        if isinstance(old, dict) and isinstance(new, dict):
            self._compare_objects(pair, old, new)
        elif not same(old, new):
            self._compare_booleans(pair, old, new)

    def _compare_booleans(self, pair: Pair, old: Any, new: Any) -> None:
        """At least one of the schemas is true, false, or no schema at all."""
        if (old is True and isinstance(new, dict)) or (new is True and isinstance(old, dict)):
            # As {}; only the keywords of the other one count.
            return self._compare_objects(pair, {} if old is True else old, {} if new is True else new)
        if isinstance(old, bool | dict) and isinstance(new, bool | dict):
            forth, back = (Fit.ACCEPTED, Fit.REFUSED) if old is False else (Fit.REFUSED, Fit.ACCEPTED)
            what = (
                "Something is allowed where nothing was: {}."
                if old is False
                else "Nothing is allowed where there was: {}."
            )
            pair.differ(Rule.SCHEMA_CHANGED, forth, back, Phrase.of(what, new if old is False else old))
        else:
            what = "The schema was {} and is {}."
            pair.differ(Rule.SCHEMA_CHANGED, Fit.UNDECIDED, Fit.UNDECIDED, Phrase.of(what, old, new))
        return None

    def _compare_objects(self, pair: Pair, old: Schema, new: Schema) -> None:
        _default(pair, old, new)
        before, after = self.old.alternatives(old), self.new.alternatives(new)
        if (before is None) == (after is None):
            _annotations(pair, old, new)
        if before is None and after is None:
            self._compare_keywords(pair, old, new)
        else:
            unions(
                self,
                pair,
                Union(self.old, before or self.old.by_type(old), exclusive=choice(old) == "oneOf"),
                Union(self.new, after or self.new.by_type(new), exclusive=choice(new) == "oneOf"),
            )

    def _compare_keywords(self, pair: Pair, old: Schema, new: Schema) -> None:
        _values(pair, old, new)
        if not (shared := types(old) & types(new)):
            return  # what else they say is about other things
        scalars(pair, old, new, shared)
        if "array" in shared:
            arrays(self, pair, old, new)
        if "object" in shared:
            objects(self, pair, old, new)
        self._conditions(pair, old, new)
        self._parts(pair, old, new)
        for keyword in ("anyOf", "oneOf"):
            if keyword in old or keyword in new:
                unions(
                    self,
                    pair,
                    Union(self.old, as_list(old.get(keyword)) or [True], exclusive=keyword == "oneOf"),
                    Union(self.new, as_list(new.get(keyword)) or [True], exclusive=keyword == "oneOf"),
                )

    def _conditions(self, pair: Pair, old: Schema, new: Schema) -> None:
        """What refuses values in a way that has no parts."""
        for keyword in CONDITIONS:
            if keyword not in old and keyword not in new:
                continue
            if keyword in old and keyword in new:
                before, after = {keyword: old[keyword]}, {keyword: new[keyword]}
                if equivalent(self.old, self.new, before, after):
                    continue
            pair.differ(Rule.CONDITION_CHANGED, Fit.UNDECIDED, Fit.UNDECIDED, changed(keyword, old, new))

    def _parts(self, pair: Pair, old: Schema, new: Schema) -> None:
        """``allOf`` that cannot be merged."""
        members = (
            [Member(views, part, position) for position, part in enumerate(as_list(schema.get("allOf")))]
            for views, schema in ((self.old, old), (self.new, new))
        )
        matching = Matching(*members).by(lambda member: identity(member.schema)).by(lambda member: member.component)
        matching.by(lambda member: member.title, once=True).by(lambda member: member.position)
        for before, after in matching.pairs:
            self.part(pair, "", before.schema, after.schema)
        for member in matching.removed:
            what = Phrase.of("The part {} of allOf is gone.", member.label)
            pair.differ(Rule.PART_REMOVED, Fit.ACCEPTED, Fit.REFUSED, what)
        for member in matching.added:
            what = Phrase.of("The part {} of allOf is new.", member.label)
            pair.differ(Rule.PART_ADDED, Fit.REFUSED, Fit.ACCEPTED, what)


def _values(pair: Pair, old: Schema, new: Schema) -> None:
    """``type``, ``enum`` and ``const``."""
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
        return Phrase("Values are new: {}.", (shown(added),))
    if not added:
        return Phrase("Values are gone: {}.", (shown(removed),))
    return Phrase("Values are gone: {}, and new: {}.", (shown(removed), shown(added)))


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


def _default(pair: Pair, old: Schema, new: Schema) -> None:
    if ("default" in old) != ("default" in new) or not same(old.get("default"), new.get("default")):
        pair.differ(Rule.DEFAULT_CHANGED, Fit.ASSUMED, Fit.ASSUMED, changed("default", old, new))


def _annotations(pair: Pair, old: Schema, new: Schema) -> None:
    """What refuses nothing, and what we do not know."""
    for keyword in dict.fromkeys((*old, *new)):
        if (keyword in old) == (keyword in new) and same(old.get(keyword), new.get(keyword)):
            continue
        what = changed(keyword, old, new)
        if keyword in TEXTS:
            pair.differ(Rule.TEXT_CHANGED, Fit.UNCHANGED, Fit.UNCHANGED, what)
        elif keyword in ("deprecated", "x-deprecated"):
            pair.differ(Rule.DEPRECATION_CHANGED, Fit.UNCHANGED, Fit.UNCHANGED, what)
        elif keyword == "discriminator":
            fit = Fit.UNDECIDED if keyword in old and keyword in new else Fit.UNCHANGED
            pair.differ(Rule.DISCRIMINATOR_CHANGED, fit, fit, what)
        elif keyword in ("readOnly", "writeOnly") or keyword not in COMPARED:
            pair.differ(Rule.FIELD_CHANGED, Fit.UNDECIDED, Fit.UNDECIDED, what)
