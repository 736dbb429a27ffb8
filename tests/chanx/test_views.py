"""The view that issues tickets: for users whom the project's own classes know, and for nobody else."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import path
from pytest_django import Settings
from rest_framework.authtoken.models import Token
from rest_framework.test import APIClient, APIRequestFactory, force_authenticate

from chanx.tickets import redeem_ticket
from chanx.utils.settings import override_chanx_settings
from chanx.views import TicketView

urlpatterns = [path("ws-ticket/", TicketView.as_view(), name="ws-ticket")]


@pytest.fixture
def user(transactional_db: None) -> User:
    return User.objects.create_user("alice", password="secret")


@pytest.fixture(autouse=True)
def _urls(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.REST_FRAMEWORK = {
        "DEFAULT_AUTHENTICATION_CLASSES": [
            "rest_framework.authentication.TokenAuthentication",
            "rest_framework.authentication.SessionAuthentication",
        ],
        # The view asks for more than the project does by default.
        "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    }


def post(data: Any = None, **headers: str) -> Any:
    client: Any = APIClient()
    return client.post("/ws-ticket/", data or {}, format="json", headers=headers)


def test_a_user_gets_a_ticket(user: User) -> None:
    with override_chanx_settings(TICKET_LIFETIME=20):
        response = post(authorization=f"Token {Token.objects.create(user=user).key}")
    assert response.status_code == 201
    assert response.json() == {"ticket": response.data["ticket"], "expires_in": 20}
    assert response.headers["cache-control"] == "no-store"
    ticket = redeem_ticket(response.data["ticket"], "/anywhere/")
    assert ticket is not None
    assert (ticket.user_pk, ticket.path, ticket.session_key) == (str(user.pk), None, None)


def test_it_may_be_for_one_path(user: User) -> None:
    response = post({"path": "/ws/a/"}, authorization=f"Token {Token.objects.create(user=user).key}")
    ticket = redeem_ticket(response.data["ticket"], "/ws/a/")
    assert ticket is not None
    assert ticket.path == "/ws/a/"
    assert response.json().keys() == {"ticket", "expires_in"}


def test_a_session_needs_its_csrf_token_and_binds_the_ticket(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.post("/ws-ticket/").status_code == 403
    client.cookies["csrftoken"] = "a" * 32
    response = client.post("/ws-ticket/", headers={"x-csrftoken": "a" * 32})
    assert response.status_code == 201
    ticket = redeem_ticket(response.json()["ticket"], "/")
    assert ticket is not None
    assert ticket.session_key == client.session.session_key


def test_a_stranger_gets_none(user: User) -> None:
    response = post()
    assert response.status_code == 401
    assert response.headers["cache-control"] == "no-store"
    assert post(authorization="Token wrong").status_code == 401


def test_a_user_whom_the_database_does_not_know_gets_none() -> None:
    """As the TokenUser of a stateless JWT."""
    request = APIRequestFactory().post("/ws-ticket/")
    force_authenticate(request, SimpleNamespace(pk=1, is_authenticated=True))  # type: ignore[arg-type]  # so it is
    assert TicketView.as_view()(request).status_code == 403


@pytest.mark.parametrize("path", ["", "x" * 2049, None, ["/"]])
def test_what_is_no_path_is_refused(path: Any, user: User) -> None:
    response = post({"path": path}, authorization=f"Token {Token.objects.create(user=user).key}")
    assert (response.status_code, list(response.data)) == (400, ["path"])


def test_only_posts_issue_tickets(user: User) -> None:
    client: Any = APIClient()
    client.force_authenticate(user)
    assert client.get("/ws-ticket/").status_code == 405
