"""Names in Python, for whatever a document calls its things."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from chanx_asyncapi.codegen.python.naming import field_names, module_name


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        ("text", "text"),
        ("createdAt", "createdAt"),
        ("class", "class_"),
        ("copy", "copy_"),
        ("model_dump", "model_dump_"),
        ("list", "list_"),
        ("to_wire", "to_wire_"),
        ("Name", "Name_"),
        ("a-b", "a_b"),
        ("a.b c", "a_b_c"),
        ("_private", "private"),
        ("__proto__", "proto"),
        ("1st", "field_1st"),
    ],
)
def test_what_a_key_is_called(wire: str, expected: str) -> None:
    assert field_names([wire]) == {wire: expected}


def test_who_has_a_name_as_it_is_keeps_it() -> None:
    alone = field_names(["a-b"])["a-b"]
    names = field_names(["a-b", "a_b", "a.b"])
    assert names["a_b"] == "a_b"
    assert len(set(names.values())) == 3
    assert alone == "a_b"
    # A hash of the key, no number: the order, and what else is added, change nothing.
    assert field_names(["a.b", "x", "a_b", "a-b"]) == {**names, "x": "x"}


@given(st.lists(st.text(max_size=12), unique=True, max_size=8))
def test_any_keys_are_fields_of_one_model(keys: list[str]) -> None:
    names = field_names(keys)
    assert list(names) == keys
    assert len(set(names.values())) == len(keys)
    for name in names.values():
        assert name.isidentifier()
        assert name.isascii()
        assert not keyword.iskeyword(name)
        assert not name.startswith("_")
        assert not hasattr(BaseModel, name)


@pytest.mark.parametrize(
    ("package", "expected"),
    [("chat-sdk", "chat_sdk"), ("Chat SDK", "chat_sdk"), ("2fast", "_2fast"), ("class", "_class"), ("!", "client")],
)
def test_modules(package: str, expected: str) -> None:
    assert module_name(package) == expected
