"""The formats of strings that are checked."""

import pytest

from chanx_asyncapi.validation.formats import FORMATS

_GOOD = {
    "uri": ["https://example.com/a?b=c#d", "mailto:a@example.com", "urn:example:chat"],
    "email": ["a@example.com", "a+b@example"],
    "date": ["2024-02-29"],
    "date-time": ["2024-02-29T23:59:59Z", "2024-01-01T00:00:00.123+01:00", "2024-01-01 00:00:00z"],
    "uuid": ["123e4567-e89b-12d3-a456-426614174000"],
    "ipv4": ["127.0.0.1"],
    "ipv6": ["::1"],
}
_BAD = {
    "uri": ["example.com", "/path", "https://exa mple.com", "https://exämple.com", ""],
    "email": ["example.com", "a b@example.com", "a@b@c"],
    "date": ["2023-02-29", "20240101", "2024-W01-1", "2024-01-01T00:00:00Z"],
    "date-time": ["2024-01-01", "2024-01-01T00:00:00", "2024-13-01T00:00:00Z", "2024-01-01T25:00:00Z"],
    "uuid": ["123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}", "x"],
    "ipv4": ["127.0.0.256", "127.0.0.1/8", "::1"],
    "ipv6": [":::", "127.0.0.1"],
}


@pytest.mark.parametrize(("format", "text"), [(name, text) for name, texts in _GOOD.items() for text in texts])
def test_a_string_of_the_format(format: str, text: str) -> None:
    assert FORMATS.conforms(text, format)


@pytest.mark.parametrize(("format", "text"), [(name, text) for name, texts in _BAD.items() for text in texts])
def test_a_string_of_another_format(format: str, text: str) -> None:
    assert not FORMATS.conforms(text, format)


@pytest.mark.parametrize("format", _GOOD)
def test_a_format_says_nothing_about_other_types(format: str) -> None:
    assert FORMATS.conforms(7, format)
    assert FORMATS.conforms(None, format)


def test_no_other_format_is_checked_whatever_is_installed() -> None:
    assert set(FORMATS.checkers) == set(_GOOD)
