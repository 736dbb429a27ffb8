"""Testing consumers: a client that speaks chanx's frames, and a test case that knows how to connect.

The client sends an Origin that is allowed, and marks its connections as tests: a message that a consumer sends
without having declared it is raised into the test.
"""

import asyncio
import json
from collections.abc import Iterable, Sequence
from typing import Any, Final, cast
from weakref import WeakSet

from channels import db as channels_db
from channels.testing import WebsocketCommunicator as ChannelsCommunicator
from django import db as django_db
from django.test import TransactionTestCase

from chanx.blocking import may_block
from chanx.codec import Codec
from chanx.database import lend_connections
from chanx.generic.sending import TESTING_SCOPE_KEY
from chanx.messages.base import BaseMessage
from chanx.messages.outgoing import ACTION_COMPLETE, AuthenticationMessage
from chanx.settings import chanx_settings
from chanx.utils.asgi import get_websocket_application
from chanx.wire_format import WireFormat

Headers = Iterable[tuple[bytes, bytes]]

#: The host that Django's own test client calls; Django's test runners allow it.
TEST_HOST: Final = b"testserver"


#: The tasks of applications that tests are running now.
_running: WeakSet[asyncio.Task[Any]] = WeakSet()


def _under_test(application: Any) -> Any:
    """The application; while it runs, Channels leaves database connections open, because they are the test's.

    Channels' communicator does so only while a test waits for the application. What happened in between failed in a
    test without a database that ran after one with.
    """

    async def run(scope: Any, receive: Any, send: Any) -> None:
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        _running.add(task)
        try:
            await application(scope, receive, send)
        finally:
            _running.discard(task)

    return run


def _close_old_connections() -> None:
    if not _running:
        django_db.close_old_connections()


cast("Any", channels_db).close_old_connections = _close_old_connections
lend_connections(lambda: bool(_running))


