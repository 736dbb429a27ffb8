"""What documents say about themselves, and what nothing in them refers to."""

from typing import Final

from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.comparison import NOBODY_KNOWS, SAME_WIRE, Comparison
from chanx_asyncapi.diff.inventory import Inventory
from chanx_asyncapi.json_values import as_object, same

_COMPARED: Final = (
    *("info", "servers", "channels", "operations", "components"),
    *("defaultContentType", "x-envelope", "x-close-codes"),
)
_INFO: Final = ("version", "termsOfService", "contact", "license")


def root(comparison: Comparison) -> None:
    """Compare the fields of the documents themselves."""
    old, new = comparison.old.document, comparison.new.document
    comparison.fields((), old, new, compared=_COMPARED, texts=("asyncapi", "id"))
    comparison.fields(("info",), as_object(old.get("info")), as_object(new.get("info")), compared=(), texts=_INFO)
    name = "defaultContentType"
    if not same(old.get(name), new.get(name)):
        # Each message that says nothing else is compared with it.
        what = changed(name, old, new)
        comparison.add(Rule.TEXT_CHANGED, (name,), SAME_WIRE, what)


def lost_operations(comparison: Comparison, old: Inventory, new: Inventory) -> None:
    """Operations whose channel is not to be found."""
    for key in dict.fromkeys((*old.lost, *new.lost)):
        if not same(old.lost.get(key), new.lost.get(key)):
            what = Phrase.of("The operation {} is on a channel that is not to be found.", key)
            comparison.add(Rule.REFERENCE_CHANGED, ("operations", key), NOBODY_KNOWS, what)


def unused_components(comparison: Comparison) -> None:
    """What no reference leads to. To be called when all the rest has been compared."""
    old, new = (
        as_object(comparison.old.document.get("components")),
        as_object(comparison.new.document.get("components")),
    )
    kinds = [kind for kind in dict.fromkeys((*old, *new)) if as_object(old.get(kind)) or as_object(new.get(kind))]
    comparison.fields(("components",), old, new, compared=kinds)
    for kind in kinds:
        before, after = as_object(old.get(kind)), as_object(new.get(kind))
        for key in dict.fromkeys((*before, *after)):
            where = ("components", kind, key)
            if (
                ((key in before) == (key in after) and same(before.get(key), after.get(key)))
                or where in comparison.old.reached
                or where in comparison.new.reached
            ):
                continue
            what = changed(key, before, after)
            comparison.add(Rule.UNUSED_COMPONENT_CHANGED, where, SAME_WIRE, what)
