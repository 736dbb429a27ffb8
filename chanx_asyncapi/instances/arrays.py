"""Values for the schema of an array."""

from collections.abc import Iterator
from typing import Any, Final

from chanx_asyncapi.instances.places import Maker, NoInstanceError, Place, Schema, TooLargeError

#: More items teach nobody anything.
_MAX_ITEMS: Final = 30
#: Further values that are tried for an item which must differ from the others.
_MAX_TRIED: Final = 10


def arrays(keywords: Schema, at: Place, maker: Maker) -> Iterator[list[Any]]:
    """An array with an item to show what items are like, then one with as few as there must be."""
    least: int = max(keywords.get("minItems", 0), int("contains" in keywords))
    if least > _MAX_ITEMS:
        raise TooLargeError("the array is too long")
    items = keywords.get("items")
    fixed: list[Any] = items if isinstance(items, list) else []
    shown = len(fixed) if fixed else int(items not in (None, False))
    # A tuple is shown as a whole, wherever it is.
    shown = shown if fixed or maker.has_room(at) else 0
    for count in (max(least, shown), least):
        yield _array(keywords, at, maker, min(count, keywords.get("maxItems", count)))


def _array(keywords: Schema, at: Place, maker: Maker, count: int) -> list[Any]:
    made: list[Any] = []
    for index in range(count):
        schema = _schema_of(keywords, index)
        try:
            # The items of a tuple differ anyway.
            number = at.number if isinstance(keywords.get("items"), list) else at.number + index
            made.append(_item(schema, at._replace(number=number), maker, keywords, made))
        except TooLargeError:
            raise
        except NoInstanceError:
            if index < keywords.get("minItems", 0):
                raise
            break
    return made


def _schema_of(keywords: Schema, index: int) -> Any:
    items = keywords.get("items", True)
    if isinstance(items, list):
        return items[index] if index < len(items) else keywords.get("additionalItems", True)
    if index == 0 and "contains" in keywords:
        return {"allOf": [keywords["contains"], items]}
    return items


def _item(schema: Any, at: Place, maker: Maker, keywords: Schema, others: list[Any]) -> Any:
    place = at._replace(depth=at.depth + 1, hint=None)
    for further in range(_MAX_TRIED):
        value = maker.value(schema, place._replace(number=place.number + further))
        if not keywords.get("uniqueItems") or value not in others:
            return value
    raise NoInstanceError("no more different items were found")
