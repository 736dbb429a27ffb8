"""The client that tests talk with, and the test case."""

import asyncio
import gc
from typing import Any, ClassVar, Literal

import pytest
from channels.db import aclose_old_connections, database_sync_to_async
from channels.routing import ProtocolTypeRouter, URLRouter
from django.contrib.auth.models import User
from django.test import TransactionTestCase, override_settings
from rest_framework.authentication import TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.permissions import IsAuthenticated

from chanx.exceptions import UndeclaredMessageError
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.registry import Registry, use_registry
from chanx.routing import path
from chanx.testing import WebsocketCommunicator, WebsocketTestCase
from chanx.utils.settings import override_chanx_settings
from tests.chanx.support import AUTHENTICATED, Count, OpenMixin, Said, client, connected, exactly

PONG = {"action": "pong", "payload": None}


class Leave(BaseMessage):
    action: Literal["leave"] = "leave"
    payload: int


class Slip(BaseMessage):
    """Makes the consumer send what it never declared."""

    action: Literal["slip"] = "slip"
    payload: None = None


with use_registry(Registry()):

    class Counting(OpenMixin, AsyncJsonWebsocketConsumer[Count | Leave | Slip | PingMessage]):
        outgoing_messages = Said
        #: The connection that was let in last.
        latest: ClassVar[Any] = None

        async def post_authentication(self) -> None:
            type(self).latest = self

        @handler
        async def count(self, message: Count) -> None:
            """Says as many things as it is told."""
            for number in range(message.payload):
                await self.send_message(Said(payload=str(number)))

        @handler
        async def leave(self, message: Leave) -> None:
            await self.close(message.payload)

        @handler
        async def slip(self, message: Slip) -> None:
            await self.send_message(Count(payload=1))

    class Private(Counting):
        authentication_classes = (TokenAuthentication,)
        permission_classes = (IsAuthenticated,)


def said(*numbers: int) -> list[dict[str, str]]:
    return [{"action": "said", "payload": str(number)} for number in numbers]


class TestHandshake:
    async def scope(self, **options: Any) -> Any:
        await (await connected(Counting, **options)).disconnect()
        return Counting.latest.scope

    async def test_host_and_origin_are_allowed_ones(self) -> None:
        headers = [(b"host", b"testserver"), (b"origin", b"http://testserver")]
        assert (await self.scope())["headers"] == headers
        assert (await self.scope(headers=[(b"x-a", b"b")]))["headers"] == [*headers, (b"x-a", b"b")]

    async def test_own_ones_replace_them(self) -> None:
        given = [(b"Host", b"localhost"), (b"Origin", b"http://localhost")]
        assert (await self.scope(headers=given))["headers"] == given

    async def test_an_empty_one_is_left_out(self) -> None:
        assert (await self.scope(headers=[(b"origin", b"")]))["headers"] == [(b"host", b"testserver")]
        assert (await self.scope(headers=[(b"origin", b""), (b"host", b"")]))["headers"] == []

    async def test_the_rest_is_what_a_server_states(self) -> None:
        scope = await self.scope(path="/ws/?a=1", subprotocols=["chanx.v1"])
        assert scope["type"] == "websocket"
        assert (scope["path"], scope["query_string"]) == ("/ws/", b"a=1")
        assert scope["subprotocols"] == ["chanx.v1"]
        assert scope["asgi"] == {"version": "3.0", "spec_version": "2.5"}
        assert scope["client"] == ("127.0.0.1", 0)


class TestSendMessage:
    @pytest.mark.parametrize(
        ("chanx", "expected"),
        [
            ({}, '{"action":"count","payload":3}'),
            ({"MESSAGE_ACTION_KEY": "type"}, '{"type":"count","payload":3}'),
        ],
    )
    async def test_it_speaks_the_wire_format_of_the_settings(self, chanx: dict[str, Any], expected: str) -> None:
        received: list[Any] = []

        async def listening(scope: Any, receive: Any, send: Any) -> None:
            received.append(await receive())

        with override_chanx_settings(**chanx):
            communicator = client(listening)
            await communicator.send_message(Count(payload=3))
            await communicator.wait()
        assert received == [{"type": "websocket.receive", "text": expected}]


