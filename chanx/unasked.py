"""DRF's request of a handshake at which nobody was asked who the client is.

Few of them are ever looked at, and together with Django's request they would be most of what an idle connection keeps.
"""

from collections.abc import Callable, Mapping
from typing import Any, cast

from rest_framework.request import Request
from rest_framework.settings import api_settings


class UnaskedRequest(Request):
    """Knows what DRF says of a stranger; everything else it makes when somebody wants to know it.

    :param make: makes the request of ``scope``, for which this one stands. Does no I/O.
    """

    def __init__(self, make: Callable[[Mapping[str, Any]], Request], scope: Mapping[str, Any]) -> None:
        self._make: Callable[[Mapping[str, Any]], Request] | None = make
        self._scope = scope
        self._authenticator = None
        # As in DRF's _not_authenticated(), whose properties would need the whole request.
        user: Any = api_settings.UNAUTHENTICATED_USER
        token: Any = api_settings.UNAUTHENTICATED_TOKEN
        self._user: Any = user and user()
        self._auth: Any = token and token()

    def __getattr__(self, name: str) -> Any:
        attributes = vars(self)
        make = attributes.get("_make")
        if make is None:
            return cast("Any", super()).__getattr__(name)
        made = make(self._scope)
        made.user, made.auth = self._user, self._auth
        open_circles(made)
        attributes.update(vars(made))
        self._make = None
        return getattr(self, name)


def open_circles(request: Request) -> None:
    """Takes from a request what it would hold itself by, and the view that holds it.

    It belongs to a connection, and what refers to itself in a circle is not free when that ends, but when the garbage
    collector comes round.
    """
    for name in ("request", "view"):
        request.parser_context.pop(name, None)
