"""Schemas that refer to themselves, or that mean more than they say, are compared in bounded time."""

import time
from typing import Any

import pytest

from chanx_asyncapi.diff import DiffError, diff
from chanx_asyncapi.diff.schemas import comparison
from tests.chanx_asyncapi.diff.table import Document, service, travelling, verdicts


def _with(schema: Any, **components: Any) -> Document:
    document = travelling(schema)
    document["components"]["schemas"].update(components)
    return document


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _tree(**leaf: Any) -> Document:
    node = {"type": "object", "properties": {"value": leaf, "children": {"type": "array", "items": _reference("Tree")}}}
    return _with(_reference("Tree"), Tree=node)


def test_a_tree_is_compared_once() -> None:
    found = diff(_tree(type="integer"), _tree(type="number"))

    assert [(change.where[2], change.where[-1], verdicts(change)) for change in found] == [
        ("send", "value", "bs"),
        ("receive", "value", "sb"),
    ]
    assert diff(_tree(type="integer"), _tree(type="integer")) == []


def test_two_schemas_that_refer_to_each_other() -> None:
    def document(maximum: int) -> Document:
        return _with(
            _reference("A"),
            A={"anyOf": [_reference("B"), {"type": "integer", "maximum": maximum}]},
            B={"type": "array", "items": _reference("A")},
        )

    assert {verdicts(change) for change in diff(document(1), document(2))} == {"sb", "bs"}


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/components/schemas/Self"},
        {"allOf": [{"$ref": "#/components/schemas/Self"}]},
        {"anyOf": [{"$ref": "#/components/schemas/Self"}, {"type": "null"}]},
        {"oneOf": [{"not": {"$ref": "#/components/schemas/Self"}}]},
        {"properties": {"$ref": {"$ref": "#/components/schemas/Self/properties/$ref"}}},
    ],
)
def test_a_schema_that_is_itself(schema: Any) -> None:
    old, new = (_with(_reference("Self"), Self=self) for self in (schema, {"type": "string"}))

    assert diff(old, old) == []
    assert diff(old, new) != []
    assert diff(new, old) != []


def test_what_doubles_with_each_level_does_not_double_the_work() -> None:
    def document(last: str) -> Document:
        levels = {
            f"L{n}": {"properties": {"a": _reference(f"L{n + 1}"), "b": _reference(f"L{n + 1}")}} for n in range(60)
        }
        return _with(_reference("L0"), **levels, L60={"type": last})

    started = time.process_time()
    found = diff(document("string"), document("integer"))

    assert [change.component for change in found] == ["L60", "L60"]
    assert time.process_time() - started < 2


def test_choices_that_refer_to_all_others() -> None:
    def document(last: str) -> Document:
        names = [f"C{n}" for n in range(40)]
        choices = {name: {"anyOf": [*map(_reference, names), {"type": last}]} for name in names}
        return _with(_reference("C0"), **choices)

    started = time.process_time()
    found = diff(document("string"), document("integer"))

    assert {change.rule.value for change in found} == {"type-changed"}
    assert time.process_time() - started < 10


def test_an_exclusive_choice_whose_alternatives_overlap() -> None:
    """A value that fits two of them fits not at all, so one more alternative can refuse what was allowed."""

    def schema(*names: str) -> Any:
        return {"oneOf": [{"type": "object", "properties": {name: {}}, "required": [name]} for name in names]}

    found = {
        (change.where[2], change.rule.value, verdicts(change))
        for change in diff(travelling(schema("a", "b")), travelling(schema("a", "b", "c")))
    }

    assert found == {
        ("receive", "alternative-added", "sb"),
        ("receive", "alternatives-overlap", "uu"),
        ("send", "alternative-added", "bs"),
        ("send", "alternatives-overlap", "uu"),
    }


def test_more_than_can_be_compared_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "MAX_PAIRS", 12)

    found = [change for change in diff(service(), service()) if change.rule == "too-large"]

    assert found
    assert {verdicts(change) for change in found} == {"uu"}


def test_nesting_that_cannot_be_followed_is_refused() -> None:
    def document(depth: int) -> Document:
        schema: Any = {}
        for _ in range(depth):
            schema = {"not": schema}
        made = service()
        made["components"]["schemas"]["chat.Thing"]["properties"]["value"] = schema
        return made

    with pytest.raises(DiffError, match="nested too deeply"):
        diff(document(20_000), document(20_001))


def test_many_messages_share_a_schema() -> None:
    """One change, with all the places where it has effect."""

    def document(kind: str) -> Document:
        made = service()
        for name in range(50):
            made["channels"][f"more{name}"] = {
                "address": f"/more/{name}",
                "messages": {"m": {"payload": {"properties": {"thing": _reference("Shared")}}}},
            }
            made["operations"][f"more{name}"] = {"action": "send", "channel": {"$ref": f"#/channels/more{name}"}}
        made["components"]["schemas"]["Shared"] = {"type": kind}
        return made

    (change,) = diff(document("integer"), document("number"))

    assert change.component == "Shared"
    assert change.where == ("channels", "/more/0", "send", "m", "payload", "thing")
    assert len(change.also) == 49
    assert change.also[-1] == ("channels", "/more/49", "send", "m", "payload", "thing")
