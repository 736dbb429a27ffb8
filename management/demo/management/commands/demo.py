"""``manage.py demo``: from an empty folder to a running demo."""

import base64
import contextlib
import socket
from argparse import ArgumentParser
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from demo.seed import ALICE, BOB, DEMO_USERS, Seeded, seed

#: Seconds that open connections get when the server is told to stop.
_SHUTDOWN_SECONDS = 3


class Command(BaseCommand):
    help = "Sets the demo up, tells what to open, and serves it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=8000, help="port; 0 chooses a free one (default: %(default)s)")
        parser.add_argument("--no-serve", action="store_true", help="set up only")

    def handle(self, *args: Any, host: str, port: int, no_serve: bool, **options: Any) -> None:
        # Before the rest, so that a port that is taken is told at once.
        listener = None if no_serve else _listen(host, port)
        with listener or contextlib.nullcontext():
            call_command("migrate", verbosity=0)
            seeded = seed()
            settings.VAR_DIR.mkdir(exist_ok=True)
            call_command("generate_asyncapi", output=settings.VAR_DIR / "asyncapi.json")
            if listener is not None:
                port = listener.getsockname()[1]
            self.stdout.write(_instructions(_address(host, port), seeded))
            if listener is not None:
                _serve(listener)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise CommandError(
            f"Cannot listen on {host}:{port}: {error.strerror}. Choose another port, for instance --port {port + 1}."
        ) from error


def _serve(listener: socket.socket) -> None:
    config = uvicorn.Config(
        settings.ASGI_APPLICATION.replace(".application", ":application"),
        # Django's LOGGING has configured everything already.
        log_config=None,
        lifespan="off",
        timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
    )
    # Control-C has stopped the server in good order before it comes here.
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def _address(host: str, port: int) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104 - recognised, not chosen
        host = "127.0.0.1"
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _instructions(address: str, seeded: Seeded) -> str:
    lobby = f"/ws/chat/{seeded.lobby.pk}/"
    users = "\n".join(f"    {user.name:<8} {user.password:<22} {user.token}" for user in DEMO_USERS)
    credential = base64.urlsafe_b64encode(f"Token {BOB.token}".encode()).decode().rstrip("=")
    return f"""
The demo is set up. Open

    http://{address}/ws-docs/      read and try the WebSocket API
    http://{address}/              log in, so that the browser's session counts

    user     password               token
{users}

    ws://{address}{lobby:<24} the lobby, for both
    ws://{address}{f"/ws/chat/{seeded.leadership.pk}/":<24} only alice may enter; slow mode
    ws://{address}{"/ws/notifications/":<24} for whoever is logged in
    ws://{address}{"/ws/assistant/":<24} for everybody

From a terminal:

    wscat -c ws://{address}{lobby} -H "Authorization: Token {ALICE.token}"
    > {{"action": "post_message", "payload": {{"text": "Hello, @bob!"}}}}

From a page of another origin, which cannot send headers, bob offers the subprotocols

    chanx.v1, chanx.auth.{credential}

To everybody in the lobby:

    curl -H "Authorization: Token {ALICE.token}" -d "text=Lunch!" http://{address}/api/rooms/{seeded.lobby.pk}/announcements/

Control-C ends the demo.
"""
