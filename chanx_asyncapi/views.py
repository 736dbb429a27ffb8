"""The document as JSON and as YAML, and the page that shows it.

All take DRF's attributes through ``as_view()``, for instance other ``permission_classes``.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render as render_template
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag
from rest_framework.renderers import BaseRenderer, JSONRenderer, StaticHTMLRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from chanx.generic.authenticator import NoNegotiation
from chanx_asyncapi.describe import Options, describe
from chanx_asyncapi.describe.info import describe_info
from chanx_asyncapi.permissions import DocumentPermission
from chanx_asyncapi.render import Format, render
from chanx_asyncapi.spec import DEFAULT_VERSION, Version

_CONTENT_TYPES: Final[dict[Format, str]] = {
    "json": "application/json; charset=utf-8",
    "yaml": "application/yaml; charset=utf-8",  # RFC 9512
}

#: The page loads what the server itself serves, and connects to WebSockets wherever the document says they are.
_CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)


class _View(APIView):
    permission_classes = (DocumentPermission,)
    renderer_classes: Sequence[type[BaseRenderer]] = (JSONRenderer,)
    # Each URL has one representation; the renderer above writes refusals only.
    content_negotiation_class = NoNegotiation
    #: Not part of the REST API that drf-spectacular describes.
    schema = None
    #: https://www.django-rest-framework.org/api-guide/versioning/: URLs of the document carry no version.
    versioning_class = None


class DocumentView(_View):
    """The AsyncAPI document of the running service, for the address at which it was requested."""

    #: ``json`` or ``yaml``.
    format: Format = "json"
    #: The version of AsyncAPI.
    spec_version: Version = DEFAULT_VERSION

    def get(self, request: Request) -> HttpResponseBase:
        """The document; 304 when the client has it already."""
        description = describe(
            options=Options(spec_version=self.spec_version, server_url=_websocket_url(request._request))
        )
        body = render(description.document, format=self.format).encode()
        etag = quote_etag(sha256(body).hexdigest())
        response = HttpResponse(body, content_type=_CONTENT_TYPES[self.format])
        response["ETag"] = etag
        # Asked for again each time, and kept by nobody between: whoever may read it today may not tomorrow.
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ("Authorization", "Cookie", "Host"))
        conditional = get_conditional_response(request._request, etag=etag, response=response)
        return response if conditional is None else conditional


class PageView(_View):
    """The page on which people read the document and use the service."""

    renderer_classes = (StaticHTMLRenderer,)
    #: Where the page finds the document; None is the one of :mod:`chanx_asyncapi.urls`.
    document_url: str | None = None

    def get(self, request: Request) -> HttpResponse:
        """The page. Its policy lets it load nothing from elsewhere."""
        match = request._request.resolver_match
        url = self.document_url or reverse(
            "chanx_asyncapi:document-json", current_app=match.namespace if match else None
        )
        info, _ = describe_info(Options())
        context = {"title": info.title, "document_url": url}
        response = render_template(request._request, "chanx_asyncapi/page.html", context)
        response["Content-Security-Policy"] = _CONTENT_SECURITY_POLICY
        return response


def _websocket_url(request: HttpRequest) -> str:
    """Where the server that answers ``request`` has its WebSockets."""
    scheme = "wss" if request.is_secure() else "ws"
    prefix = request.META.get("SCRIPT_NAME", "")
    return f"{scheme}://{request.get_host()}{prefix}"