class TestReceiveAllJson:
    @override_chanx_settings(SEND_COMPLETION=True)
    async def test_up_to_the_complete_frame(self) -> None:
        communicator = await connected(Counting)
        await communicator.send_message(Count(payload=3))
        await communicator.send_message(Count(payload=1))
        async with asyncio.timeout(4):
            assert await communicator.receive_all_json() == said(0, 1, 2)
            assert await communicator.receive_all_json() == said(0)
        await communicator.disconnect()

    @override_chanx_settings(SEND_COMPLETION=True, MESSAGE_ACTION_KEY="type")
    async def test_whatever_the_action_key_is(self) -> None:
        communicator = await connected_without_reading(Counting)
        await communicator.send_message(Count(payload=1))
        assert [frame["type"] for frame in await communicator.receive_all_json()] == ["authentication", "said"]
        await communicator.disconnect()

    async def test_up_to_the_time_out(self) -> None:
        communicator = await connected(Counting)
        await communicator.send_message(Count(payload=2))
        assert await communicator.receive_all_json(timeout=0.1) == said(0, 1)
        assert await communicator.receive_all_json(timeout=0.01) == []
        await communicator.disconnect()

    async def test_up_to_the_close(self) -> None:
        communicator = await connected(Counting)
        await communicator.send_message(Count(payload=2))
        await communicator.send_message(Leave(payload=4000))
        async with asyncio.timeout(4):
            assert await communicator.receive_all_json() == said(0, 1)


class TestReceiveUntilAction:
    async def test_the_frames_before(self) -> None:
        communicator = await connected(Counting)
        for _ in range(2):
            await communicator.send_message(Count(payload=2))
            await communicator.send_message(PingMessage())
        assert await communicator.receive_until_action("pong") == said(0, 1)
        assert await communicator.receive_until_action("pong", inclusive=True) == [*said(0, 1), PONG]
        await communicator.disconnect()

    @override_chanx_settings(MESSAGE_ACTION_KEY="type")
    async def test_whatever_the_action_key_is(self) -> None:
        communicator = await connected_without_reading(Counting)
        await communicator.send_message(PingMessage())
        frames = await communicator.receive_until_action("pong", inclusive=True)
        assert [frame["type"] for frame in frames] == ["authentication", "pong"]
        await communicator.disconnect()

    async def test_a_time_out_says_what_came_instead(self) -> None:
        communicator = await connected(Counting)
        await communicator.send_message(Count(payload=2))
        with pytest.raises(TimeoutError, match=exactly("no frame with the action 'pong' came; received: said, said.")):
            await communicator.receive_until_action("pong", timeout=0.1)
        await communicator.send_message(PingMessage())
        assert await communicator.receive_until_action("pong") == []
        await communicator.disconnect()

    async def test_a_close_ends_the_wait(self) -> None:
        communicator = await connected(Counting)
        await communicator.send_message(Leave(payload=4000))
        async with asyncio.timeout(4):
            with pytest.raises(TimeoutError, match=exactly("no frame with the action 'pong' came; received: nothing.")):
                await communicator.receive_until_action("pong")


async def connected_without_reading(consumer: Any) -> WebsocketCommunicator:
    communicator = client(consumer)
    assert (await communicator.connect())[0]
    return communicator


class TestWaitForAuth:
    @pytest.mark.parametrize("chanx", [{}, {"CAMELIZE": True, "MESSAGE_ACTION_KEY": "type"}], ids=["plain", "camel"])
    async def test_the_frame_as_a_message(self, chanx: dict[str, Any]) -> None:
        with override_chanx_settings(**chanx):
            communicator = await connected_without_reading(Counting)
            message = await communicator.wait_for_auth()
            await communicator.disconnect()
        assert message is not None
        assert message.model_dump() == AUTHENTICATED

    @override_chanx_settings(SEND_AUTHENTICATION_MESSAGE=False)
    async def test_none_where_none_is_sent(self) -> None:
        communicator = await connected_without_reading(Counting)
        assert await communicator.wait_for_auth() is None
        with pytest.raises(TimeoutError):
            await communicator.wait_for_auth(True, max_auth_time=0.01)
        await communicator.disconnect()

    async def test_the_argument_counts_before_the_setting(self) -> None:
        communicator = await connected_without_reading(Counting)
        assert await communicator.wait_for_auth(False) is None
        assert await communicator.wait_for_auth(True) is not None
        await communicator.disconnect()

    async def test_another_frame_is_none(self) -> None:
        communicator = await connected(Counting)
        await communicator.send_message(PingMessage())
        with pytest.raises(AssertionError, match=r'^expected an authentication frame, received {"action":"pong"'):
            await communicator.wait_for_auth()
        await communicator.disconnect()

    @pytest.mark.parametrize("expected", [True, False])
    async def test_the_rest_afterwards(self, expected: bool) -> None:
        communicator = await connected_without_reading(Counting)
        before = asyncio.get_running_loop().time()
        await communicator.wait_for_auth(expected, after_auth_time=0.05)
        assert asyncio.get_running_loop().time() - before >= 0.045
        await communicator.disconnect()


