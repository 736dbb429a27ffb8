"""Rendering: the same data in both formats, for every reader, in the same bytes."""

import json
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import yaml

from chanx_asyncapi.render import FORMATS, Format, render
from chanx_asyncapi.spec import Document
from tests.chanx_asyncapi.documents import small_document
from tests.contract.npm_parser import run_node

_FOLDER = Path(__file__).parent

#: Strings that some reader of YAML takes for something else, or that a careless writer breaks.
_STRINGS = [
    *("", " ", "~", "null", "Null", "true", "False", "yes", "No", "on", "OFF", "y", "N", "<<", "=", "-", "?", ":"),
    *("0", "7", "-1", "+1", "007", "1_000", "0x1F", "0o17", "0b11", "1.0", ".5", "5.", "1e3", "1E-3", ".inf", ".NaN"),
    *("12:30", "12:30:45", "2024-01-01", "2024-01-01T00:00:00Z", "3.1.0", "1.2.3.4", "0.", "e3", "1e", "--1"),
    *(
        "# no comment",
        "a # b",
        "a: b",
        "key:",
        "- item",
        "[a]",
        "{a: b}",
        "*alias",
        "&anchor",
        "!tag",
        "%d",
        "@a",
        "`a`",
    ),
    *("'", '"', "it's", 'say "x"', "back\\slash", "tab\there", "bell\x07", "nul\x00", "del\x7f", "\ufeffbom", "\xa0"),
    *("é", "日本語", "🚀", "a\u0301", "\U0010ffff", "next\x85line", "line\u2028separator", "para\u2029graph"),
    *("a\nb", "a\nb\n", "a\n\nb\n\n", "\na", " a\nb", "\ta\nb", "a \nb", "a\n b\n  c", "a\r\nb", "a\rb", "\n", "\n\n"),
    *("a\n# b", "a\n---\nb", "a\n...\n", "---", "...", "a\u2028\nb", "x" * 500, "word " * 100, "a\n" + "long " * 100),
    "Trailing blank ",
    " leading",
]


def _every_place(strings: list[str]) -> dict[str, Any]:
    """Put each string where YAML treats strings differently: key, value, item, nested deep."""
    return {
        "values": {str(index): text for index, text in enumerate(strings)},
        "items": strings,
        "keys": {text: index for index, text in enumerate(strings)},
        "deep": [[{"a": [text]}] for text in strings],
    }


def _read_with_js_yaml(text: str) -> Any:
    return json.loads(run_node(_FOLDER / "read_yaml.mjs", stdin=text))


@pytest.mark.parametrize("format", FORMATS)
def test_the_text_holds_the_document(format: Format) -> None:
    text = render(small_document(), format=format)
    assert yaml.safe_load(text) == small_document()  # JSON is YAML
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@pytest.mark.parametrize("format", FORMATS)
def test_objects_and_their_json_shape_give_the_same_text(format: Format) -> None:
    document = Document.from_wire(small_document())
    assert render(document, format=format) == render(document.to_wire(), format=format)


def test_json_is_the_default() -> None:
    assert json.loads(render(small_document())) == small_document()


def test_json_keeps_characters_and_order() -> None:
    assert render({"b": "é", "a": [1, {"c": None}]}) == (
        '{\n  "b": "é",\n  "a": [\n    1,\n    {\n      "c": null\n    }\n  ]\n}\n'
    )


class _Word(StrEnum):
    HELLO = "hello"


@pytest.mark.parametrize(
    "value",
    [
        _every_place(_STRINGS),
        {"empty": [{}, [], (), ""], "nested": [[[1]], {"a": {"b": [None, True, False]}}]},
        {"integers": [0, -1, 2**63, -(10**40)], "floats": [0.0, -0.0, 1.5, 1e15, 0.1, 1 / 3, 0.0001]},
        *({"exponents": value} for value in (1e16, [1e-05], (0, -1.5e300), {"a": 5e-324})),
        {"texts that look like exponents": [" 1e-05", "[1e+22", "e+1"]},
        {1: "a key", 2.5: (1, 2), False: _Word.HELLO, _Word.HELLO: 1},
        {"deep": json.loads("[" * 300 + "]" * 300)},
    ],
)
def test_json_has_the_bytes_of_pythons_own_encoder(value: dict[Any, Any]) -> None:
    assert render(value) == json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def test_yaml_reads_well() -> None:
    shared = {"type": "string"}
    document = {
        "b": "é",
        "on": True,
        "version": "1",
        "text": "First line.\n\nSecond paragraph, which is quite long: " + "so long " * 20 + "that it ends.\n",
        "list": [shared, shared, [], {}],
        "number": 1.5,
        "nothing": None,
    }
    assert render(document, format="yaml") == (
        "b: é\n"
        "'on': true\n"
        "version: '1'\n"
        "text: |\n"
        "  First line.\n"
        "\n"
        "  Second paragraph, which is quite long: " + "so long " * 20 + "that it ends.\n"
        "list:\n"
        "  - type: string\n"
        "  - type: string\n"
        "  - []\n"
        "  - {}\n"
        "number: 1.5\n"
        "nothing: null\n"
    )


def test_every_string_survives_yaml_1_1() -> None:
    document = _every_place(_STRINGS)
    assert yaml.safe_load(render(document, format="yaml")) == document


def test_every_string_survives_yaml_1_2() -> None:
    document = _every_place(_STRINGS)
    assert _read_with_js_yaml(render(document, format="yaml")) == document


def test_numbers_survive_both_readers_of_yaml() -> None:
    document = {
        "numbers": [0, -1, 2**53, 1.0, 0.1, -2.5e-7, 1e300, 1e16, 123456789.125],
        "booleans": [True, False, None],
    }
    text = render(document, format="yaml")
    assert yaml.safe_load(text) == document
    assert _read_with_js_yaml(text) == document


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), "\ud800"])
def test_what_json_cannot_exchange_is_refused(format: Format, value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # json's and the codec's words are their own
        render({"a": [value]}, format=format)


def test_a_value_that_json_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError, match="set"):
        render({"a": {1}})


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="unknown format 'toml'; it is one of json, yaml"):
        render({}, format="toml")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # from a command line


@pytest.mark.parametrize("format", FORMATS)
def test_another_process_with_another_hash_seed_writes_the_same_bytes(format: Format) -> None:
    program = (
        "import sys; from chanx_asyncapi.render import render\n"
        "from tests.chanx_asyncapi.documents import small_document\n"
        f"sys.stdout.buffer.write(render(small_document(), format={format!r}).encode())"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            check=True,
            cwd=_FOLDER.parent.parent,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert outputs == {render(small_document(), format=format).encode()}
