"""Two messages that are the same one on the wire: what they carry, and how."""

from collections.abc import Hashable
from typing import Final

from chanx_asyncapi.diff.bindings import bindings
from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.comparison import SAME_WIRE_OTHER_NAME, Comparison
from chanx_asyncapi.diff.inventory import Message, payload
from chanx_asyncapi.diff.judgements import Opposites, both, breaking, safe, unknown
from chanx_asyncapi.diff.schemas import Direction
from chanx_asyncapi.json_values import same
from chanx_asyncapi.validation.tree import Where

_CONTENT_TYPE: Final = both(breaking("{clients} and {server} write and read it in different forms."))
_CORRELATION: Final = Opposites(
    added=safe("{clients} do not look for it."),
    removed=breaking("{clients} tell by it what belongs together, and {server} does not fill it."),
)
_CORRELATION_PLACE: Final = both(breaking("{clients} look for it in another place than {server} does."))
_FORMAT: Final = both(unknown("schemas in another format than AsyncAPI's own are not compared."))

_COMPARED: Final = (
    *("payload", "headers", "correlationId", "contentType", "name"),
    *("bindings", "traits"),
)


def messages(comparison: Comparison, where: Where, old: Message, new: Message) -> None:
    """Compare two messages of the channel at ``where``."""
    place = (*where, "messages", new.label)
    shared: Hashable = (id(old.value), id(new.value))
    for kind, before, after in (("message", old.key, new.key), ("component", old.component, new.component)):
        if before is not None and after is not None and before != after:
            what = Phrase.of(f"The {kind} {{}} is called {{}} now.", before, after)
            comparison.add(Rule.RENAMED, place, SAME_WIRE_OTHER_NAME, what, component=new.component, shared=shared)
    if not same(old.value.get("name"), new.value.get("name")):
        what = changed("name", old.value, new.value)
        comparison.add(Rule.RENAMED, place, SAME_WIRE_OTHER_NAME, what, component=new.component, shared=shared)
    comparison.fields(place, old.value, new.value, compared=_COMPARED, component=new.component, shared=shared)
    bindings(comparison, place, old.value, new.value)
    _content_types(comparison, place, old, new)
    _correlation(comparison, place, old, new)
    for field in ("payload", "headers"):
        _schemas(comparison, where, old, new, field)


def _content_types(comparison: Comparison, where: Where, old: Message, new: Message) -> None:
    before = old.value.get("contentType", comparison.old.document.get("defaultContentType"))
    after = new.value.get("contentType", comparison.new.document.get("defaultContentType"))
    if same(before, after):
        return
    sides = _CONTENT_TYPE
    if before is None or after is None:
        sides = both(unknown("one of the two documents does not say in which form it is written."))
    what = Phrase.of("The content type was {} and is {}.", before, after)
    comparison.add(Rule.CONTENT_TYPE_CHANGED, where, sides, what, component=new.component, shared="content type")


def _correlation(comparison: Comparison, where: Where, old: Message, new: Message) -> None:
    shared: Hashable = (id(old.value), id(new.value))
    where = (*where, "correlationId")
    before = comparison.old.object(old.value.get("correlationId"))
    after = comparison.new.object(new.value.get("correlationId"))
    if before and after:
        comparison.fields(where, before, after, compared=("location",), component=new.component, shared=shared)
    first, second = before.get("location"), after.get("location")
    if same(first, second):
        return
    if first is None:
        rule, sides = Rule.CORRELATION_ADDED, _CORRELATION.when_added()
        what = Phrase.of("The correlation id is new: {}.", second)
    elif second is None:
        rule, sides = Rule.CORRELATION_REMOVED, _CORRELATION.when_removed()
        what = Phrase.of("The correlation id is gone; it was {}.", first)
    else:
        rule, sides = Rule.CORRELATION_CHANGED, _CORRELATION_PLACE
        what = Phrase.of("The correlation id was {} and is {}.", first, second)
    comparison.add(rule, where, sides, what, component=new.component, shared=shared)


def _schemas(comparison: Comparison, where: Where, old: Message, new: Message, field: str) -> None:
    (before, old_format), (after, new_format) = payload(old.value, field), payload(new.value, field)
    if old_format is not None or new_format is not None:
        if not same((old_format, before), (new_format, after)):
            what = changed(field, old.value, new.value)
            place = (*where, "messages", new.label, field)
            comparison.add(Rule.FIELD_CHANGED, place, _FORMAT, what, component=new.component)
        return
    directions = (old.directions & new.directions) or (
        {Direction.EITHER} if not old.directions and not new.directions else set()
    )
    for direction in sorted(directions, key=lambda direction: direction.value):
        action = {Direction.RECEIVED: "receive", Direction.SENT: "send"}.get(direction, "messages")
        comparison.schema(direction, (*where, action, new.label, field), before, after)
