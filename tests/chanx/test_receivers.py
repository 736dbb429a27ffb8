"""What happens to users in Django, and what becomes of their connections."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.contrib.auth import get_user_model, login, logout
from django.contrib.auth.models import Group, Permission, User
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.http import HttpRequest
from pytest_django import Settings
from rest_framework.authtoken.models import Token

from chanx import receivers
from chanx.connections import Revocation, digest

Act = Callable[[User], Any]


class Browser:
    """A session in which a user is logged in."""

    def __init__(self, user: User) -> None:
        self.request = HttpRequest()
        self.request.session = SessionStore()
        self.request.user = user
        login(self.request, user, backend="django.contrib.auth.backends.ModelBackend")


@pytest.fixture
def user(transactional_db: None, settings: Settings) -> User:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return User.objects.create_user("alice", password="secret")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch, user: User) -> list[Revocation]:
    """The revocations that were published since the user was made."""
    found: list[Revocation] = []

    async def publish(revocation: Revocation) -> None:
        found.append(revocation)

    monkeypatch.setattr(receivers, "publish", publish)
    return found


def key_of(user: User) -> str:
    return f"auth.user:{user.pk}"


def test_a_logout_concerns_its_session(user: User, published: list[Revocation]) -> None:
    browser, other = Browser(user), Browser(user)
    published.clear()
    session = digest(browser.request.session.session_key)
    logout(browser.request)
    assert published == [Revocation(user=key_of(user), code=4401, session=session)]
    assert session != digest(other.request.session.session_key)


def test_a_stranger_s_logout_concerns_nobody(published: list[Revocation]) -> None:
    request = HttpRequest()
    request.session = SessionStore()
    logout(request)
    assert published == []


def change_password(user: User) -> None:
    user.set_password("another")
    user.save()


def change_password_only(user: User) -> None:
    user.set_password("another")
    user.save(update_fields=["password"])


def rename(user: User) -> None:
    user.first_name = "Alice"
    user.save()


@pytest.mark.parametrize("act", [change_password, change_password_only, rename])
def test_a_save_tells_the_password_s_digest(act: Act, user: User, published: list[Revocation]) -> None:
    """Each process knows whether its connections were opened with another one."""
    act(user)
    assert published == [Revocation(user=key_of(user), code=4401, password=digest(user.get_session_auth_hash()))]
    assert user.get_session_auth_hash() not in repr(published)


def deactivate(user: User) -> None:
    user.is_active = False
    user.save()


def deactivate_only(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])


def delete(user: User) -> None:
    user.delete()


@pytest.mark.parametrize("act", [deactivate, deactivate_only, delete])
def test_who_may_not_log_in_any_more_is_shown_out(act: Act, user: User, published: list[Revocation]) -> None:
    key = key_of(user)
    act(user)
    assert published == [Revocation(user=key, code=4401)]


def log_in(user: User) -> None:
    Browser(user)


def save_another_field(user: User) -> None:
    user.save(update_fields=["first_name"])


def create(user: User) -> None:
    User.objects.create_user("bob")


def update_by_query(user: User) -> None:
    # Django sends no signal: at the next recheck.
    User.objects.filter(pk=user.pk).update(is_active=False)


def save_something_else(user: User) -> None:
    Group.objects.create(name="club").delete()


@pytest.mark.parametrize("act", [log_in, save_another_field, create, update_by_query, save_something_else])
def test_what_changes_no_rights_is_not_told(act: Act, user: User, published: list[Revocation]) -> None:
    act(user)
    assert published == []


def delete_token(user: User) -> None:
    Token.objects.create(user=user).delete()


def join_group(user: User) -> None:
    user.groups.add(Group.objects.create(name="club"))


def join_group_from_the_other_side(user: User) -> None:
    group: Any = Group.objects.create(name="club")
    group.user_set.add(user)


def get_permission(user: User) -> None:
    user.user_permissions.set(Permission.objects.all()[:2])


def lose_permissions(user: User) -> None:
    user.user_permissions.clear()


@pytest.mark.parametrize(
    "act", [delete_token, join_group, join_group_from_the_other_side, get_permission, lose_permissions]
)
def test_what_may_change_rights_is_rechecked(act: Act, user: User, published: list[Revocation]) -> None:
    act(user)
    assert published == [Revocation(user=key_of(user))]


def test_a_group_that_is_emptied_at_once_tells_nobody(user: User, published: list[Revocation]) -> None:
    group: Any = Group.objects.create(name="club")
    group.user_set.add(user)
    published.clear()
    group.user_set.clear()
    assert published == [], "Django does not say whom it concerns"


def test_a_proxy_of_the_user_model_is_one(user: User, published: list[Revocation]) -> None:
    """Signals are sent by the class of the instance."""
    models = [model for model in receivers.user_models() if model is not get_user_model()]
    for model in models:
        change_password(model._default_manager.get(pk=user.pk))  # type: ignore[arg-type]  # whichever class it is
    assert len(published) == len(models)


def test_what_is_rolled_back_has_not_happened(user: User, published: list[Revocation]) -> None:
    with pytest.raises(LookupError), transaction.atomic():  # noqa: PT012 - raised by the test itself
        deactivate(user)
        raise LookupError
    assert published == []
    with transaction.atomic():
        deactivate(user)
        assert published == [], "a recheck would still find an active user"
    assert published == [Revocation(user=key_of(user), code=4401)]


def test_no_save_fails_because_nobody_can_be_told(
    user: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def publish(revocation: Revocation) -> None:
        raise ConnectionError("the layer is away")

    monkeypatch.setattr(receivers, "publish", publish)
    deactivate(user)
    user.refresh_from_db()
    assert user.is_active is False
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.getMessage() == (
        f"Other processes could not be told that connections of auth.user:{user.pk} are revoked"
    )
    assert "the layer is away" in caplog.text


@pytest.mark.parametrize("act", [deactivate, delete])
async def test_in_asynchronous_code(act: Act, user: User, published: list[Revocation]) -> None:
    key = key_of(user)
    await sync_to_async(act)(user)
    assert published == [Revocation(user=key, code=4401)]


async def test_a_signal_in_the_event_loop_itself(user: User, published: list[Revocation]) -> None:
    """Where nothing may wait: a logout whose session needs no database, for instance."""
    user_logged_out.send(User, request=Browserless(), user=user)
    async with asyncio.timeout(5):
        while not published:
            await asyncio.sleep(0)
    assert published == [Revocation(user=key_of(user), code=4401, session=digest("k"))]


class Browserless:
    class session:
        session_key = "k"


def test_it_is_synchronous_code_that_waits(user: User, published: list[Revocation]) -> None:
    async def act() -> None:
        await sync_to_async(deactivate)(user)

    async_to_sync(act)()
    assert len(published) == 1
