"""Texts for regular expressions, as they are found in services."""

import time

import pytest

from chanx_asyncapi.instances.pattern_tree import UnreadableError, read
from chanx_asyncapi.instances.patterns import matching
from chanx_asyncapi.validation.values import compiled


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^[a-z]+$", "abc"),
        (r"^[A-Z]{2}\d*$", "AB123"),
        (r"^#[0-9a-f]{6}$", "#abcdef"),
        (r"^\d{4}-\d{2}$", "1234-56"),
        (r"^\+?[1-9]\d{1,14}$", "1123"),
        (r"^[\w-]+(\.[\w-]+)*$", "abc.def"),
        (r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$", "abc@def.abc"),
        (r"^[-a-zA-Z0-9_]+\Z", "abc"),
        (r"^(?:cat|dog)s?$", "cat"),
        (r"(a|b|cd)*x", "ax"),
        (r"x{2,4}?y+", "xxxyyy"),
        (r"^\x41B\t\.\/$", "AB\t./"),
        (r"^[\]\-\\b\b]$", "b"),
        (r"^[à-ü]{2}$", "àá"),
        (r"^(?P<year>\d{4})$", "1234"),
        (r"^(?<year>\d{4})$", "1234"),
        (r"(?i)^AB$", "AB"),
        (r"\bfoo\b", "foo"),
        (r"^a{2}b{0}c{1,}$", "aaccc"),
        (r"a{b}", "a{b}"),
        (r"^\D\W\S$", "a a"),
        (r"^.$", "a"),
        (r"^$", ""),
        (r"", ""),
    ],
)
def test_the_most_readable_text_is_the_first(pattern: str, text: str) -> None:
    engine = compiled(pattern)

    assert engine is not None
    assert next(iter(matching(pattern))) == text
    assert engine.search(text)


@pytest.mark.parametrize(
    ("pattern", "text"), [(r"^\p{Lu}\p{Ll}+$", "Aabc"), (r"^\u{1F600}$", "😀"), (r"^\P{L}\p{gc=Nd}$", "11")]
)
def test_what_python_does_not_know(pattern: str, text: str) -> None:
    assert next(iter(matching(pattern))) == text


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a)\1",
        r"\k<a>",
        r"(?>a)",
        r"(a",
        r"a)",
        r"[a",
        "a\\",
        r"[^\s\S]",
        r"[b-a]",
        r"[a-\d]",
        r"\uD800",
        r"\p{Xx}",
        r"\cA",
        "(" * 30 + "a" + ")" * 30,
        r"a{3000}",
        r"((a{100}){100}){100}",
        r"(((){1000}){1000}){1000}",
    ],
)
def test_what_cannot_be_read_or_written_has_no_text(pattern: str) -> None:
    begin = time.process_time()

    assert list(matching(pattern)) == []
    assert time.process_time() - begin < 1


@pytest.mark.parametrize(("pattern", "least"), [(r"^[a-z]+$", 20), (r"^\w+@\w+$", 12), (r"^(ab)*c{3,}$", 9)])
def test_some_text_is_long_enough(pattern: str, least: int) -> None:
    assert any(len(text) >= least for text in matching(pattern, least))


def test_each_text_comes_once() -> None:
    texts = list(matching(r"^[a-c]+(-[a-c]+)?$"))

    assert len(set(texts)) == len(texts)


def test_the_reader_says_that_it_does_not_understand() -> None:
    with pytest.raises(UnreadableError):
        read(r"\1")
