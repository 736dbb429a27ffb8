"""The format of the document where the client chooses."""

import pytest
from django.http import Http404
from rest_framework.exceptions import NotAcceptable
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from chanx_asyncapi.negotiation import negotiated


def request(accept: str | None = None, query: str = "") -> Request:
    headers = {} if accept is None else {"accept": accept}
    return Request(APIRequestFactory().get(f"/{query}", headers=headers))


JSON, YAML = ("json", "application/json"), ("yaml", "application/yaml")


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("application/json", JSON),
        ("application/yaml", YAML),
        ("application/yaml;q=0.5, application/json;q=0.4", YAML),
        ("application/json;q=0.5, application/yaml", YAML),
        ("text/*", ("yaml", "text/yaml")),
        ("application/x-yaml", ("yaml", "application/x-yaml")),
        ("application/vnd.aai.asyncapi+json", ("json", "application/vnd.aai.asyncapi+json")),
        ("application/vnd.aai.asyncapi+yaml", ("yaml", "application/vnd.aai.asyncapi+yaml")),
    ],
)
def test_what_the_client_likes_best(accept: str | None, expected: tuple[str, str]) -> None:
    assert negotiated(request(accept)) == expected


@pytest.mark.parametrize("accept", ["text/html", "image/png", "a", ";;;", "application/json;q=0"])
def test_what_there_is_not_is_not_acceptable(accept: str) -> None:
    with pytest.raises(NotAcceptable):
        negotiated(request(accept))


@pytest.mark.parametrize(
    ("query", "expected"), [("?format=json", JSON), ("?format=yaml", YAML), ("?format=json&format=yaml", YAML)]
)
def test_a_named_format_counts_before_the_header(query: str, expected: tuple[str, str]) -> None:
    assert negotiated(request("text/html", query)) == expected


def test_no_name_is_no_choice() -> None:
    assert negotiated(request("application/yaml", "?format=")) == YAML


@pytest.mark.parametrize("named", ["xml", "JSON", "../json", "%00", "json%0d%0aX: y", "a" * 10_000])
def test_a_format_that_there_is_not(named: str) -> None:
    with pytest.raises(Http404):
        negotiated(request(query=f"?format={named}"))
