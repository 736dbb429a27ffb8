"""A seeded demo, and clients of its users."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from typing import Any, TypeAlias

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import AsyncClient, override_settings

from chanx.testing import WebsocketCommunicator
from chanx.utils.asgi import get_websocket_application
from demo.seed import DemoUser, Seeded, seed

Connect: TypeAlias = Callable[..., Awaitable[WebsocketCommunicator]]
Rest: TypeAlias = Callable[[DemoUser | None], AsyncClient]


class Visitor(WebsocketCommunicator):
    """A client of the chat that passes over what comes at any moment: who is there, and where the history is."""

    passes_over = frozenset({"positions", "presence", "presence_changed"})

    async def receive_output(self, timeout: float = 1) -> Any:
        while True:
            event = await super().receive_output(timeout)
            if event["type"] != "websocket.send" or json.loads(event["text"])["action"] not in self.passes_over:
                return event

    async def receive_nothing(self, timeout: float = 0.1, interval: float = 0.01) -> bool:
        try:
            await self.receive_output(timeout)
        except TimeoutError:
            return True
        return False


class RestClient(AsyncClient):
    """Sends a user's token with each request; Django 5.2 loses the ``headers`` that an AsyncClient is made with."""

    def __init__(self, user: DemoUser | None) -> None:
        super().__init__()
        self._headers = {"Authorization": f"Token {user.token}"} if user else {}

    def generic(self, *args: Any, **kwargs: Any) -> Any:
        return super().generic(*args, **{**kwargs, "headers": self._headers})


def token_header(token: str) -> tuple[bytes, bytes]:
    return (b"authorization", f"Token {token}".encode())


def make_user(name: str) -> User:
    """A user who is in no room."""
    return User.objects.create(username=name)


@pytest.fixture
def fast_passwords() -> Iterator[None]:
    """Hashing takes its time on purpose; the tests have none."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture
def rooms(transactional_db: None, fast_passwords: None) -> Iterator[Seeded]:
    """The demo as it is seeded. The database must commit: consumers and views run in other threads."""
    # Throttles count there.
    cache.clear()
    # Whatever CHANNEL_LAYER says: a new layer for each test, without the groups of the last one.
    layers = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    with override_settings(CHANNEL_LAYERS=layers, ASSISTANT_TOKEN_DELAY=0):
        yield seed()


@pytest.fixture
async def connect(rooms: Seeded) -> AsyncIterator[Connect]:
    """Opens connections; they are closed after the test.

    ``connect(path, user)`` sends the user's token as a header. ``expect`` is the status of the authentication frame,
    which is read already.
    """
    opened: list[WebsocketCommunicator] = []

    async def open_connection(
        path: str,
        user: DemoUser | None = None,
        *,
        headers: Iterable[tuple[bytes, bytes]] = (),
        subprotocols: Iterable[str] = (),
        expect: int = 200,
    ) -> WebsocketCommunicator:
        credentials = [token_header(user.token)] if user else []
        client = Visitor(
            get_websocket_application(), path, headers=[*credentials, *headers], subprotocols=list(subprotocols)
        )
        opened.append(client)
        accepted, _ = await client.connect()
        assert accepted
        authentication = await client.wait_for_auth()
        assert authentication is not None
        assert authentication.payload.status_code == expect
        return client

    yield open_connection
    for client in opened:
        if not client.future.done():
            await client.disconnect()


@pytest.fixture
def rest(rooms: Seeded) -> Rest:
    """``rest(user)`` is an HTTP client that sends the user's token."""

    return RestClient