class WebsocketCommunicator(ChannelsCommunicator):
    """A WebSocket client for tests, connected to an ASGI application inside this process.

    ``headers`` gain ``Host`` and an ``Origin`` of the same host, unless they have their own; an empty value leaves
    the header out.
    """

    def __init__(
        self,
        application: Any,
        path: str,
        headers: Headers | None = None,
        subprotocols: Sequence[str] | None = None,
        spec_version: int | None = None,
    ) -> None:
        given = list(headers or ())
        names = {name.lower() for name, _ in given}
        defaults = [(b"host", TEST_HOST), (b"origin", b"http://" + TEST_HOST)]
        given = [*(pair for pair in defaults if pair[0] not in names), *(pair for pair in given if pair[1])]
        super().__init__(_under_test(application), path, given, list(subprotocols or ()), spec_version)
        scope = cast("dict[str, Any]", self.scope)
        scope[TESTING_SCOPE_KEY] = True
        # What every server but daphne states; without it consumers would close with daphne's codes.
        scope.setdefault("asgi", {"version": "3.0", "spec_version": "2.5"})
        scope.setdefault("client", ("127.0.0.1", 0))

    async def send_message(self, message: BaseMessage) -> None:
        """Sends a message in the wire format of the settings."""
        await self.send_to(text_data=await may_block(Codec({}, WireFormat.from_settings()).encode, message))

    async def receive_all_json(self, timeout: float = 5) -> list[dict[str, Any]]:
        """The frames until a ``complete`` frame, the close, or ``timeout`` seconds without a frame.

        Needs SEND_COMPLETION to return at once; the complete frame itself is left out.
        """
        frames: list[dict[str, Any]] = []
        while (frame := await self._next_frame(timeout)) is not None:
            if frame.get(_action_key()) == ACTION_COMPLETE:
                break
            frames.append(frame)
        return frames

    async def receive_until_action(
        self, action: str, timeout: float = 5, *, inclusive: bool = False
    ) -> list[dict[str, Any]]:
        """The frames until one with ``action``, which only ``inclusive`` keeps.

        Raises TimeoutError when ``timeout`` seconds pass without a frame, or the connection closes, before it came.
        """
        frames: list[dict[str, Any]] = []
        while (frame := await self._next_frame(timeout)) is not None:
            found = frame.get(_action_key()) == action
            if inclusive or not found:
                frames.append(frame)
            if found:
                return frames
        seen = ", ".join(str(frame.get(_action_key())) for frame in frames) or "nothing"
        raise TimeoutError(f"no frame with the action {action!r} came; received: {seen}.")

    async def wait_for_auth(
        self,
        send_authentication_message: bool | None = None,
        max_auth_time: float = 5,
        after_auth_time: float = 0,
    ) -> AuthenticationMessage | None:
        """The authentication frame; None where the setting, or the argument, says that none is sent.

        ``max_auth_time`` is the longest wait for it, ``after_auth_time`` a rest afterwards, both in seconds. Raises
        TimeoutError when it does not come.
        """
        expected = (
            chanx_settings.SEND_AUTHENTICATION_MESSAGE
            if send_authentication_message is None
            else send_authentication_message
        )
        if not expected:
            await asyncio.sleep(after_auth_time)
            return None
        text = str(await self.receive_from(max_auth_time))
        codec: Codec = Codec({"authentication": AuthenticationMessage}, WireFormat.from_settings())
        message = getattr(codec.decode(text), "message", None)
        assert isinstance(message, AuthenticationMessage), f"expected an authentication frame, received {text}"
        await asyncio.sleep(after_auth_time)
        return message

    async def assert_authenticated_status_ok(self, max_auth_time: float = 5) -> None:
        """Fails unless the authentication frame comes and says 200."""
        message = await self.wait_for_auth(True, max_auth_time)
        assert message is not None
        assert message.payload.status_code == 200, f"not authenticated: {message.payload!r}"

    async def assert_closed(self, code: int | None = None, timeout: float = 5) -> None:
        """Fails unless the server closes next, with ``code`` when one is given."""
        event = cast("dict[str, Any]", await self.receive_output(timeout))
        assert event["type"] == "websocket.close", f"expected the close, received {event}"
        assert code in (None, event.get("code")), f"closed with {event.get('code')}, not {code}"

    async def receive_output(self, timeout: float = 1) -> Any:
        """The next ASGI event of the application.

        Raises what the application raised, at once, and TimeoutError when it ended or ``timeout`` seconds passed
        without an event. Unlike Channels' own, a time-out leaves the application running, so that a test may go on.
        """
        event = asyncio.ensure_future(self.output_queue.get())
        await asyncio.wait({event, self.future}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if event.done():
            return event.result()
        event.cancel()
        if self.future.done():
            self.future.result()
            raise TimeoutError("the application has ended, and sends nothing more")
        raise TimeoutError(f"the application sent nothing for {timeout} s")

    async def _next_frame(self, timeout: float) -> dict[str, Any] | None:
        """The next frame; None at the close, or after ``timeout`` seconds without one."""
        try:
            event = await self.receive_output(timeout)
        except TimeoutError:
            return None
        return json.loads(event["text"]) if event["type"] == "websocket.send" else None


def _action_key() -> str:
    return chanx_settings.MESSAGE_ACTION_KEY


class WebsocketTestCase(TransactionTestCase):
    """A Django test case for one WebSocket address, with asynchronous test methods.

    ::

        class ChatTest(WebsocketTestCase):
            ws_path = "/ws/chat/1/"

            def get_ws_headers(self):
                return [(b"authorization", b"Token ...")]

            async def test_ping(self):
                await self.auth_communicator.connect()
                await self.auth_communicator.assert_authenticated_status_ok()
    """

    #: The address, with its query string if any. Raises AttributeError when a subclass sets none.
    ws_path: str

    def setUp(self) -> None:
        super().setUp()
        if not hasattr(self, "ws_path"):
            raise AttributeError(f"{type(self).__name__} has no ws_path; set it to the address under test.")
        self._auth_communicator: WebsocketCommunicator | None = None
        # A client that nobody refers to any more would be stopped.
        self._communicators: list[WebsocketCommunicator] = []

    def get_ws_headers(self) -> list[tuple[bytes, bytes]]:
        """Headers of each connection; override to log a user in."""
        return []

    def get_subprotocols(self) -> list[str]:
        """Subprotocols that each connection offers."""
        return []

    def create_communicator(
        self,
        *,
        router: Any = None,
        ws_path: str | None = None,
        headers: Headers | None = None,
        subprotocols: Sequence[str] | None = None,
    ) -> WebsocketCommunicator:
        """A client for ``ws_path`` on the project's WebSocket application; it ends with the test's event loop."""
        communicator = WebsocketCommunicator(
            get_websocket_application() if router is None else router,
            self.ws_path if ws_path is None else ws_path,
            headers=self.get_ws_headers() if headers is None else headers,
            subprotocols=self.get_subprotocols() if subprotocols is None else subprotocols,
        )
        self._communicators.append(communicator)
        return communicator

    @property
    def auth_communicator(self) -> WebsocketCommunicator:
        """The client with the headers of :meth:`get_ws_headers`, made on first use, the same one all through a test."""
        if self._auth_communicator is None:
            self._auth_communicator = self.create_communicator()
        return self._auth_communicator
