"""Who may read documents and their pages."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from chanx.settings import chanx_settings
from chanx_asyncapi.describe.named_documents import UnknownDocumentError, named_document


class DocumentPermission(BasePermission):
    """Everybody while DEBUG is on, and logged-in users otherwise.

    A document tells a stranger what there is to attack. To open it to all, or to fewer, name other classes in
    ``CHANX["DOCUMENT_PERMISSION_CLASSES"]``, or pass them to ``as_view(permission_classes=...)``.
    """

    message = "Log in to read about this service."

    def has_permission(self, request: Request, view: Any) -> bool:
        # DRF's UNAUTHENTICATED_USER may make it None.
        user: Any = request.user
        return settings.DEBUG or bool(user and user.is_authenticated)


def permission_classes(document: str | None) -> Sequence[Any]:
    """The permission classes for a document, by its name; one that there is not has those of the service.

    Raises ImportError when the settings name a class that cannot be imported.
    """
    try:
        paths = named_document(document).get("PERMISSION_CLASSES")
    except UnknownDocumentError:
        paths = None
    if paths is None:
        paths = chanx_settings.DOCUMENT_PERMISSION_CLASSES
    return [DocumentPermission] if paths is None else [import_string(path) for path in paths]
