"""Sets in written values: JSON gives their items an order, and Python another one in each process."""

from itertools import chain, repeat
from typing import Any

from pydantic_core import to_json

from chanx_asyncapi.instances.making import Instances
from chanx_asyncapi.instances.merging import flattened
from chanx_asyncapi.instances.places import Schema


def with_ordered_sets(value: Any, schema: Schema | bool, instances: Instances) -> Any:
    """A copy of ``value`` in which arrays that are sets by their ``schema`` are sorted."""
    if not _has_order(value):
        return value
    keywords, _ = flattened(schema, instances.resolve, frozenset())
    for option in (*keywords.get("anyOf", ()), *keywords.get("oneOf", ())):
        if instances.fits(option, value):
            value = with_ordered_sets(value, option, instances)
            break
    if isinstance(value, dict):
        known, others = keywords.get("properties", {}), keywords.get("additionalProperties", True)
        return {name: with_ordered_sets(part, known.get(name, others), instances) for name, part in value.items()}
    items = keywords.get("items", True)
    if isinstance(items, list):
        pairs = zip(value, chain(items, repeat(keywords.get("additionalItems", True))), strict=False)
        return [with_ordered_sets(part, described, instances) for part, described in pairs]
    parts = [with_ordered_sets(part, items, instances) for part in value]
    return sorted(parts, key=to_json) if keywords.get("uniqueItems") is True else parts


def _has_order(value: Any) -> bool:
    """Whether there is an array of several items in a value."""
    if isinstance(value, list):
        return len(value) > 1 or any(map(_has_order, value))
    return isinstance(value, dict) and any(map(_has_order, value.values()))
