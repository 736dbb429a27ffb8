"""The nodes of a document, and what references lead to."""

from typing import Any

import pytest

from chanx_asyncapi.validation.tree import Tree, pointer
from tests.chanx_asyncapi.documents import small_document


def _tree(**components: Any) -> Tree:
    return Tree({"components": components})


def test_nodes_come_in_the_documents_order_and_know_their_kind_and_field() -> None:
    tree = _tree(schemas={"A": {"properties": {"items": {"items": [{"$ref": "#/components/schemas/A"}, True]}}}})
    assert [(node.kind, "/".join(node.where), node.field) for node in tree.nodes] == [
        ("document", "", ""),
        ("components", "components", "components"),
        ("schema", "components/schemas/A", "schemas"),
        ("schema", "components/schemas/A/properties/items", "properties"),
        ("schema", "components/schemas/A/properties/items/items/0", "items"),
        ("schema", "components/schemas/A/properties/items/items/1", "items"),
    ]


def test_objects_of_a_kind_are_neither_references_nor_booleans() -> None:
    tree = _tree(schemas={"A": {"$ref": "#/components/schemas/B"}, "B": {}, "C": True})
    assert [node.where[-1] for node in tree.of("schema")] == ["B"]


def test_a_property_called_ref_is_no_reference() -> None:
    tree = _tree(schemas={"A": {"properties": {"$ref": {"type": "string"}}}})
    assert [node.where[-1] for node in tree.of("schema")] == ["A", "$ref"]
    assert all(node.reference is None for node in tree.nodes)


def test_inside_is_the_node_and_what_it_holds() -> None:
    tree = Tree(small_document())
    inside = list(tree.inside(("components", "schemas", "Ask")))
    assert [node.where[3:] for node in inside] == [(), ("properties", "action"), ("properties", "payload")]
    assert list(tree.inside(("components", "schemas", "Nothing"))) == []


def test_following_goes_to_the_end_and_ends_in_a_circle() -> None:
    tree = _tree(
        schemas={
            "A": {"$ref": "#/components/schemas/B"},
            "B": {"$ref": "#/components/schemas/C"},
            "C": {"title": "C"},
            "D": {"$ref": "#/components/schemas/E"},
            "E": {"$ref": "#/components/schemas/D"},
            "F": {"$ref": "#/components/schemas/G"},
        }
    )

    def end(name: str) -> object:
        found = tree.follow(tree.at("components", "schemas", name))
        return found and found.where[-1]

    assert [end(name) for name in "ABCDEF"] == ["C", "C", "C", None, None, None]
    assert tree.follow(None) is None
    target = tree.target(tree.at("components", "schemas", "A"))
    assert target is not None
    assert target.where[-1] == "B"
    assert tree.target(tree.at("components", "schemas", "C")) is None


@pytest.mark.parametrize(
    ("reference", "keys"),
    [
        ("#/a/b", ("a", "b")),
        ("#/a~1b/c~0d", ("a/b", "c~d")),
        ("#/~01", ("~1",)),
        ("#/a%20b/%C3%A9", ("a b", "é")),
        ("#/", ("",)),
        ("#", None),
        ("#anchor", None),
        ("other.json#/a", None),
        (None, None),
    ],
)
def test_a_pointer_is_decoded_as_rfc_6901_says(reference: str | None, keys: tuple[str, ...] | None) -> None:
    assert pointer(reference) == keys
