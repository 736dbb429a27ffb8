"""Properties, and what else an object may have.

A schema without ``additionalProperties`` is open: whoever reads it lets other keys pass, and whoever writes it writes
none. Servers of ours do exactly that, and without the second half no property could ever be added safely.
"""

from typing import Any

from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.schemas.fits import Fit
from chanx_asyncapi.diff.schemas.limits import bounds
from chanx_asyncapi.diff.schemas.pairs import Comparing, Pair, Schema
from chanx_asyncapi.json_values import as_list, as_object, same


def objects(comparing: Comparing, pair: Pair, old: Schema, new: Schema) -> None:
    """Compare the keywords of objects."""
    before, after = _Keys(old), _Keys(new)
    for name in dict.fromkeys((*before.names, *after.names)):
        if name in before.names and name in after.names:
            may_be_absent = not (name in before.required and name in after.required)
            comparing.part(pair, name, before.schema(name), after.schema(name), may_be_absent=may_be_absent)
            _required(pair, before, after, name)
            if (name in before.properties) != (name in after.properties) and (before.patterns or after.patterns):
                what = Phrase.of("{} has a schema of its own in one of the documents only.", name)
                pair.differ(Rule.ADDITIONAL_CHANGED, Fit.UNDECIDED, Fit.UNDECIDED, what, name)
        else:
            _declared(pair, before, after, name)
    _additional(comparing, pair, before, after)
    _patterns(comparing, pair, before, after)
    if "propertyNames" in old or "propertyNames" in new:
        names = old.get("propertyNames", True), new.get("propertyNames", True)
        comparing.part(pair, "[propertyNames]", *names)
    bounds(pair, old, new, ("minProperties", "maxProperties"))


class _Keys:
    """What a schema says about the keys of an object."""

    def __init__(self, schema: Schema) -> None:
        self.properties = as_object(schema.get("properties"))
        self.required = frozenset(name for name in as_list(schema.get("required")) if isinstance(name, str))
        self.names = dict.fromkeys((*self.properties, *sorted(self.required)))
        self.patterns = as_object(schema.get("patternProperties"))
        #: True, where other keys are allowed without a word about their values.
        self.additional = schema.get("additionalProperties", True)
        self.is_open = self.additional is True or same(self.additional, {})
        self.is_closed = self.additional is False
        #: Other keys are not only let pass, but meant: a writer may write them.
        self.invites = "additionalProperties" in schema and not self.is_closed

    def schema(self, name: str) -> Any:
        """The schema of the values of a key that is declared, or at least required."""
        return self.properties.get(name, True if self.is_open else self.additional)


def _required(pair: Pair, old: _Keys, new: _Keys, name: str) -> None:
    if name in new.required and name not in old.required:
        pair.differ(
            Rule.PROPERTY_REQUIRED, Fit.MAY_BE_MISSING, Fit.ACCEPTED, Phrase.of("{} is required now.", name), name
        )
    elif name in old.required and name not in new.required:
        pair.differ(
            Rule.PROPERTY_OPTIONAL, Fit.ACCEPTED, Fit.MAY_BE_MISSING, Phrase.of("{} may be absent now.", name), name
        )


def _declared(pair: Pair, old: _Keys, new: _Keys, name: str) -> None:
    if name in new.names:
        kind = "required" if name in new.required else "optional"
        pair.differ(
            Rule.PROPERTY_ADDED,
            _lacking(writer=old, reader=new, name=name),
            _surplus(reader=old),
            Phrase.of(f"The {kind} property {{}} is new.", name),
            name,
        )
    else:
        kind = "required" if name in old.required else "optional"
        pair.differ(
            Rule.PROPERTY_REMOVED,
            _surplus(reader=new),
            _lacking(writer=new, reader=old, name=name),
            Phrase.of(f"The {kind} property {{}} is gone.", name),
            name,
        )


def _lacking(*, writer: _Keys, reader: _Keys, name: str) -> Fit:
    """How a writer that does not know ``name`` fits a reader that does."""
    if name in reader.required:
        return Fit.MISSING
    # It may write the key all the same, with any value that it allows for other keys.
    return Fit.UNDECIDED if writer.invites or writer.patterns else Fit.LEFT_OUT


def _surplus(*, reader: _Keys) -> Fit:
    """How a writer that knows a key fits a reader that does not."""
    if reader.patterns:
        return Fit.UNDECIDED
    if reader.is_closed:
        return Fit.UNDECLARED
    return Fit.IGNORED if reader.is_open else Fit.UNDECIDED


def _additional(comparing: Comparing, pair: Pair, old: _Keys, new: _Keys) -> None:
    keyword = "additionalProperties"
    before, after = old.additional, new.additional
    if (old.is_open and new.is_open) or (old.is_closed and new.is_closed):
        return
    if not any((old.is_open, old.is_closed, new.is_open, new.is_closed)):
        comparing.part(pair, f"[{keyword}]", before, after)
        return
    wider = old.is_closed or new.is_open
    forth, back = (Fit.ACCEPTED, Fit.UNDECLARED) if wider else (Fit.UNDECLARED, Fit.ACCEPTED)
    if not (old.is_closed or new.is_closed):
        forth, back = (Fit.ACCEPTED, Fit.REFUSED) if wider else (Fit.REFUSED, Fit.ACCEPTED)
    pair.differ(Rule.ADDITIONAL_CHANGED, forth, back, changed(keyword, {keyword: before}, {keyword: after}))


def _patterns(comparing: Comparing, pair: Pair, old: _Keys, new: _Keys) -> None:
    """Whether a pattern matches a key that another keyword speaks of is not tried: the pattern is anybody's."""
    for pattern in dict.fromkeys((*old.patterns, *new.patterns)):
        if pattern in old.patterns and pattern in new.patterns:
            comparing.part(pair, f"[{pattern}]", old.patterns[pattern], new.patterns[pattern])
        else:
            what = "new" if pattern in new.patterns else "gone"
            pair.differ(
                Rule.ADDITIONAL_CHANGED,
                Fit.UNDECIDED,
                Fit.UNDECIDED,
                Phrase.of(f"The patternProperties {{}} are {what}.", pattern),
            )
