"""Whether two schemas are the same thing, whatever their components are called."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

from chanx_asyncapi.diff.schemas.keywords import TEXTS
from chanx_asyncapi.diff.schemas.views import Views
from chanx_asyncapi.json_values import same

#: Values that are held against each other before the answer is no.
_MAX_STEPS: Final = 10_000

#: What is under a keyword: one schema or a list of them, schemas by names, or data.
_Kind: TypeAlias = Literal["schema", "names", "data"]
_KINDS: Final[Mapping[str, _Kind]] = {
    **dict.fromkeys(("allOf", "anyOf", "oneOf", "not", "if", "then", "else", "items", "prefixItems"), "schema"),
    **dict.fromkeys(("additionalItems", "additionalProperties", "contains", "propertyNames"), "schema"),
    **dict.fromkeys(("properties", "patternProperties", "dependencies", "dependentSchemas"), "names"),
}


def equivalent(old_views: Views, new_views: Views, old: Any, new: Any) -> bool:
    """Whether ``old`` and ``new`` are the same with their references followed; texts for people do not count.

    Each is a schema or a list of schemas. A yes is certain.
    """
    pending: list[tuple[_Kind, Any, Any]] = [("schema", old, new)]
    seen: set[tuple[int, int]] = set()
    for _ in range(_MAX_STEPS):
        if not pending:
            return True
        kind, first, second = pending.pop()
        if kind == "schema":
            first, second = old_views.follow(first).value, new_views.follow(second).value
        if kind == "data" or type(first) is not type(second) or not isinstance(first, dict | list):
            if not same(first, second):
                return False
        elif isinstance(first, list):
            if len(first) != len(second):
                return False
            pending.extend(("schema", *items) for items in zip(first, second, strict=True))
        elif (id(first), id(second)) not in seen:
            seen.add((id(first), id(second)))
            ignored = TEXTS if kind == "schema" else ()
            if first.keys() - ignored != second.keys() - ignored:
                return False
            pending.extend(_inside(kind, first, second))
    return False


def _inside(kind: _Kind, first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[tuple[_Kind, Any, Any]]:
    for key, value in first.items():
        if kind == "names":
            yield "schema", value, second[key]
        elif key not in TEXTS:
            yield _KINDS.get(key, "data"), value, second[key]
