"""The document in its formats, and the page that shows it.

All take DRF's attributes through ``as_view()``, for instance other ``permission_classes``.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render as render_template
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import quote_etag
from rest_framework.renderers import BaseRenderer, JSONRenderer, StaticHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chanx.generic.authenticator import NoNegotiation
from chanx.settings import chanx_settings
from chanx_asyncapi.addresses import parse_address
from chanx_asyncapi.codegen.languages import snippets
from chanx_asyncapi.describe import Options, UnknownDocumentError, cached_description
from chanx_asyncapi.describe.info import describe_info
from chanx_asyncapi.describe.named_documents import named_document
from chanx_asyncapi.negotiation import MEDIA_TYPES, negotiated
from chanx_asyncapi.pages import pages_for, url_of
from chanx_asyncapi.permissions import DocumentPermission, permission_classes
from chanx_asyncapi.render import Format
from chanx_asyncapi.rest_docs import rest_docs_url
from chanx_asyncapi.spec import DEFAULT_VERSION, Version

#: The page loads what the server itself serves, and connects to WebSockets wherever the document says they are.
_CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; connect-src 'self' ws: wss:; frame-ancestors 'self'; base-uri 'none'; form-action 'self'"
)


class _View(APIView):
    #: Others that are given here, or to ``as_view()``, count before those of the settings.
    permission_classes = (DocumentPermission,)
    renderer_classes: Sequence[type[BaseRenderer]] = (JSONRenderer,)
    # The renderer above writes refusals only.
    content_negotiation_class = NoNegotiation
    #: Not part of the REST API that drf-spectacular describes.
    schema = None
    #: https://www.django-rest-framework.org/api-guide/versioning/: URLs of the document carry no version.
    versioning_class = None
    #: The name of a document in the settings, if the URL has none; None is that of the whole service.
    document: str | None = None

    def get_permissions(self) -> Sequence[Any]:
        if self.permission_classes is not _View.permission_classes:
            return super().get_permissions()
        return [permission() for permission in permission_classes(self._document)]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Permissions come first: who may not read learns nothing about what there is.
        super().initial(request, *args, **kwargs)
        try:
            named_document(self._document)
        except UnknownDocumentError as error:
            raise Http404 from error

    @property
    def _document(self) -> str | None:
        named: str | None = self.kwargs.get("document", self.document)
        return named


class DocumentView(_View):
    """The AsyncAPI document of the running service, for the address at which it was requested."""

    #: ``json`` or ``yaml``; None lets the client choose, by ``?format=`` or its Accept header.
    format: Format | None = "json"
    #: The version of AsyncAPI.
    spec_version: Version = DEFAULT_VERSION

    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """The document; 304 when the client has it already."""
        format, media_type = negotiated(request) if self.format is None else (self.format, MEDIA_TYPES[self.format])
        options = Options(
            spec_version=self.spec_version,
            server_url=_websocket_url(request._request),
            document=self._document,
        )
        found = cached_description(options=options).representation(format)
        response = HttpResponse(found.body, content_type=f"{media_type}; charset=utf-8")
        response["ETag"] = etag = quote_etag(found.etag)
        # Asked for again each time, and kept by nobody between: whoever may read it today may not tomorrow.
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ("Authorization", "Cookie", "Host", *(("Accept",) if self.format is None else ())))
        conditional = get_conditional_response(request._request, etag=etag, response=response)
        return response if conditional is None else conditional


class SnippetsView(_View):
    """Examples of code for the operations of the document, one for each language that clients can be made in.

    ``{"snippets": [{"operation", "channel", "action", "language", "title", "before", "payload", "after"}, …]}``
    """

    def get(self, request: Request, **kwargs: Any) -> Response:
        """The snippets, for the address at which they were requested."""
        options = Options(server_url=_websocket_url(request._request), document=self._document)
        document = cached_description(options=options).description.document
        response = Response({"snippets": [asdict(snippet) for snippet in snippets(document)]})
        patch_cache_control(response, private=True, no_cache=True)
        return response


class PageView(_View):
    """The page on which people read the document and use the service."""

    renderer_classes = (StaticHTMLRenderer,)
    #: Another one extends this one and fills its blocks ``head``, ``before`` and ``after``.
    template_name = "chanx_asyncapi/page.html"
    #: Where the page finds the document; None is its URL in :mod:`chanx_asyncapi.urls`.
    document_url: str | None = None
    #: Where the REST API is described; None finds drf-spectacular's views, and an empty text shows no link.
    rest_docs_url: str | None = None
    #: The page keeps to this policy. None sends none: for a site that has one of its own for all its pages.
    content_security_policy: str | None = _CONTENT_SECURITY_POLICY

    def get(self, request: Request, **kwargs: Any) -> HttpResponse:
        """The page. Its policy lets it load nothing from elsewhere."""
        info, _ = describe_info(Options(document=self._document))
        context = {
            "title": info.title,
            "site_title": chanx_settings.PAGE.get("TITLE") or "",
            "theme": chanx_settings.PAGE.get("THEME", "system"),
            "document_url": self.document_url or url_of(request, "document-json", self._document),
            "snippets_url": "" if self.document_url else url_of(request, "snippets", self._document),
            "rest_docs_url": rest_docs_url() if self.rest_docs_url is None else self.rest_docs_url,
            "pages": {"documents": self._pages(request)},
        }
        response = render_template(request._request, self.template_name, context)
        if self.content_security_policy is not None:
            response["Content-Security-Policy"] = self.content_security_policy
        # What it says depends on who reads it.
        patch_cache_control(response, private=True, no_cache=True)
        return response

    def _pages(self, request: Request) -> list[dict[str, Any]]:
        # A page of the project's own, with a document of its own, is not one of those that the settings name.
        if self.document_url is not None:
            return []
        return [asdict(page) for page in pages_for(request, self, self._document)]


def _websocket_url(request: HttpRequest) -> str:
    """Where the server that answers ``request`` has its WebSockets. Raises BadRequest when the client made that up."""
    scheme = "wss" if request.is_secure() else "ws"
    url = f"{scheme}://{request.get_host()}{request.META.get('SCRIPT_NAME', '')}"
    try:
        parse_address(url)
    except ValueError as error:
        # A port that is none, for instance: Django only sees that it has digits.
        raise BadRequest(str(error)) from error
    return url