class TestAsserts:
    async def test_authenticated(self) -> None:
        communicator = await connected_without_reading(Counting)
        await communicator.assert_authenticated_status_ok()
        with pytest.raises(TimeoutError):
            await communicator.assert_authenticated_status_ok(max_auth_time=0.01)
        await communicator.disconnect()

    async def test_not_authenticated(self) -> None:
        communicator = await connected_without_reading(Private)
        with pytest.raises(AssertionError, match=r"^not authenticated: AuthenticationPayload\(status_code=401, "):
            await communicator.assert_authenticated_status_ok()
        await communicator.assert_closed(4401)

    @pytest.mark.parametrize("code", [None, 4000])
    async def test_closed(self, code: int | None) -> None:
        communicator = await connected(Counting)
        await communicator.send_message(Leave(payload=4000))
        await communicator.assert_closed(code)

    async def test_closed_with_another_code(self) -> None:
        communicator = await connected(Counting)
        await communicator.send_message(Leave(payload=4001))
        with pytest.raises(AssertionError, match=r"^closed with 4001, not 4000"):
            await communicator.assert_closed(4000)

    async def test_not_closed(self) -> None:
        communicator = await connected(Counting)
        await communicator.send_message(PingMessage())
        with pytest.raises(AssertionError, match=r"^expected the close, received {'type': 'websocket\.send'"):
            await communicator.assert_closed()
        with pytest.raises(TimeoutError):
            await communicator.assert_closed(timeout=0.01)
        await communicator.disconnect()


class TestReceiveOutput:
    async def test_a_failure_of_the_application_is_the_tests_at_once(self) -> None:
        async def failing(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "websocket.accept"})
            await receive()
            raise LookupError("broken")

        communicator = client(failing)
        await communicator.connect()
        async with asyncio.timeout(4):
            with pytest.raises(LookupError, match="broken"):
                await communicator.receive_output(timeout=60)

    async def test_what_was_sent_before_a_failure_comes_first(self) -> None:
        async def failing(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": "{}"})
            raise LookupError("broken")

        communicator = client(failing)
        await communicator.connect()
        assert await communicator.receive_json_from() == {}
        with pytest.raises(LookupError, match="broken"):
            await communicator.receive_output()

    async def test_an_application_that_ended_is_not_waited_for(self) -> None:
        async def ending(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "websocket.accept"})

        communicator = client(ending)
        await communicator.connect()
        async with asyncio.timeout(4):
            with pytest.raises(TimeoutError, match=exactly("the application has ended, and sends nothing more")):
                await communicator.receive_output(timeout=60)

    async def test_a_time_out_leaves_the_application_running(self) -> None:
        communicator = await connected(Counting)
        with pytest.raises(TimeoutError, match=exactly("the application sent nothing for 0.01 s")):
            await communicator.receive_output(timeout=0.01)
        await communicator.send_message(PingMessage())
        assert await communicator.receive_json_from() == PONG
        await communicator.disconnect()

    async def test_an_event_is_not_lost_to_an_earlier_time_out(self) -> None:
        communicator = await connected(Counting)
        for _ in range(3):
            with pytest.raises(TimeoutError):
                await communicator.receive_output(timeout=0)
        await communicator.send_message(Count(payload=2))
        assert [await communicator.receive_json_from() for _ in range(2)] == said(0, 1)
        await communicator.disconnect()

    async def test_an_undeclared_message_is_raised_into_the_test(self) -> None:
        communicator = await connected(Counting)
        await communicator.send_message(Slip())
        with pytest.raises(UndeclaredMessageError, match=r"Counting sends tests\.chanx\.support\.Count, which it does"):
            await communicator.receive_json_from()


