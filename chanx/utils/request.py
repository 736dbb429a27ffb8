"""A Django request from an ASGI scope of a WebSocket."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

from django.core.handlers.asgi import ASGIRequest

_HTTP_SCHEMES: Final = {"ws": "http", "wss": "https"}


def request_from_scope(scope: Mapping[str, Any], method: str = "GET") -> ASGIRequest:
    """The Django request that an HTTP client would make with this scope and an empty body.

    Path, query string, cookies, headers and REMOTE_ADDR are those of the WebSocket handshake; ``method`` is an
    HTTP verb in any case. A ``user`` or ``session`` that a middleware put into the scope is on the request.
    """
    scheme = scope.get("scheme", "ws")
    http_scope = {**scope, "type": "http", "method": method, "scheme": _HTTP_SCHEMES.get(scheme, scheme)}
    request = ASGIRequest(http_scope, BytesIO())
    for name in ("session", "user"):
        if scope.get(name) is not None:
            setattr(request, name, scope[name])
    return request
