"""The view that issues one-time tickets."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth import get_user_model
from rest_framework import generics, serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from chanx.settings import chanx_settings
from chanx.tickets import issue_ticket


@dataclass(frozen=True, slots=True)
class IssuedTicket:
    """A ticket on its way to the client."""

    ticket: str
    #: Seconds.
    expires_in: int


class TicketSerializer(serializers.Serializer[IssuedTicket]):
    """A one-time ticket for a WebSocket: put it into the query string of the address, as `ticket`."""

    path = serializers.CharField(
        max_length=2048,
        required=False,
        write_only=True,
        help_text="The only path that the ticket opens, for instance `/ws/chat/lobby/`. Any, when it is left out.",
    )
    ticket = serializers.CharField(read_only=True, help_text="Good for one connection.")
    expires_in = serializers.IntegerField(read_only=True, help_text="Seconds within which it must be used.")

    def create(self, validated_data: dict[str, Any]) -> IssuedTicket:
        text = issue_ticket(self.context["request"], path=validated_data.get("path"))
        return IssuedTicket(text, chanx_settings.TICKET_LIFETIME)


class TicketView(generics.CreateAPIView[Any]):
    """Issues a one-time ticket with which the user of the request may open one WebSocket.

    For clients that can send neither a header nor a subprotocol with a handshake.
    """

    permission_classes = (IsAuthenticated,)
    serializer_class = TicketSerializer

    def perform_create(self, serializer: serializers.BaseSerializer[Any]) -> None:
        """Issues the ticket. Raises PermissionDenied for a user that is none of AUTH_USER_MODEL's."""
        if not isinstance(self.request.user, get_user_model()):
            raise PermissionDenied
        super().perform_create(serializer)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        # RFC 6749, 5.1, asks it of answers with tokens.
        response.headers["Cache-Control"] = "no-store"
        return response
