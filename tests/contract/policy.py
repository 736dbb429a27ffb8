"""A strict content security policy for the page of the demo, as a careful project has one."""

from collections.abc import Callable
from typing import Final

from django.http import HttpRequest, HttpResponse

POLICY: Final = "default-src 'self'; connect-src 'self' ws: wss:"


def strict_policy(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware. Other pages of the demo, such as the login of DRF, are other people's and have inline styles."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.path.startswith("/ws-docs/"):
            response["Content-Security-Policy"] = POLICY
        return response

    return middleware
