"""Safe is a promise: what the writer of the one schema writes, the reader of the other one accepts.

It is held against JSON Schema itself. Values of the one schema are made at random and validated by the other one.
"""

import json
import random
from typing import Any
from unittest.mock import Mock

import pytest

from chanx_asyncapi.diff import Level, diff
from chanx_asyncapi.diff.schemas import alternatives, limits, objects, unions
from chanx_asyncapi.diff.schemas.fits import Fit
from chanx_asyncapi.validation.values import validator
from tests.chanx_asyncapi.diff.samples import samples
from tests.chanx_asyncapi.diff.schema_table import SCHEMA_CHANGES
from tests.chanx_asyncapi.diff.schemas_at_random import Maker
from tests.chanx_asyncapi.diff.table import SchemaChange, travelling

#: What JSON Schema calls valid or not as we do. It knows nothing of the encoding of texts.
COMPARABLE = [row for row in SCHEMA_CHANGES if "$ref" not in json.dumps(row.new) and row.name != "what is no schema"]


def promises(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    """Which schema is promised to fit into the other one: ``forth``, the old one into the new one, and ``back``."""
    broken: set[str] = set()
    for change in diff(old, new):
        received = change.where[2] == "receive"
        for verdict, kept in ((change.client, "forth"), (change.server, "back")):
            if verdict.level is not Level.SAFE:
                broken.add(f"{change.where[2]} {kept if received else {'forth': 'back', 'back': 'forth'}[kept]}")
    return {
        way
        for way in ("forth", "back")
        # What is promised where clients write holds where the server writes, but for what is only ignored.
        if f"receive {way}" not in broken or f"send {way}" not in broken
    }


def exception(old: dict[str, Any], new: dict[str, Any], seed: int, count: int) -> tuple[str, Any] | None:
    """A value that breaks a promise, and which one."""
    path = ("components", "schemas", "chat.Thing", "properties", "value")
    for way in sorted(promises(old, new)):
        writer, reader = (old, new) if way == "forth" else (new, old)
        schemas = [_at(document, path) for document in (writer, reader)]
        if schemas[1] is True:
            continue
        holds = validator({"not": {}} if schemas[1] is False else schemas[1], reader)
        for value in samples(schemas[0], writer, random.Random(seed), count):
            if not holds.is_valid(value):
                return way, value
    return None


def _at(document: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


@pytest.mark.parametrize("row", COMPARABLE, ids=lambda row: row.name)
def test_each_safe_change_of_the_table(row: SchemaChange) -> None:
    assert exception(travelling(row.old), travelling(row.new), seed=1, count=60) is None


def _at_random(seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    maker = Maker(random.Random(seed))
    components, schema = maker.components(), maker.schema()
    old, new = travelling(schema), travelling(maker.changed(schema))
    for document in (old, new):
        document["components"]["schemas"].update(components)
    if seed % 3 == 0:
        name = random.Random(seed).choice([*components])
        new["components"]["schemas"][name] = maker.changed(components[name])
    return old, new


@pytest.mark.parametrize("block", range(8))
def test_safe_changes_made_at_random(block: int) -> None:
    kept = 0
    for seed in range(block * 100, (block + 1) * 100):
        old, new = _at_random(seed)
        found = exception(old, new, seed, count=12)
        assert found is None, (seed, found)
        kept += len(promises(old, new))
    # The check says something: many pairs are promised to fit, in one direction or both.
    assert kept > 50


@pytest.mark.parametrize(
    ("module", "name", "wrong"),
    [
        (limits, "_fits", Fit.ACCEPTED),
        (limits, "_presence", Fit.ACCEPTED),
        (objects, "_lacking", Fit.LEFT_OUT),
        (objects, "_surplus", Fit.IGNORED),
        (unions, "_is_covered", True),
        (alternatives, "_apart", True),
    ],
)
def test_a_wrong_rule_is_found(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, wrong: Any) -> None:
    monkeypatch.setattr(module, name, Mock(return_value=wrong))

    assert any(exception(travelling(row.old), travelling(row.new), seed=1, count=60) for row in COMPARABLE) or any(
        exception(*_at_random(seed), seed, count=12) for seed in range(800)
    )