class TestDisconnect:
    async def test_a_failure_of_the_application_is_the_tests(self) -> None:
        async def failing(scope: Any, receive: Any, send: Any) -> None:
            while (await receive())["type"] != "websocket.disconnect":
                pass
            raise LookupError("broken")

        communicator = client(failing)
        with pytest.raises(LookupError, match="broken"):
            await communicator.disconnect()


class TestDatabaseConnections:
    """They are the test's, and a test without a database may not even be asked for them."""

    @pytest.fixture
    def closed(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        closed: list[str] = []
        monkeypatch.setattr("django.db.close_old_connections", lambda: closed.append("closed"))
        return closed

    async def test_an_application_leaves_them_open_whether_or_not_the_test_waits(self, closed: list[str]) -> None:
        communicator = await connected(Counting)
        await communicator.send_message(PingMessage())
        await asyncio.sleep(0.05)
        await communicator.receive_json_from()
        await communicator.send_input({"type": "websocket.disconnect", "code": 1000})
        await asyncio.sleep(0.05)
        assert communicator.future.done()
        assert closed == []

    async def test_others_close_them_as_ever(self, closed: list[str]) -> None:
        await (await connected(Counting)).disconnect()
        await database_sync_to_async(str)()
        await aclose_old_connections()
        assert closed == ["closed"] * 3


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/", Private), path("open/", Counting)])})


@override_settings(ASGI_APPLICATION=f"{__name__}.application")
class TestTheTestCase(WebsocketTestCase):
    ws_path = "/ws/?color=red"

    def setUp(self) -> None:
        super().setUp()
        self.user = User.objects.create(username="alice")
        self.token = Token.objects.create(user=self.user).key

    def get_ws_headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"authorization", f"Token {self.token}".encode())]

    def get_subprotocols(self) -> list[str]:
        return ["chanx.v1"]

    async def test_the_first_client_is_the_users(self) -> None:
        assert await self.auth_communicator.connect() == (True, "chanx.v1")
        await self.auth_communicator.assert_authenticated_status_ok()
        await self.auth_communicator.send_message(PingMessage())
        assert await self.auth_communicator.receive_json_from() == PONG
        assert Private.latest.user == self.user
        assert Private.latest.request.query_params["color"] == "red"
        await self.auth_communicator.disconnect()

    async def test_others_do_not_replace_it(self) -> None:
        stranger = self.create_communicator(headers=[])
        await stranger.connect()
        await self.auth_communicator.connect()
        await self.auth_communicator.assert_authenticated_status_ok()
        message = await stranger.wait_for_auth()
        assert message is not None
        assert message.payload.status_code == 401
        await stranger.assert_closed(4401)
        await self.auth_communicator.disconnect()

    async def test_each_other_client_chooses(self) -> None:
        elsewhere = self.create_communicator(ws_path="/open/", subprotocols=[])
        assert await elsewhere.connect() == (True, None)
        alone = self.create_communicator(router=Counting.as_asgi(), headers=[(b"origin", b"http://testserver")])
        assert await alone.connect() == (True, "chanx.v1")
        for communicator in (elsewhere, alone):
            await communicator.assert_authenticated_status_ok()
            await communicator.disconnect()

    async def test_a_client_that_nobody_holds_stays_connected(self) -> None:
        ended: list[bool] = []

        async def waiting(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "websocket.accept"})
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

        await self.create_communicator(router=waiting).connect()
        gc.collect()
        await asyncio.sleep(0.01)
        assert not ended

    def test_it_commits_what_consumers_in_other_threads_must_see(self) -> None:
        assert isinstance(self, TransactionTestCase)


@override_settings(ASGI_APPLICATION=f"{__name__}.application")
class TestTheTestCaseAsItComes(WebsocketTestCase):
    ws_path = "/open/"

    async def test_it_logs_nobody_in_and_offers_no_subprotocol(self) -> None:
        assert await self.auth_communicator.connect() == (True, None)
        await self.auth_communicator.assert_authenticated_status_ok()
        assert Counting.latest.user.is_anonymous
        await self.auth_communicator.disconnect()


def test_a_test_case_without_an_address_is_told_so() -> None:
    class Nowhere(WebsocketTestCase):
        def test(self) -> None:
            raise NotImplementedError

    with pytest.raises(AttributeError, match=exactly("Nowhere has no ws_path; set it to the address under test.")):
        Nowhere("test").setUp()
