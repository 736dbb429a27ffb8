"""The shapes of what the settings say about the document."""

from typing import Any

import pytest
from django.utils.functional import lazystr
from drf_spectacular.settings import SPECTACULAR_DEFAULTS
from pydantic import TypeAdapter, ValidationError

from chanx.document_settings import Info, NamedDocument, Server


def accepts(shape: Any, value: Any) -> bool:
    """As ``ChanxSettings.problems()`` asks."""
    try:
        TypeAdapter(shape).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def test_info_has_the_names_of_drf_spectacular() -> None:
    assert set(Info.__annotations__) <= set(SPECTACULAR_DEFAULTS)


def test_what_drf_spectacular_has_by_default_is_accepted() -> None:
    said = {name: SPECTACULAR_DEFAULTS[name] for name in Info.__annotations__}

    assert accepts(Info, {name: value for name, value in said.items() if value is not None})


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Info, {}),
        (Info, {"TITLE": lazystr("Shop"), "CONTACT": {"name": lazystr("Us")}, "TAGS": [{"name": "a"}]}),
        (Server, {"url": "wss://a.example"}),
        (Server, {"url": "wss://a.example", "description": lazystr("Here.")}),
        (NamedDocument, {}),
        (NamedDocument, {"APPS": ("a",), "TAGS": [], "INFO": {}, "SERVERS": {}, "PERMISSION_CLASSES": []}),
    ],
)
def test_what_is_accepted(shape: Any, value: Any) -> None:
    assert accepts(shape, value)


@pytest.mark.parametrize(
    ("shape", "value"),
    [
        (Info, {"title": "Shop"}),
        (Info, {"VERSION": 1}),
        (Info, {"TAGS": ["a"]}),
        (Server, {}),
        (Server, {"url": lazystr("wss://a.example")}),
        (Server, {"url": "wss://a.example", "protocol": "wss"}),
        (NamedDocument, {"APPS": "chat"}),
        (NamedDocument, {"SERVERS": ["wss://a.example"]}),
        (NamedDocument, {"PERMISSIONS": []}),
        (NamedDocument, {"PERMISSION_CLASSES": [int]}),
    ],
)
def test_what_is_refused(shape: Any, value: Any) -> None:
    assert not accepts(shape, value)
