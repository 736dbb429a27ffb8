"""Info: from the options, the document's settings, the service's and drf-spectacular's."""

from typing import Any

import pytest
from django.utils.functional import lazystr
from drf_spectacular.settings import patched_settings

from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import Options
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


def info_of(options: Options) -> dict[str, Any]:
    info, problems = describe_info(options)
    assert problems == []
    return info.to_wire()


def test_silent_settings_leave_the_least() -> None:
    with patched_settings(SILENT):
        assert info_of(Options()) == {"title": "WebSocket API", "version": "0.0.0"}


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
        wire = info_of(Options())

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


@pytest.mark.parametrize(
    ("chanx", "options", "title", "contact"),
    [
        ({}, Options(), "Shop", "us"),
        ({"INFO": {"TITLE": lazystr("Live shop")}}, Options(), "Live shop", "us"),
        ({"INFO": {"CONTACT": {"name": "live"}}}, Options(), "Shop", "live"),
        ({"INFO": {"CONTACT": {}}}, Options(), "Shop", None),
        ({"INFO": {"TITLE": ""}}, Options(), "WebSocket API", "us"),
        ({"DOCUMENTS": {"d": {"INFO": {"TITLE": "Part"}}}}, Options(document="d"), "Part", "us"),
        ({"DOCUMENTS": {"d": {"INFO": {"TITLE": "Part"}}}}, Options(), "Shop", "us"),
        (
            {
                "INFO": {"TITLE": "Live shop", "CONTACT": {"name": "live"}},
                "DOCUMENTS": {"d": {"INFO": {"TITLE": "Part"}}},
            },
            Options(document="d"),
            "Part",
            "live",
        ),
        ({"INFO": {"TITLE": "Live shop"}}, Options(title="Mine"), "Mine", "us"),
    ],
)
def test_which_words_count(chanx: dict[str, Any], options: Options, title: str, contact: str | None) -> None:
    said = {"TITLE": "Shop", "VERSION": "1", "CONTACT": {"name": "us"}}

    with patched_settings({**SILENT, **said}), override_chanx_settings(**chanx):
        wire = info_of(options)

    assert wire["title"] == title
    assert wire.get("contact", {}).get("name") == contact


@pytest.mark.parametrize("said", [SILENT, {**SILENT, "TITLE": "Shop", "VERSION": "1"}])
def test_the_callers_words_count_first(said: dict[str, Any]) -> None:
    with patched_settings(said):
        wire = info_of(Options(title="Mine", api_version="3"))

    assert (wire["title"], wire["version"]) == ("Mine", "3")


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("CONTACT", {"nick": "us"}, "nick: Extra inputs are not permitted"),
        ("CONTACT", "us@example.com", "TypeError: 'us@example.com' is no dictionary"),
        ("LICENSE", {"url": "https://example.com"}, "name: Field required"),
        ("EXTERNAL_DOCS", {"description": "Docs"}, "url: Field required"),
        ("TAGS", [{"description": "A."}], "name: Field required"),
        ("TAGS", ["a"], "TypeError: 'a' is no dictionary"),
    ],
)
def test_what_asyncapi_cannot_hold_is_a_problem_and_left_out(name: str, value: Any, reason: str) -> None:
    with patched_settings({**SILENT, "TITLE": "Shop", name: value}):
        info, problems = describe_info(Options())

    assert info.to_wire() == {"title": "Shop", "version": "0.0.0"}
    assert [str(problem) for problem in problems] == [
        f"asyncapi.E005 [info > {name}] the document lacks what the settings say here: {reason}. "
        f"Correct {name} in CHANX['INFO'], in the INFO of the document or in SPECTACULAR_SETTINGS."
    ]
