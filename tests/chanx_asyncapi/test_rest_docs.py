"""Links between the page and drf-spectacular's description of the REST API."""

import types
from typing import Any

import pytest
from django.test import override_settings
from django.urls import include, path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import patched_settings
from drf_spectacular.validation import validate_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView
from pytest_django import Settings

from chanx_asyncapi.rest_docs import link_to_page, rest_docs_url

SCHEMA = path("schema/", SpectacularAPIView.as_view(), name="schema")
REDOC = path("redoc/", SpectacularRedocView.as_view(), name="redoc")
SWAGGER = path("swagger/", SpectacularSwaggerView.as_view())
VERSIONED = path("<version>/swagger/", SpectacularSwaggerView.as_view(), name="versioned")
# Their annotations are incomplete.
generator: Any = SchemaGenerator
validate: Any = validate_schema
HOOK = f"{link_to_page.__module__}.{link_to_page.__name__}"


def urlconf(*patterns: Any) -> Any:
    module: Any = types.ModuleType("urls")
    module.urlpatterns = [*patterns]
    return module


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ([], None),
        ([SCHEMA], "/schema/"),
        ([SCHEMA, REDOC], "/redoc/"),
        ([SCHEMA, REDOC, SWAGGER], "/swagger/"),
        ([VERSIONED], None),
        ([VERSIONED, SCHEMA], "/schema/"),
        ([path("api/", include([SCHEMA]))], "/api/schema/"),
        ([path("api/", include(([SCHEMA], "api")))], "/api/schema/"),
        ([path("api/", include(([path("v1/", include(([REDOC], "v1")))], "api"), namespace="rest"))], "/api/v1/redoc/"),
        # A URL in a namespace is found by its name alone.
        ([path("api/", include(([SWAGGER], "api"))), SCHEMA], "/schema/"),
    ],
)
def test_the_view_that_people_would_rather_see(settings: Settings, patterns: list[Any], expected: str | None) -> None:
    settings.ROOT_URLCONF = urlconf(*patterns)

    assert rest_docs_url() == expected


def test_the_demo() -> None:
    assert rest_docs_url() == "/api/schema/"


def described(**said: Any) -> dict[str, Any]:
    """The description of the demo's REST API."""
    with patched_settings({"POSTPROCESSING_HOOKS": [HOOK], **said}):
        found: dict[str, Any] = generator().get_schema(request=None, public=True)
    validate(found)
    return found


def test_drf_spectacular_links_to_the_page() -> None:
    assert described()["externalDocs"] == {"url": "/ws-docs/", "description": "The WebSocket services"}


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Buy things.", "Buy things.\n\n[The WebSocket services](/ws-docs/)"),
        ("", "[The WebSocket services](/ws-docs/)"),
    ],
)
def test_other_docs_of_the_project_stay(description: str, expected: str) -> None:
    docs = {"url": "https://example.com/docs"}

    schema = described(EXTERNAL_DOCS=docs, DESCRIPTION=description)

    assert schema["externalDocs"] == docs
    assert schema["info"]["description"] == expected


def test_without_a_page_there_is_no_link() -> None:
    with override_settings(ROOT_URLCONF=urlconf(SCHEMA)):
        assert link_to_page({"info": {}}, None, None, True) == {"info": {}}
