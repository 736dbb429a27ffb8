"""Reading documents: what was written comes back, and a mistake is named with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from chanx_asyncapi.describe import describe
from chanx_asyncapi.reading import UnreadableDocumentError, parse_document, read_document
from chanx_asyncapi.render import Format, render
from tests.chanx_asyncapi.documents import small_document


@pytest.mark.parametrize("format", ["json", "yaml"])
def test_what_was_rendered_is_read_again(format: Format) -> None:
    for document in (small_document(), describe().document.to_wire()):
        assert parse_document(render(document, format=format), format=format) == document
        # By the content.
        assert parse_document(render(document, format=format)) == document


TEXTS = [
    "",
    " ",
    "~",
    "null",
    "yes",
    "off",
    "0o7",
    "0x1F",
    "010",
    "1_000",
    "1e3",
    ".5",
    ".inf",
    "2024-01-01",
    "12:30:00",
]


@pytest.mark.parametrize("text", [*TEXTS, "<<", "=", "a: b", "# c", "- d", "'", '"', "\u2028", "a\n\nb\n", "\x85", "é"])
def test_texts_and_keys_that_look_like_something_else_survive(text: str) -> None:
    document = {"x-value": text, "x-key": {text: 1}, "x-list": [text]}

    assert parse_document(render(document, format="yaml")) == document


@pytest.mark.parametrize(
    ("yaml", "value"),
    [
        ("1", 1),
        ("-12", -12),
        ("010", 10),
        ("0o17", 15),
        ("0x1f", 31),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        # Something else to YAML 1.1.
        ("yes", "yes"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2024-01-01", "2024-01-01"),
        ("0b1", "0b1"),
    ],
)
def test_scalars_are_those_of_yaml_1_2(yaml: str, value: Any) -> None:
    found = parse_document(f"x-value: {yaml}")["x-value"]

    assert (found, type(found)) == (value, type(value))


def test_keys_are_text_whatever_they_look_like() -> None:
    assert parse_document("200: a\nnull: b\nyes: c\n1.0: d") == {"200": "a", "null": "b", "yes": "c", "1.0": "d"}


def test_an_alias_is_what_it_stands_for() -> None:
    assert parse_document("a: &it {b: 1}\nc: *it") == {"a": {"b": 1}, "c": {"b": 1}}


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40))


@pytest.mark.parametrize(
    ("text", "format", "message"),
    [
        ('{"a": 1,}', None, "this is no JSON: Illegal trailing comma before end of object: line 1 column 8 (char 7)."),
        ('{"a": {"b": 1, "c": 2, "b": 3}}', None, "this is no JSON: an object has the key 'b' twice."),
        ('{"a": NaN}', None, "this is no JSON: NaN is no number in JSON."),
        ("[]", "json", "the JSON is no object, as a document is."),
        ("", None, "the YAML is no object, as a document is."),
        ("- a", None, "the YAML is no object, as a document is."),
        ("a: [1", None, "this is no YAML: line 1, column 6: expected ',' or ']', but got '<stream end>'."),
        ("a: 1\nb: 2\na: 3", None, "this is no YAML: line 3, column 1: the key 'a' is here twice."),
        ("? [a]\n: 1", None, "this is no YAML: line 1, column 3: a key must be a text."),
        ("a: .inf", None, "this is no YAML: line 1, column 4: .inf is no number in JSON."),
        ("a: .NaN", None, "this is no YAML: line 1, column 4: .NaN is no number in JSON."),
        ("a: 1\n---\nb: 2", None, "this is no YAML: line 2, column 1: but found another document."),
        ("a: &a [*a]", None, "this is no YAML: its aliases make more than 2000000 values of it."),
        (BOMB, None, "this is no YAML: its aliases make more than 2000000 values of it."),
        ('{"a":' * 100_000, "json", "its values are nested too deeply."),
        ("a: " + "[" * 10_000, "yaml", "its values are nested too deeply."),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, format: Format | None, message: str) -> None:
    with pytest.raises(UnreadableDocumentError) as caught:
        parse_document(text, format=format)

    if "trailing comma" in message:
        # Each version of Python says it in its own words.
        assert str(caught.value).startswith("this is no JSON: ")
        assert "line 1 column" in str(caught.value)
    else:
        assert str(caught.value) == message


@pytest.mark.parametrize("tag", ["!!python/object/apply:os.getcwd []", "!!timestamp 2024-01-01", "!!set {a}", "!own a"])
def test_tags_that_json_does_not_have_are_refused(tag: str) -> None:
    with pytest.raises(UnreadableDocumentError, match="line 1, column 4: could not determine a constructor"):
        parse_document(f"a: {tag}")


def test_a_mistake_does_not_steer_a_terminal() -> None:
    with pytest.raises(UnreadableDocumentError) as caught:
        parse_document("\x1b[31m: 1")

    assert str(caught.value).isprintable()


@pytest.mark.parametrize(("name", "text"), [("a.json", '{"x-a": 1}'), ("a.YML", "x-a: 1"), ("a", '{"x-a": 1}')])
def test_the_suffix_says_the_format_or_else_the_content(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    # As some editors begin a file.
    file.write_text(f"\ufeff{text}", encoding="utf-8")

    assert read_document(file) == {"x-a": 1}


def test_a_file_is_named_with_its_mistake(tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text("x-a: 1", encoding="utf-8")
    with pytest.raises(UnreadableDocumentError, match=r"a\.json: this is no JSON: Expecting value"):
        read_document(file)

    file.write_bytes(json.dumps({"a": "é"}, ensure_ascii=False).encode("latin-1"))
    with pytest.raises(UnreadableDocumentError, match=r"a\.json cannot be read: it is no text in UTF-8\."):
        read_document(file)

    with pytest.raises(UnreadableDocumentError, match=r"missing cannot be read: No such file or directory\."):
        read_document(tmp_path / "missing")
