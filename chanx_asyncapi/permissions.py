"""Who may read the document and the page."""

from typing import Any

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class DocumentPermission(BasePermission):
    """Everybody while DEBUG is on, and logged-in users otherwise.

    A document tells a stranger what there is to attack. To open it to all, or to fewer, pass other classes to
    ``as_view(permission_classes=...)``.
    """

    message = "Log in to read about this service."

    def has_permission(self, request: Request, view: Any) -> bool:
        # DRF's UNAUTHENTICATED_USER may make it None.
        user: Any = request.user
        return settings.DEBUG or bool(user and user.is_authenticated)
