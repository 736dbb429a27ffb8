"""Authentication classes of DRF for what only WebSockets need."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.http import QueryDict
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from chanx.handshake import accepted_request, has_authorization
from chanx.tickets import Ticket, redeem_ticket, user_of


class TicketAuthentication(BaseAuthentication):
    """Authenticates a handshake by a one-time ticket in its address: ``wss://example.com/ws/?ticket=…``.

    A ticket is issued by :class:`~chanx.views.TicketView`. It may also come as ``Authorization: Ticket …``, which
    browsers send as a subprotocol. ``request.auth`` is the :class:`~chanx.tickets.Ticket`.
    """

    #: Name of the query parameter.
    query_parameter = "ticket"
    #: First word of the Authorization header.
    keyword = "Ticket"

    @classmethod
    def carries_credentials(cls, scope: Mapping[str, Any]) -> bool:
        """Whether there may be a ticket in a handshake; a stranger who has none needs no thread."""
        query = scope.get("query_string", b"")
        return has_authorization(scope) or (bool(query) and cls.query_parameter in QueryDict(query))

    def authenticate(self, request: Request) -> tuple[AbstractBaseUser, Ticket] | None:
        """The user and the ticket; None for a request without one. Raises AuthenticationFailed for any other."""
        texts = [*request.query_params.getlist(self.query_parameter), *self._from_header(request)]
        if not texts:
            return None
        if len(texts) > 1:
            raise AuthenticationFailed("More than one credential.")
        accepted = accepted_request(request)
        # Used up by the handshake; what it stands for is still known.
        ticket = redeem_ticket(texts[0], request.path) if accepted is None else accepted.auth
        if isinstance(ticket, Ticket) and (user := user_of(ticket)) is not None:
            return user, ticket
        # One answer for all: whoever guesses learns nothing.
        raise AuthenticationFailed("The ticket is not valid, or was used before.")

    def authenticate_header(self, request: Request) -> str:
        return self.keyword

    def _from_header(self, request: Any) -> list[str]:
        scheme, _, text = get_authorization_header(request).partition(b" ")
        if scheme.lower() != self.keyword.lower().encode():
            return []
        return [text.decode("latin1")]
