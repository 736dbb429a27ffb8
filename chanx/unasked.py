"""DRF's request of a handshake at which nobody was asked who the client is.

Few of them are ever looked at, and together with Django's request they would be most of what an idle connection keeps.
"""

from collections.abc import Mapping
from typing import Any, Protocol, cast

from rest_framework.request import Request
from rest_framework.settings import api_settings


class Maker(Protocol):
    """Whose requests they are."""

    def make_request(self, scope: Mapping[str, Any]) -> Request: ...


class UnaskedRequest(Request):
    """Knows what DRF says of a stranger; everything else it makes when somebody wants to know it.

    :param maker: makes the request of ``scope``, for which this one stands, by its ``make_request()``. Does no I/O.
    """

    def __init__(self, maker: Maker, scope: Mapping[str, Any]) -> None:
        self._maker: Maker | None = maker
        self._scope = scope
        self._authenticator = None
        # As in DRF's _not_authenticated(), whose properties would need the whole request.
        user: Any = api_settings.UNAUTHENTICATED_USER
        token: Any = api_settings.UNAUTHENTICATED_TOKEN
        self._user: Any = user and user()
        self._auth: Any = token and token()

    def __getattr__(self, name: str) -> Any:
        attributes = vars(self)
        maker: Maker | None = attributes.get("_maker")
        if maker is None:
            return cast("Any", super()).__getattr__(name)
        made = maker.make_request(self._scope)
        made.user, made.auth = self._user, self._auth
        open_circles(made)
        attributes.update(vars(made))
        self._maker = None
        return getattr(self, name)


def open_circles(request: Request) -> None:
    """Takes from a request what it would hold itself by, and the view that holds it.

    It belongs to a connection, and what refers to itself in a circle is not free when that ends, but when the garbage
    collector comes round.
    """
    for name in ("request", "view"):
        request.parser_context.pop(name, None)
