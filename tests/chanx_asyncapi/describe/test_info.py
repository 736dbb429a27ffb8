"""Info from drf-spectacular's settings."""

from typing import Any

import pytest
from django.utils.functional import lazystr
from drf_spectacular.settings import patched_settings

from chanx_asyncapi.describe.info import describe_info

SILENT: dict[str, Any] = {
    "TITLE": "",
    "DESCRIPTION": "",
    "VERSION": None,
    "CONTACT": {},
    "LICENSE": {},
    "TAGS": [],
    "TOS": None,
    "EXTERNAL_DOCS": {},
}


def test_silent_settings_leave_the_least() -> None:
    with patched_settings(SILENT):
        assert describe_info().to_wire() == {"title": "WebSocket API", "version": "0.0.0"}


def test_everything_that_is_said_counts() -> None:
    said = {
        "TITLE": lazystr("Shop"),
        "DESCRIPTION": "  Buy.\n\n  More.",
        "VERSION": "2.1",
        "CONTACT": {"name": lazystr("Us"), "email": "us@example.com"},
        "LICENSE": {"name": "MIT", "url": "https://example.com/mit"},
        "TOS": "https://example.com/terms",
        "TAGS": [
            {"name": "a", "description": lazystr("A."), "externalDocs": {"url": "https://example.com/a"}},
            {"name": "b"},
            {"name": "b"},
        ],
        "EXTERNAL_DOCS": {"url": "https://example.com/docs"},
    }

    with patched_settings({**SILENT, **said}):
        wire = describe_info().to_wire()

    assert wire == {
        "title": "Shop",
        "version": "2.1",
        "description": "Buy.\n\nMore.",
        "termsOfService": "https://example.com/terms",
        "contact": {"name": "Us", "email": "us@example.com"},
        "license": {"name": "MIT", "url": "https://example.com/mit"},
        "tags": [
            {"name": "a", "description": "A.", "externalDocs": {"url": "https://example.com/a"}},
            {"name": "b"},
        ],
        "externalDocs": {"url": "https://example.com/docs"},
    }


@pytest.mark.parametrize("said", [SILENT, {**SILENT, "TITLE": "Shop", "VERSION": "1"}])
def test_the_callers_words_count_first(said: dict[str, Any]) -> None:
    with patched_settings(said):
        info = describe_info("Mine", "3")

    assert (info.title, info.version) == ("Mine", "3")
