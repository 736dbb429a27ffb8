"""Texts for formats, patterns and lengths."""

import re
from typing import Any

import pytest
from pydantic import TypeAdapter

from chanx_asyncapi.instances.texts import FORMATS, texts, words
from chanx_asyncapi.validation.formats import FORMATS as CHECKED


@pytest.mark.parametrize("name", FORMATS)
def test_each_sample_is_of_its_format(name: str) -> None:
    assert CHECKED.conforms(FORMATS[name], name)


@pytest.mark.parametrize(
    "annotation",
    [
        *("datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "uuid.UUID", "pathlib.Path"),
        *("ipaddress.IPv4Address", "ipaddress.IPv4Interface", "ipaddress.IPv4Network"),
        *("ipaddress.IPv6Address", "ipaddress.IPv6Interface", "ipaddress.IPv6Network"),
        *("pydantic.IPvAnyAddress", "pydantic.IPvAnyInterface", "pydantic.IPvAnyNetwork"),
        *("pydantic.AnyUrl", "pydantic.HttpUrl", "pydantic.PostgresDsn", "pydantic.PastDate", "pydantic.AwareDatetime"),
        *(
            "pydantic.UUID1",
            "pydantic.UUID3",
            "pydantic.UUID4",
            "pydantic.UUID5",
            "pydantic.UUID7",
            "pydantic.SecretStr",
        ),
        *("pydantic.Base64Bytes", "pydantic.Base64UrlStr", "bytes"),
    ],
)
def test_pydantic_takes_the_text_for_each_of_its_types(annotation: str) -> None:
    module, _, name = annotation.rpartition(".")
    adapter: TypeAdapter[Any] = TypeAdapter(getattr(__import__(module or "builtins"), name))
    schema = adapter.json_schema()
    alternatives = [each for each in schema.get("anyOf", [schema]) if each["type"] == "string"]

    adapter.validate_python(next(texts(alternatives[0], "value")))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("room_name", "room name"),
        ("roomName", "room name"),
        ("Sec-WebSocket-Key", "sec web socket key"),
        ("address_1", "address 1"),
        ("größe", "gr e"),
        ("__", ""),
        ("", ""),
    ],
)
def test_the_words_of_a_name(name: str, expected: str) -> None:
    assert words(name) == expected


def test_a_name_may_fit_a_pattern_in_another_spelling() -> None:
    assert next(texts({"pattern": r"^\w+$"}, "roomName")) == "room_name"
    assert next(texts({"pattern": "^[a-z-]+$"}, "roomName")) == "room-name"


def test_one_number_after_another() -> None:
    assert [next(texts({}, "name", number)) for number in range(3)] == ["name", "name 2", "name 3"]
    assert [next(texts({"format": "ipv4"}, "name", number)) for number in range(3)] == [
        *("192.0.2.1", "192.0.2.2", "192.0.2.3")
    ]


def test_an_impossible_length_has_no_text() -> None:
    assert list(texts({"minLength": 3, "maxLength": 2}, "name")) == []
    assert list(texts({"format": "uuid", "maxLength": 3}, "name")) == []
    assert list(texts({"minLength": 100_000}, "name")) == []


def test_a_pattern_that_python_cannot_read_has_no_text_from_elsewhere() -> None:
    (first, *_) = texts({"pattern": r"^\p{Lu}+$"}, "name")

    assert re.fullmatch("[A-Z]+", first)
