"""Compares schemas: first all pairs that can be reached, each once, then the changes in them."""

from collections import deque
from typing import Any, Final

from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.matching import Matching
from chanx_asyncapi.diff.schemas.alternatives import Alternatives, Member
from chanx_asyncapi.diff.schemas.annotations import annotations, default
from chanx_asyncapi.diff.schemas.arrays import arrays
from chanx_asyncapi.diff.schemas.equivalence import equivalent
from chanx_asyncapi.diff.schemas.fits import Fit
from chanx_asyncapi.diff.schemas.keywords import CONDITIONS
from chanx_asyncapi.diff.schemas.objects import objects
from chanx_asyncapi.diff.schemas.pairs import Pair, Schema
from chanx_asyncapi.diff.schemas.scalars import scalars
from chanx_asyncapi.diff.schemas.types import types
from chanx_asyncapi.diff.schemas.unions import unions
from chanx_asyncapi.diff.schemas.value_sets import value_sets
from chanx_asyncapi.diff.schemas.views import Views, choice
from chanx_asyncapi.json_values import as_list, identity, same
from chanx_asyncapi.source import Source, Target

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
            what = "Nothing was allowed, and now: {}." if old is False else "Nothing is allowed any more; it was {}."
            pair.differ(Rule.SCHEMA_CHANGED, forth, back, Phrase.of(what, new if old is False else old))
        else:
            what = "The schema was {} and is {}."
            pair.differ(Rule.SCHEMA_CHANGED, Fit.UNDECIDED, Fit.UNDECIDED, Phrase.of(what, old, new))
        return None

    def _compare_objects(self, pair: Pair, old: Schema, new: Schema) -> None:
        if _are_identical(old, new):
            return
        default(pair, old, new)
        before, after = self.old.alternatives(old), self.new.alternatives(new)
        if (before is None) == (after is None):
            annotations(pair, old, new)
        if before is None and after is None:
            self._compare_keywords(pair, old, new)
        else:
            unions(
                self,
                pair,
                Alternatives(self.old, before or self.old.by_type(old), old, exclusive=choice(old) == "oneOf"),
                Alternatives(self.new, after or self.new.by_type(new), new, exclusive=choice(new) == "oneOf"),
            )

    def _compare_keywords(self, pair: Pair, old: Schema, new: Schema) -> None:
        value_sets(pair, old, new)
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
                    Alternatives(self.old, as_list(old.get(keyword)) or [True], old, exclusive=keyword == "oneOf"),
                    Alternatives(self.new, as_list(new.get(keyword)) or [True], new, exclusive=keyword == "oneOf"),
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
        if "allOf" not in old and "allOf" not in new:
            return
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


def _are_identical(first: Any, second: Any) -> bool:
    """Whether two schemas are the same to the letter, and lead to no others: most are."""
    if isinstance(first, dict) and isinstance(second, dict):
        return (
            "$ref" not in first
            and first.keys() == second.keys()
            and all(_are_identical(value, second[key]) for key, value in first.items())
        )
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(map(_are_identical, first, second))
    return same(first, second)
