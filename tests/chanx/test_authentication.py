"""Tickets at the handshake: in the address, or in the header that a subprotocol becomes."""

import base64
import logging
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.contrib.auth.models import User
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from chanx.authentication import TicketAuthentication
from chanx.generic.authenticator import PermissionClasses
from chanx.tickets import Ticket
from chanx.views import TicketView
from tests.chanx.support import Echo, client, connected, refused, said, say

INVALID = (401, 4401, {"detail": "The ticket is not valid, or was used before."})
NOT_PROVIDED = (401, 4401, {"detail": "Authentication credentials were not provided."})
SEVERAL = (401, 4401, {"detail": "More than one credential."})


class Ticketed(Echo):
    """Lets holders of tickets in."""

    authentication_classes = (TicketAuthentication,)
    permission_classes: PermissionClasses = (IsAuthenticated,)


class KeyAuthentication(TicketAuthentication):
    query_parameter = "key"
    keyword = "Key"


class Keyed(Ticketed):
    authentication_classes = (KeyAuthentication,)


@pytest.fixture
def user(transactional_db: None) -> User:
    return User.objects.create_user("alice")


def ticket_of(user: User, path: str | None = None) -> str:
    """A ticket, as the view issues it."""
    request = APIRequestFactory().post("/", {} if path is None else {"path": path})
    force_authenticate(request, user)
    response: Any = TicketView.as_view()(request)
    assert response.status_code == 201, response.data
    ticket: str = response.data["ticket"]
    return ticket


async def outcome(path: str = "/ws/", consumer: Any = Ticketed, **options: Any) -> tuple[int, int, Any]:
    """How a handshake is refused."""
    payload, code = await refused(client(consumer, path, **options))
    return payload["status_code"], code, payload["data"]


async def _ticket(user: User, path: str | None = None) -> str:
    return await database_sync_to_async(ticket_of)(user, path)


async def test_a_ticket_in_the_address_lets_its_user_in(user: User) -> None:
    communicator = await connected(Ticketed, f"/ws/?ticket={await _ticket(user)}")
    await communicator.send_json_to(say("hello"))
    assert await communicator.receive_json_from() == said("hello")
    await communicator.disconnect()


async def test_the_consumer_knows_the_user_and_the_ticket(user: User) -> None:
    seen: list[Any] = []

    class Looks(Ticketed):
        async def post_authentication(self) -> None:
            seen.extend([self.user, self.request.auth])

    await (await connected(Looks, f"/ws/?ticket={await _ticket(user)}")).disconnect()
    assert seen[0] == user
    assert isinstance(seen[1], Ticket)
    assert seen[1].user_pk == str(user.pk)


async def test_a_ticket_is_used_up_by_the_handshake(user: User) -> None:
    text = await _ticket(user)
    await (await connected(Ticketed, f"/ws/?ticket={text}")).disconnect()
    assert await outcome(f"/ws/?ticket={text}") == INVALID


async def test_a_ticket_as_a_header_and_as_a_subprotocol(user: User) -> None:
    header = b"Ticket " + (await _ticket(user)).encode()
    await (await connected(Ticketed, headers=[(b"authorization", header)])).disconnect()
    encoded = base64.urlsafe_b64encode(b"ticket " + (await _ticket(user)).encode()).rstrip(b"=").decode()
    await (await connected(Ticketed, subprotocols=["chanx.v1", f"chanx.auth.{encoded}"])).disconnect()


async def test_who_brings_none_is_asked_for_one(user: User) -> None:
    assert await outcome() == NOT_PROVIDED
    assert await outcome(headers=[(b"authorization", b"Bearer x")]) == NOT_PROVIDED
    assert await outcome("/ws/?token=x") == NOT_PROVIDED


@pytest.mark.parametrize("query", ["ticket=", "ticket=x", "ticket=%00", "ticket=%ff%fe", "ticket=" + "x" * 5000])
async def test_what_is_no_ticket_is_refused(query: str, user: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "chanx")
    assert await outcome(f"/ws/?{query}") == INVALID
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


class Anybody(Ticketed):
    permission_classes = (AllowAny,)


_BAD_TICKET = base64.urlsafe_b64encode(b"Ticket x").rstrip(b"=").decode()


@pytest.mark.parametrize("query", ["ticket=x", "tick%65t=x", "ticket", "a=1&ticket=", "a=1;&ticket=x", "+=&ticket=x"])
async def test_no_spelling_of_a_bad_ticket_is_taken_for_none(query: str, user: User) -> None:
    """Also where everybody else is let in, without being asked."""
    assert await outcome(f"/ws/?{query}", Anybody) == INVALID


@pytest.mark.parametrize(
    "options",
    [{"headers": [(b"Authorization", b"ticket x")]}, {"subprotocols": ["chanx.v1", f"chanx.auth.{_BAD_TICKET}"]}],
    ids=["header", "subprotocol"],
)
async def test_a_bad_ticket_outside_of_the_address_is_not_taken_for_none(options: dict[str, Any], user: User) -> None:
    assert await outcome("/ws/?a=1", Anybody, **options) == INVALID


async def test_a_subclass_that_authenticates_by_something_else_is_asked(user: User) -> None:
    class Other(TicketAuthentication):
        def authenticate(self, request: Any) -> Any:
            raise AuthenticationFailed("Nobody may.")

    class Strict(Anybody):
        authentication_classes = (Other,)

    assert await outcome(consumer=Strict) == (401, 4401, {"detail": "Nobody may."})
    await (await connected(Anybody)).disconnect()


async def test_two_tickets_are_refused_and_stay_good(user: User) -> None:
    first, second = await _ticket(user), await _ticket(user)
    assert await outcome(f"/ws/?ticket={first}&ticket={second}") == SEVERAL
    header = (b"authorization", b"Ticket " + second.encode())
    assert await outcome(f"/ws/?ticket={first}", headers=[header]) == SEVERAL
    await (await connected(Ticketed, f"/ws/?ticket={first}")).disconnect()


async def test_a_ticket_for_one_address_opens_no_other(user: User) -> None:
    text = await _ticket(user, "/ws/a/")
    await (await connected(Ticketed, f"/ws/a/?ticket={text}")).disconnect()
    text = await _ticket(user, "/ws/a/")
    assert await outcome(f"/ws/b/?ticket={text}") == INVALID


async def test_names_may_be_chosen(user: User) -> None:
    await (await connected(Keyed, f"/ws/?key={await _ticket(user)}")).disconnect()
    header = b"Key " + (await _ticket(user)).encode()
    await (await connected(Keyed, headers=[(b"authorization", header)])).disconnect()
    assert await outcome(f"/ws/?ticket={await _ticket(user)}", Keyed) == NOT_PROVIDED


async def test_chanx_never_logs_a_ticket(user: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    text = await _ticket(user)
    communicator = await connected(Ticketed, f"/ws/?ticket={text}")
    await communicator.send_json_to(say("hello"))
    await communicator.receive_json_from()
    await communicator.disconnect()
    await outcome(f"/ws/?ticket={text}")
    assert "chanx" in {record.name.partition(".")[0] for record in caplog.records}
    assert text not in caplog.text


def test_a_view_of_http_may_take_tickets_too(user: User) -> None:
    class View(APIView):
        authentication_classes = (TicketAuthentication,)

    request = View().initialize_request(APIRequestFactory().get("/", {"ticket": ticket_of(user)}))
    assert request.user == user
