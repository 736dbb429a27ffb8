"""Links between the page and drf-spectacular's description of the REST API beside it."""

from collections.abc import Iterator
from typing import Any, Final

from django.urls import NoReverseMatch, URLResolver, get_resolver, get_urlconf, reverse
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView

#: What a reader of the page would rather see comes first.
_VIEWS: Final = (SpectacularSwaggerView, SpectacularRedocView, SpectacularAPIView)


def rest_docs_url() -> str | None:
    """Where drf-spectacular describes the REST API of the project; None where no URL without variable parts does."""
    found = [*_found(get_resolver(get_urlconf()), ())]
    for wanted in _VIEWS:
        for view, target in found:
            if issubclass(view, wanted):
                try:
                    return reverse(target)
                except NoReverseMatch:
                    continue
    return None


def link_to_page(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Says in the description of the REST API where the page is. A postprocessing hook for drf-spectacular::

        SPECTACULAR_SETTINGS = {
            "POSTPROCESSING_HOOKS": [
                "drf_spectacular.hooks.postprocess_schema_enums",
                "chanx_asyncapi.rest_docs.link_to_page",
            ],
        }

    It becomes the ``externalDocs``. Where the project has others, the link ends the description of the API.
    """
    try:
        url = reverse("chanx_asyncapi:page")
    except NoReverseMatch:
        return result
    if "externalDocs" not in result:
        return {**result, "externalDocs": {"url": url, "description": _TEXT}}
    info = result["info"]
    description = "\n\n".join(filter(None, (info.get("description"), f"[{_TEXT}]({url})")))
    return {**result, "info": {**info, "description": description}}


_TEXT: Final = "The WebSocket services"


def _found(resolver: URLResolver, namespaces: tuple[str, ...]) -> Iterator[tuple[type[Any], Any]]:
    """drf-spectacular's views, and by what reverse() finds each."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from _found(pattern, (*namespaces, *filter(None, [pattern.namespace])))
        else:
            view = getattr(pattern.callback, "cls", None)
            if isinstance(view, type) and issubclass(view, _VIEWS):
                yield view, ":".join((*namespaces, pattern.name)) if pattern.name else pattern.callback
