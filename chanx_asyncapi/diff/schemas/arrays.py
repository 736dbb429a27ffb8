"""Items: a schema for all of them, or one for each position and one for the rest."""

from typing import Any

from chanx_asyncapi.diff.schemas.limits import bounds, flags
from chanx_asyncapi.diff.schemas.pairs import Comparing, Pair, Schema
from chanx_asyncapi.json_values import as_list


def arrays(comparing: Comparing, pair: Pair, old: Schema, new: Schema) -> None:
    """Compare the keywords of arrays."""
    (old_fixed, old_rest), (new_fixed, new_rest) = _items(old), _items(new)
    for index in range(max(len(old_fixed), len(new_fixed))):
        before = old_fixed[index] if index < len(old_fixed) else old_rest
        after = new_fixed[index] if index < len(new_fixed) else new_rest
        comparing.part(pair, f"[{index}]", before, after)
    comparing.part(pair, "[items]", old_rest, new_rest)
    if "contains" in old or "contains" in new:
        # Not to contain anything in particular is more than to contain anything at all: an empty array does.
        if "contains" in old and "contains" in new:
            comparing.part(pair, "[contains]", old["contains"], new["contains"])
        else:
            flags(pair, {"contains": "contains" in old}, {"contains": "contains" in new}, "contains")
    flags(pair, old, new, "uniqueItems")
    bounds(pair, old, new, ("minItems", "maxItems"))


def _items(schema: Schema) -> tuple[list[Any], Any]:
    """The schemas of the first items, and that of all others. ``prefixItems`` is how later drafts write it."""
    if "prefixItems" in schema:
        return [*as_list(schema["prefixItems"])], schema.get("items", True)
    items = schema.get("items", True)
    if isinstance(items, list):
        return items, schema.get("additionalItems", True)
    return [], items
