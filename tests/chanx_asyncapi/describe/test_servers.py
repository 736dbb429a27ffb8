"""The server from its URL."""

import pytest

from chanx_asyncapi.describe.servers import describe_server


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("wss://api.example.com", {"host": "api.example.com", "protocol": "wss"}),
        ("ws://localhost:8000/", {"host": "localhost:8000", "protocol": "ws"}),
        ("wss://a.example/x/y/", {"host": "a.example", "protocol": "wss", "pathname": "/x/y"}),
        ("https://a.example", {"host": "a.example", "protocol": "wss"}),
        ("http://[::1]:80", {"host": "[::1]:80", "protocol": "ws"}),
        ("wss://user:secret@a.example", {"host": "a.example", "protocol": "wss"}),
    ],
)
def test_a_url_is_taken_apart(url: str, expected: dict[str, str]) -> None:
    server, problems = describe_server(url)

    assert server.to_wire() == expected
    assert problems == []


@pytest.mark.parametrize(
    "url", ["", "a.example", "ftp://a.example", "wss://", "wss://a.example:x", "wss://a/?b", "wss://[a"]
)
def test_another_url_is_a_problem_and_the_document_keeps_a_server(url: str) -> None:
    server, problems = describe_server(url)

    assert server.to_wire() == {"host": "localhost:8000", "protocol": "ws"}
    assert [problem.code for problem in problems] == ["asyncapi.E004"]
    assert repr(url) in problems[0].text
