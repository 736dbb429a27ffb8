"""For Django's admin: an action that closes the WebSockets of users."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from chanx.revocation import disconnect


@admin.action(description="Close the WebSockets of selected users", permissions=["change"])
def disconnect_users(model_admin: Any, request: HttpRequest, queryset: QuerySet[Any]) -> None:
    """Closes all connections of the selected users, in every process. Nothing keeps them from coming back.

    ::

        class UserAdmin(auth_admin.UserAdmin):
            actions = [disconnect_users]
    """
    users = list(queryset)
    for user in users:
        disconnect(user)
    text = ngettext("The WebSockets of %d user were closed.", "The WebSockets of %d users were closed.", len(users))
    model_admin.message_user(request, text % len(users), messages.SUCCESS)
