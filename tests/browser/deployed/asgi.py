"""The demo's application below a prefix. Importing it collects the static files."""

from typing import Any

import django

django.setup()

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application
from django.core.management import call_command

# Before the application, whose middleware looks for the files when it starts.
call_command("collectstatic", interactive=False, verbosity=0)
_http = get_asgi_application()

from config.routing import router
from tests.browser.deployed.settings import PREFIX

_whole = ProtocolTypeRouter({"http": _http, "websocket": router})


async def application(scope: Any, receive: Any, send: Any) -> None:
    """As a server that is told its root path says it."""
    if scope["path"].startswith(PREFIX):
        scope = {**scope, "root_path": PREFIX}
    await _whole(scope, receive, send)
