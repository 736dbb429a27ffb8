"""Where the views of a document are, seen from a request to one of them, and which pages its reader may see."""

from dataclasses import dataclass
from typing import Any, Final

from django.urls import NoReverseMatch, reverse
from rest_framework.request import Request

from chanx.settings import chanx_settings
from chanx_asyncapi.describe import Options
from chanx_asyncapi.describe.info import describe_info
from chanx_asyncapi.permissions import permission_classes

_APP: Final = "chanx_asyncapi"


@dataclass(frozen=True)
class DocumentPage:
    """A page that a reader may go to."""

    title: str
    url: str
    #: It is the one that was asked for.
    current: bool


def url_of(request: Request, name: str, document: str | None) -> str:
    """The URL of a view of :mod:`chanx_asyncapi.urls`, in the same ``include()`` as the one that is asked.

    ``name`` is that of the view for the whole service, such as ``page``. Raises NoReverseMatch where the project
    includes these URLs nowhere, or below variable parts that the request has no values for.
    """
    match: Any = request.resolver_match
    namespaces: list[str] = [_APP]
    captured: dict[str, Any] = {}
    if match is not None and match.app_names[-1:] == [_APP]:
        # A nested include has a longer name, one below a variable part needs its value.
        namespaces = match.namespaces
        captured = {key: value for key, value in match.kwargs.items() if key != "document"}
    if document is not None:
        name, captured = f"named-{name}", {**captured, "document": document}
    return reverse(":".join((*namespaces, name)), kwargs=captured)


def pages_for(request: Request, view: Any, current: str | None) -> list[DocumentPage]:
    """The pages of all documents that the settings do not close to the reader, that of the whole service first."""
    found: list[DocumentPage] = []
    for document in (None, *chanx_settings.DOCUMENTS):
        permissions = [permission() for permission in permission_classes(document)]
        if not all(permission.has_permission(request, view) for permission in permissions):
            continue
        try:
            url = url_of(request, "page", document)
        except NoReverseMatch:
            # A name that is no slug: the check chanx.E105 has told of it.
            continue
        info, _ = describe_info(Options(document=document))
        found.append(DocumentPage(info.title, url, current=document == current))
    return found
