"""What holds for all documents: the same one has not changed, and a changed one has; nothing crashes on any."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chanx_asyncapi.diff import diff
from chanx_asyncapi.spec import Document
from tests.chanx_asyncapi.diff.table import service
from tests.chanx_asyncapi.documents import small_document

GOLDEN = Path(__file__).parents[2] / "golden" / "asyncapi.json"


def golden() -> dict[str, Any]:
    document: dict[str, Any] = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return document


@pytest.mark.parametrize("document", [golden, small_document, service])
def test_a_document_does_not_differ_from_itself(document: Callable[[], dict[str, Any]]) -> None:
    assert diff(document(), document()) == []


@pytest.mark.parametrize("document", [golden, small_document])
def test_a_document_is_its_json_shape(document: Callable[[], dict[str, Any]]) -> None:
    assert diff(Document.from_wire(document()), document()) == []


@pytest.mark.parametrize("document", [golden, small_document, service])
def test_the_order_of_keys_does_not_count(document: Callable[[], dict[str, Any]]) -> None:
    assert diff(document(), json.loads(json.dumps(document(), sort_keys=True))) == []


@pytest.mark.parametrize("block", range(10))
def test_a_mutated_document_differs(block: int) -> None:
    old = golden()
    for seed in range(block * 25, (block + 1) * 25):
        new = golden()
        path = _mutate(new, random.Random(seed))

        assert diff(old, new) != [], (seed, path)
        assert diff(new, old) != [], (seed, path)


@pytest.mark.parametrize("block", range(10))
def test_no_document_is_too_strange(block: int) -> None:
    """Many mutations: the types of values are no longer those of AsyncAPI."""
    for seed in range(block * 25, (block + 1) * 25):
        rng = random.Random(seed)
        old, new = service(), service()
        for _ in range(rng.randint(1, 12)):
            _mutate(rng.choice((old, new)), rng)

        there, back = diff(old, new), diff(new, old)

        assert (there == []) == (back == []), seed
        assert diff(new, new) == [], seed


def _mutate(document: dict[str, Any], rng: random.Random) -> list[str]:
    """Change one thing so that it means something else; return where."""
    while True:
        path, outer, key = rng.choice([*_places(document, [])])
        before = copy.deepcopy(outer)
        match rng.randrange(3):
            case 0:
                del outer[key]
            case 1:
                outer[key] = _junk(rng)
            case _ if isinstance(outer, dict):
                outer[f"x-new-{rng.randrange(99)}"] = _junk(rng) or "new"
            case _:
                outer.append(_junk(rng))
        if json.dumps(outer) != json.dumps(before) and not _means_the_same(path, outer, before):
            return path
        _restore(outer, before)


def _means_the_same(path: list[str], now: Any, before: Any) -> bool:
    match path:
        case ["asyncapi"]:
            return True  # another version is refused
        case ["components", "schemas", "chat.messages.Visitor", "description"]:
            return True  # nobody reads it: the one field that refers to this schema has a description of its own
        case [*_, "reply", "channel"]:
            return "channel" not in now  # where nothing else is said, it is that of the question
        case [*_, "contentType"]:
            return "contentType" not in now  # it is that of the document
        case [*_, "type"]:
            return "type" not in now and ("const" in before or "enum" in before)
        case [*_, "required" | "enum", _]:
            return bool([item for item in now if isinstance(item, str)] == before)  # all that may be there
        case [*_, "allOf", _]:
            return bool(now in ([*before, {}], [*before, True]))
        case [*_, "anyOf", _]:
            return bool(now == [*before, False])
        case ["channels", _, "servers"]:
            return not isinstance(now.get("servers"), list) or not now["servers"]  # there is only one
        case _:
            return "$ref" in before and "$ref" in now  # what stands beside a reference does not count


def _restore(outer: Any, before: Any) -> None:
    outer.clear()
    if isinstance(outer, dict):
        outer.update(before)
    else:
        outer.extend(before)


def _junk(rng: random.Random) -> Any:
    junk = [None, True, False, 0, 7, -1.5, "", "junk", "{}", [], ["junk"], {}, {"junk": 1}, {"$ref": "#/junk"}]
    return copy.deepcopy(rng.choice(junk))


def _places(value: Any, path: list[str]) -> Iterator[tuple[list[str], Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in [*items]:
        yield [*path, str(key)], value, key
        if isinstance(inner, dict | list):
            yield from _places(inner, [*path, str(key)])
