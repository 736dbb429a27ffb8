"""The action of the admin."""

from typing import Any

import pytest
from django.contrib.admin import AdminSite
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Permission, User
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.test import RequestFactory

from chanx import admin as module
from chanx.admin import disconnect_users


class OurAdmin(UserAdmin):  # type: ignore[type-arg]  # generic for type checkers only
    actions = [disconnect_users]  # noqa: RUF012 - as Django has it


def request_of(user: User) -> Any:
    request: Any = RequestFactory().post("/")
    request.user, request.session = user, {}
    request._messages = FallbackStorage(request)
    return request


@pytest.fixture
def disconnected(monkeypatch: pytest.MonkeyPatch) -> list[User]:
    found: list[User] = []
    monkeypatch.setattr(module, "disconnect", found.append)
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["alice"], "The WebSockets of 1 user were closed."),
        (["alice", "bob"], "The WebSockets of 2 users were closed."),
    ],
)
def test_selected_users_are_disconnected_and_no_others(names: list[str], told: str, disconnected: list[User]) -> None:
    users = [User.objects.create(username=name) for name in ("alice", "bob", "carol")]
    request = request_of(users[0])
    model_admin = OurAdmin(User, AdminSite())
    disconnect_users(model_admin, request, User.objects.filter(username__in=names))
    assert [user.username for user in disconnected] == names
    assert [str(message) for message in get_messages(request)] == [told]


@pytest.mark.django_db
def test_only_who_may_change_users_is_offered_it() -> None:
    model_admin = OurAdmin(User, AdminSite())
    staff = User.objects.create(username="staff", is_staff=True)
    assert "disconnect_users" not in model_admin.get_actions(request_of(staff))
    staff.user_permissions.add(Permission.objects.get(codename="change_user"))
    assert "disconnect_users" in model_admin.get_actions(request_of(User.objects.get(pk=staff.pk)))
