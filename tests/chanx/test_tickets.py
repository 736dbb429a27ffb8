"""One-time tickets: good once, for a short time, for one user, and for nothing that the user has lost since."""

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import caches
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import RequestFactory
from pytest_django import Settings

from chanx.tickets import Ticket, issue_ticket, redeem_ticket, user_of
from chanx.utils.settings import override_chanx_settings

PATH = "/ws/room/"


@pytest.fixture
def user(transactional_db: None) -> User:
    return User.objects.create_user("alice")


def request_of(user: Any, *, auth: Any = None, session: Any = None) -> Any:
    """A request that DRF has authenticated."""
    return SimpleNamespace(user=user, auth=auth, session=session)


def redeemed(text: str, path: str = PATH) -> Ticket:
    ticket = redeem_ticket(text, path)
    assert ticket is not None
    return ticket


def test_a_ticket_stands_for_the_user_once(user: User) -> None:
    text = issue_ticket(request_of(user))
    assert user_of(redeemed(text)) == user
    assert redeem_ticket(text, PATH) is None


def test_tickets_are_long_and_fit_into_an_address(user: User) -> None:
    texts = {issue_ticket(request_of(user)) for _ in range(20)}
    assert len(texts) == 20
    assert {len(text) for text in texts} == {43}, "256 bits in base64url"
    assert all(text.replace("-", "").replace("_", "").isalnum() for text in texts)


def test_a_ticket_may_be_bound_to_a_path(user: User) -> None:
    assert redeem_ticket(issue_ticket(request_of(user), path=PATH), PATH) is not None
    text = issue_ticket(request_of(user), path=PATH)
    assert redeem_ticket(text, "/ws/other/") is None
    assert redeem_ticket(text, PATH) is None, "who tries it elsewhere has used it"


@pytest.mark.parametrize("text", ["", "x", "é" * 50, "a" * 100_000, "../..", "a b\n"])
def test_what_is_no_ticket_is_refused(text: str, user: User) -> None:
    assert redeem_ticket(text, PATH) is None


@override_chanx_settings(TICKET_LIFETIME=1)
def test_a_ticket_ends_by_itself(user: User) -> None:
    text = issue_ticket(request_of(user))
    time.sleep(1.1)
    assert redeem_ticket(text, PATH) is None


@pytest.mark.parametrize("nobody", [AnonymousUser(), User(), None, SimpleNamespace(pk=1)])
def test_only_users_of_the_project_get_tickets(nobody: Any) -> None:
    with pytest.raises(TypeError, match=r"A ticket is for a user of User, not for \w+\."):
        issue_ticket(request_of(nobody))


# -- what a ticket does not outlive --------------------------------------------------------------------------


def deactivate(user: User) -> None:
    user.is_active = False
    user.save()


def change_password(user: User) -> None:
    user.set_password("another")
    user.save()


def delete(user: User) -> None:
    user.delete()


@pytest.mark.parametrize("lose", [deactivate, change_password, delete])
@pytest.mark.parametrize("is_redeemed", [True, False])
def test_a_ticket_does_not_outlive_the_user_s_rights(
    lose: Callable[[User], None], is_redeemed: bool, user: User
) -> None:
    text = issue_ticket(request_of(user))
    ticket = redeemed(text) if is_redeemed else None
    lose(user)
    assert user_of(ticket or redeemed(text)) is None


def test_a_ticket_does_not_outlive_its_session(user: User, rf: RequestFactory) -> None:
    session: Any = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session.save()
    ticket = redeemed(issue_ticket(request_of(user, session=session)))
    assert ticket.session_key == session.session_key
    assert user_of(ticket) == user
    session.flush()
    assert user_of(ticket) is None


def test_a_session_of_somebody_else_has_nothing_to_do_with_it(user: User) -> None:
    """A token has authenticated the request, and the browser happens to hold a session as well."""
    session: Any = SessionStore()
    session["_auth_user_id"] = str(user.pk + 1)
    session.save()
    assert redeemed(issue_ticket(request_of(user, session=session))).session_key is None


def test_a_ticket_does_not_outlive_the_token_it_was_issued_for(user: User) -> None:
    later, earlier = int(time.time()) + 60, int(time.time()) - 1
    assert redeemed(issue_ticket(request_of(user, auth={"exp": later}))).expires_at == later
    assert redeem_ticket(issue_ticket(request_of(user, auth={"exp": earlier})), PATH) is None


def test_a_key_that_no_user_can_have_is_nobody_s(user: User) -> None:
    ticket = redeemed(issue_ticket(request_of(user)))
    assert user_of(replace(ticket, user_pk=str(uuid.uuid4()))) is None


# -- the cache -----------------------------------------------------------------------------------------------


def local_memory(folder: Path) -> dict[str, Any]:
    return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(folder)}


def files(folder: Path) -> dict[str, Any]:
    return {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": str(folder)}


def database(folder: Path) -> dict[str, Any]:
    return {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "tickets_of_tests"}


def nothing(folder: Path) -> dict[str, Any]:
    return {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}


def close_connection(everybody: threading.Barrier) -> None:
    """Closes the connection of one of four threads, all of which wait for each other: each closes its own."""
    everybody.wait()
    # Django itself does not close a database in memory, which might be gone then; the test's own thread keeps it.
    BaseDatabaseWrapper.close(connection)


@pytest.mark.parametrize("backend", [local_memory, files, database])
def test_of_many_at_once_one_uses_it(
    backend: Callable[[Path], dict[str, Any]], user: User, settings: Settings, tmp_path: Path
) -> None:
    settings.CACHES = {"default": local_memory(tmp_path), "tickets": backend(tmp_path)}
    if backend is database:
        call_command("createcachetable", verbosity=0)
    with override_chanx_settings(TICKET_CACHE="tickets"):
        for _ in range(5):
            text = issue_ticket(request_of(user))
            start = threading.Barrier(4)

            def use(_: int, text: str = text, start: threading.Barrier = start) -> bool:
                start.wait()
                while True:
                    try:
                        return redeem_ticket(text, PATH) is not None
                    except OperationalError:
                        # The tests' SQLite in memory lets nobody wait for a table that another thread has locked.
                        time.sleep(0.001)

            with ThreadPoolExecutor(4) as threads:
                used = list(threads.map(use, range(4)))
                assert used.count(True) == 1
                # Each thread has a connection of its own, which ends by itself only where Python collects it.
                list(threads.map(close_connection, [start] * 4))


def test_redis_lets_one_use_it(user: User, settings: Settings, redis: Any) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": redis.url}}
    text = issue_ticket(request_of(user))
    with ThreadPoolExecutor(8) as threads:
        used = [each.result() for each in [threads.submit(redeem_ticket, text, PATH) for _ in range(8)]]
    assert [ticket is not None for ticket in used].count(True) == 1


def test_a_cache_that_keeps_nothing_lets_nobody_in(user: User, settings: Settings, tmp_path: Path) -> None:
    settings.CACHES = {"default": nothing(tmp_path)}
    assert redeem_ticket(issue_ticket(request_of(user)), PATH) is None


def test_the_cache_does_not_hold_the_ticket(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[Any] = []

    def hold(self: Any, *args: Any, **kwargs: Any) -> None:
        held.append((args, kwargs))

    monkeypatch.setattr(type(caches["default"]), "set", hold)
    text = issue_ticket(request_of(user))
    assert held
    assert text not in repr(held)
