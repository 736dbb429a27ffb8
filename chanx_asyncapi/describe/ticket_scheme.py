"""How drf-spectacular, and so the document, describes chanx's own authentication class."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

from chanx.handshake import AUTHORIZATION_PREFIX, SUBPROTOCOL


class TicketScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # without types
    """A one-time ticket in the address, or as a subprotocol."""

    target_class = "chanx.authentication.TicketAuthentication"
    match_subclasses = True
    name = "ticketAuth"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        target: Any = self.target
        return {
            "type": "apiKey",
            "in": "query",
            "name": target.query_parameter,
            "description": (
                "A one-time ticket, which the REST API issues to a user who is authenticated there. "
                "It opens one connection, soon after it was issued."
            ),
            "x-subprotocol": {
                "select": SUBPROTOCOL,
                "authorization": AUTHORIZATION_PREFIX + "{base64url}",
                "prefix": target.keyword,
            },
        }
