"""Addresses of servers, taken apart."""

import pytest

from chanx_asyncapi.addresses import Address, parse_address


@pytest.mark.parametrize(
    ("url", "protocol", "host", "pathname"),
    [
        ("wss://api.example.com", "wss", "api.example.com", None),
        ("ws://localhost:8000/", "ws", "localhost:8000", None),
        ("wss://a.example/x/y/", "wss", "a.example", "/x/y"),
        ("https://a.example", "wss", "a.example", None),
        ("http://[::1]:80", "ws", "[::1]:80", None),
        ("wss://user:secret@a.example", "wss", "a.example", None),
    ],
)
def test_an_address(url: str, protocol: str, host: str, pathname: str | None) -> None:
    assert parse_address(url) == Address(protocol=protocol, host=host, pathname=pathname)


@pytest.mark.parametrize(
    "url",
    ["", "a.example", "ftp://a.example", "wss://", "wss://a.example:x", "wss://a:99999999", "wss://a/?b", "wss://[a"],
)
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_address(url)
