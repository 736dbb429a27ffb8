"""A request is handled at most once, and whoever sends it again gets what the first one got."""

import asyncio
import json
import types
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, ClassVar, Literal

import pytest
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from pydantic import BaseModel, ConfigDict
from pytest_django import Settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from chanx.connections import Connections
from chanx.deduplication import Deduplication
from chanx.deduplication.base import Claim
from chanx.deduplication.memory import MemoryLedger
from chanx.exceptions import ConsumerDefinitionError
from chanx.generic import deduplicating
from chanx.generic.authenticator import AuthenticationClasses, PermissionClasses
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.history import GroupHistory
from chanx.history.engines import engine_beside
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.registry import Registry, use_registry
from chanx.routing import path
from chanx.testing import WebsocketCommunicator
from chanx.utils.settings import override_chanx_settings
from tests.chanx.support import Count, News, OpenMixin, Said, Say, client, connected, refused, said, say


class Fails(BaseMessage):
    action: Literal["fails"] = "fails"
    payload: None = None


class Waits(BaseMessage):
    action: Literal["waits"] = "waits"
    payload: None = None


class Counted(BaseMessage):
    action: Literal["counted"] = "counted"
    payload: int


class Handled:
    """What was handled, in order; and what handlers wait for."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.ended: list[str] = []
        self.may_go_on = asyncio.Event()

    async def begun(self, count: int = 1) -> None:
        async with asyncio.timeout(5):
            while len(self.calls) < count:
                await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def handled() -> Iterator[Handled]:
    Desk.handled = Handled()
    yield Desk.handled
    Desk.handled.may_go_on.set()


class Desk(OpenMixin, AsyncJsonWebsocketConsumer[Say | Count | Fails | Waits | PingMessage]):
    """Takes requests."""

    deduplication = Deduplication(window=60, requests=20, size=2000)
    handled: ClassVar[Handled]

    @handler
    async def say(self, message: Say) -> Said:
        self.handled.calls.append(message.payload)
        return Said(payload=f"{message.payload} {len(self.handled.calls)}")

    @handler
    async def count(self, message: Count) -> AsyncIterator[Counted]:
        self.handled.calls.append("count")
        for number in range(message.payload):
            yield Counted(payload=number)

    @handler
    async def fails(self, message: Fails) -> None:
        self.handled.calls.append("fails")
        raise RuntimeError

    @handler
    async def waits(self, message: Waits) -> Said:
        self.handled.calls.append("waits")
        await self.handled.may_go_on.wait()
        self.handled.ended.append("waits")
        return Said(payload="waited")


class Client:
    """A client that remembers its name."""

    def __init__(self, communicator: WebsocketCommunicator, name: str) -> None:
        self.communicator = communicator
        self.name = name

    @classmethod
    async def connect(cls, consumer: Any = Desk, **options: Any) -> "Client":
        communicator = await connected(consumer, **options)
        frame = await communicator.receive_json_from()
        assert frame["action"] == "positions"
        return cls(communicator, frame["payload"]["client"])

    async def send(self, frame: dict[str, Any]) -> None:
        await self.communicator.send_json_to(frame)

    async def hear(self) -> dict[str, Any]:
        return dict(await self.communicator.receive_json_from(timeout=5))

    async def ask(self, frame: dict[str, Any]) -> dict[str, Any]:
        await self.send(frame)
        return await self.hear()

    async def leave(self) -> None:
        await self.communicator.disconnect()


async def code_of(client: Client, frame: dict[str, Any]) -> str:
    """Of the failure that answers a frame."""
    answer = await client.ask(frame)
    assert answer["action"] == "error", answer
    return str(answer["payload"]["code"])


WAITS = {"action": "waits", "id": "w"}


async def test_a_name_comes_before_everything_else() -> None:
    communicator = await connected(Desk)
    frame = await communicator.receive_json_from()
    assert frame == {"action": "positions", "payload": {"client": frame["payload"]["client"], "groups": {}}}
    await communicator.disconnect()


@pytest.mark.parametrize("number", [1, "a-1", "", -5, 2**63 - 1])
async def test_a_repeat_gets_the_first_reply(handled: Handled, number: int | str) -> None:
    client = await Client.connect()
    first = await client.ask(say("a", id=number))
    assert first == said("a 1", reply_to=number)
    assert await client.ask(say("a", id=number)) == first
    again = await Client.connect()
    assert await again.ask(say("a", id=number, retry=client.name)) == first
    assert await again.ask(say("a", id=number, retry=client.name)) == first
    assert handled.calls == ["a"]


async def test_the_same_id_of_another_connection_is_another_request(handled: Handled) -> None:
    for expected in ("a 1", "a 2"):
        client = await Client.connect()
        assert await client.ask(say("a", id=1)) == said(expected, reply_to=1)


async def test_a_repeat_of_what_never_arrived_is_handled(handled: Handled) -> None:
    client = await Client.connect()
    await client.leave()
    again = await Client.connect()
    assert await again.ask(say("a", id=1, retry=client.name)) == said("a 1", reply_to=1)
    # From then on it is a request of the first connection, and not of this one.
    assert await again.ask(say("b", id=1)) == said("b 2", reply_to=1)
    assert await again.ask(say("a", id=1, retry=client.name)) == said("a 1", reply_to=1)


async def test_frames_without_an_id_are_handled_each_time(handled: Handled) -> None:
    client = await Client.connect()
    assert [await client.ask(say("a")) for _ in range(2)] == [said("a 1"), said("a 2")]
    for _ in range(2):
        assert await client.ask({"action": "ping", "id": 1}) == {"action": "pong", "payload": None, "reply_to": 1}


async def test_a_stream_comes_again_as_a_whole(handled: Handled) -> None:
    client = await Client.connect()
    for _ in range(2):
        await client.send({"action": "count", "payload": 3, "id": 1})
        assert [(await client.hear())["payload"] for _ in range(3)] == [0, 1, 2]
    assert handled.calls == ["count"]


async def test_completions_come_each_time() -> None:
    with override_chanx_settings(SEND_COMPLETION=True):
        client = await Client.connect()
        for _ in range(2):
            await client.send({"action": "count", "payload": 1, "id": 1})
            assert [(await client.hear())["action"] for _ in range(2)] == ["counted", "complete"]


async def test_a_failure_is_an_answer_as_well(handled: Handled) -> None:
    client = await Client.connect()
    first = await client.ask({"action": "fails", "id": 1})
    assert first["payload"]["code"] == "handler_failed"
    assert await client.ask({"action": "fails", "id": 1}) == first
    assert handled.calls == ["fails"]


async def test_another_frame_with_the_same_id_is_refused(handled: Handled) -> None:
    client = await Client.connect()
    await client.ask(say("a", id=1))
    assert await code_of(client, say("b", id=1)) == "id_reused"
    assert await client.ask(say("b", id="1")) == said("b 2", reply_to="1")
    # What is said counts, and not how it is written.
    await client.communicator.send_to(text_data='{ "id":1, "payload":"\\u0061", "action":"say" }')
    assert await client.hear() == said("a 1", reply_to=1)
    assert handled.calls == ["a", "b"]


async def test_what_is_refused_may_be_sent_again_with_the_same_id(handled: Handled) -> None:
    client = await Client.connect()
    wrong = await client.ask({"action": "say", "payload": 5, "id": 1})
    assert wrong["payload"][0]["type"] == "string_type"
    assert await client.ask(say("a", id=1)) == said("a 1", reply_to=1)


# -- disconnects


async def test_a_disconnect_does_not_cancel_a_request(handled: Handled) -> None:
    client = await Client.connect()
    await client.send(WAITS)
    await handled.begun()
    leaving = asyncio.create_task(client.leave())
    again = await Client.connect()
    await again.send({**WAITS, "retry": client.name})
    await again.send(say("behind", id=2))
    assert await again.communicator.receive_nothing(0.2)
    handled.may_go_on.set()
    assert await again.hear() == said("waited", reply_to="w")
    assert await again.hear() == said("behind 2", reply_to=2)
    await leaving
    assert handled.calls == ["waits", "behind"]
    assert handled.ended == ["waits"]


async def test_a_disconnect_still_cancels_everything_else(handled: Handled) -> None:
    client = await Client.connect()
    await client.send({"action": "waits"})
    await handled.begun()
    await client.leave()
    assert handled.ended == []


async def test_what_waits_behind_it_is_dropped_and_may_be_sent_again(handled: Handled) -> None:
    client = await Client.connect()
    await client.send(WAITS)
    await client.send(say("behind", id=2))
    await handled.begun()
    handled.may_go_on.set()
    await client.leave()
    again = await Client.connect()
    answer = await again.ask(say("behind", id=2, retry=client.name))
    assert answer["payload"].startswith("behind")
    assert handled.calls.count("behind") == 1


class Parallel(Desk):
    max_concurrency = 4


class Patient(Desk):
    cancel_on_disconnect = False


@pytest.mark.parametrize("consumer", [Parallel, Patient])
async def test_other_ways_to_handle(handled: Handled, consumer: type[Desk]) -> None:
    client = await Client.connect(consumer)
    await client.send(WAITS)
    await client.send(WAITS)
    await handled.begun()
    leaving = asyncio.create_task(client.leave())
    again = await Client.connect(consumer)
    await again.send({**WAITS, "retry": client.name})
    handled.may_go_on.set()
    assert await again.hear() == said("waited", reply_to="w")
    await leaving
    assert handled.calls == ["waits"]


async def test_whoever_waits_for_another_handler_may_leave(handled: Handled) -> None:
    client = await Client.connect()
    await client.send(WAITS)
    await handled.begun()
    again = await Client.connect()
    await again.send({**WAITS, "retry": client.name})
    await asyncio.sleep(0.2)
    async with asyncio.timeout(5):
        await again.leave()
    handled.may_go_on.set()
    assert await client.hear() == said("waited", reply_to="w")


async def test_when_the_server_ends_the_connection_nobody_knows_how_it_ended(handled: Handled) -> None:
    client = await Client.connect()
    await client.send(WAITS)
    await handled.begun()
    (connection,) = Connections.of(asyncio.get_running_loop())
    await connection.end_connection(4401)
    await client.communicator.assert_closed(4401)
    await client.leave()
    again = await Client.connect()
    async with asyncio.timeout(5):
        while await code_of(again, {**WAITS, "retry": client.name}) != "outcome_unknown":
            await asyncio.sleep(0.05)
    assert handled.calls == ["waits"]
    assert handled.ended == []


class Hurried(Desk):
    handler_timeout = 0.1


async def test_a_handler_that_takes_too_long_is_not_run_again(handled: Handled) -> None:
    client = await Client.connect(Hurried)
    assert await code_of(client, WAITS) == "handler_timeout"
    again = await Client.connect(Hurried)
    async with asyncio.timeout(5):
        while await code_of(again, {**WAITS, "retry": client.name}) != "outcome_unknown":
            await asyncio.sleep(0.05)
    assert handled.calls == ["waits"]


async def test_a_long_handler_stays_alive(handled: Handled, monkeypatch: pytest.MonkeyPatch) -> None:
    leases: list[float] = []
    renew = MemoryLedger.renew

    async def counting(self: MemoryLedger, *args: Any, lease: float = 7, **kwargs: Any) -> None:
        leases.append(lease)
        await renew(self, *args, lease=lease, **kwargs)

    monkeypatch.setattr(MemoryLedger, "renew", counting)
    monkeypatch.setattr(deduplicating, "RENEWAL", 0.01)
    client = await Client.connect()
    await client.send(WAITS)
    async with asyncio.timeout(5):
        while len(leases) < 3:
            await asyncio.sleep(0.01)
    handled.may_go_on.set()
    assert await client.hear() == said("waited", reply_to="w")
    renewed = len(leases)
    await asyncio.sleep(0.1)
    assert len(leases) == renewed
    assert set(leases) == {7}


# -- who may have replies


class ByHeader(BaseAuthentication):
    """Whoever says so is it."""

    def authenticate(self, request: Request) -> tuple[Any, None] | None:
        name = request.headers.get("X-User")
        return None if name is None else (User(name), None)


class User:
    is_authenticated = True
    is_active = True

    def __init__(self, name: str) -> None:
        self.pk = name


class InTheClub(BasePermission):
    members: ClassVar[set[str]] = set()

    def has_permission(self, request: Request, view: Any) -> bool:
        return str(request.user.pk) in self.members


class Guarded(Desk):
    authentication_classes: AuthenticationClasses = (ByHeader,)
    permission_classes: PermissionClasses = (InTheClub,)


def user(name: str) -> list[tuple[bytes, bytes]]:
    return [(b"x-user", name.encode())]


@pytest.fixture
def club() -> Iterator[set[str]]:
    InTheClub.members = {"alice", "bob"}
    yield InTheClub.members
    InTheClub.members = set()


async def test_another_user_gets_nothing(handled: Handled, club: set[str]) -> None:
    alice = await Client.connect(Guarded, headers=user("alice"))
    await alice.ask(say("secret", id=1))
    bob = await Client.connect(Guarded, headers=user("bob"))
    assert await code_of(bob, say("secret", id=1, retry=alice.name)) == "outcome_unknown"
    again = await Client.connect(Guarded, headers=user("alice"))
    assert await again.ask(say("secret", id=1, retry=alice.name)) == said("secret 1", reply_to=1)
    assert handled.calls == ["secret"]


async def test_who_has_lost_the_right_gets_nothing(handled: Handled, club: set[str]) -> None:
    alice = await Client.connect(Guarded, headers=user("alice"))
    await alice.ask(say("secret", id=1))
    again = await Client.connect(Guarded, headers=user("alice"))
    club.remove("alice")
    await again.send(say("secret", id=1, retry=alice.name))
    await again.communicator.assert_closed(4403)
    await refused(client(Guarded, headers=user("alice")))
    assert handled.calls == ["secret"]


async def test_where_nobody_can_decide_nothing_is_told(club: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    alice = await Client.connect(Guarded, headers=user("alice"))
    await alice.ask(say("secret", id=1))

    def fails(*args: Any) -> bool:
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(InTheClub, "has_permission", fails)
        assert await code_of(alice, say("secret", id=1)) == "unavailable"
    assert await alice.ask(say("secret", id=1)) == said("secret 1", reply_to=1)


@pytest.mark.parametrize("address", ["/ws/2/", "/other/1/"])
async def test_another_address_gets_nothing(handled: Handled, address: str) -> None:
    routes = URLRouter([path("ws/<int:room>/", Desk), path("other/<int:room>/", Parallel)])
    here = await Client.connect(routes, path="/ws/1/")
    await here.ask(say("a", id=1))
    there = await Client.connect(routes, path=address)
    assert await code_of(there, say("a", id=1, retry=here.name)) == "outcome_unknown"
    back = await Client.connect(routes, path="/ws/1/")
    assert await back.ask(say("a", id=1, retry=here.name)) == said("a 1", reply_to=1)
    assert handled.calls == ["a"]


class RoomQuery(BaseModel):
    room: str = "hall"


class Queried(Desk):
    query_params: RoomQuery


async def test_other_query_parameters_get_nothing(handled: Handled) -> None:
    """Those that the class declares; a credential in the address is another one each time."""
    hall = await Client.connect(Queried, path="/ws/?token=1")
    await hall.ask(say("a", id=1))
    cellar = await Client.connect(Queried, path="/ws/?room=cellar")
    assert await code_of(cellar, say("a", id=1, retry=hall.name)) == "outcome_unknown"
    back = await Client.connect(Queried, path="/ws/?room=hall&token=2")
    assert await back.ask(say("a", id=1, retry=hall.name)) == said("a 1", reply_to=1)
    assert handled.calls == ["a"]


@pytest.mark.parametrize("forged", ["", "x", "a.b.c", "é", "." * 64])
async def test_a_name_that_was_never_given_is_good_for_nothing(handled: Handled, forged: str) -> None:
    client = await Client.connect()
    assert await code_of(client, say("a", id=1, retry=forged)) == "outcome_unknown"
    assert handled.calls == []


@pytest.mark.parametrize("wrong", [1, True, [], {}, "x" * 65])
async def test_a_name_that_is_none(handled: Handled, wrong: Any) -> None:
    client = await Client.connect()
    answer = await client.ask(say("a", id=1, retry=wrong))
    assert (answer["payload"][0]["type"], answer["payload"][0]["loc"]) == ("invalid_retry", ["retry"])
    assert answer["reply_to"] == 1
    assert handled.calls == []


@pytest.mark.parametrize("frame", [say("a"), {"action": "ping", "id": 1}])
async def test_what_is_no_request_cannot_be_sent_again(handled: Handled, frame: dict[str, Any]) -> None:
    client = await Client.connect()
    answer = await client.ask({**frame, "retry": client.name})
    assert answer["payload"][0]["type"] == "invalid_retry"
    assert handled.calls == []


async def test_a_name_of_before_the_memory_was_lost(
    handled: Handled, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await Client.connect()
    await client.ask(say("a", id=1))
    layer = get_channel_layer()
    assert layer is not None
    monkeypatch.setattr(engine_beside(layer), "_ledger", MemoryLedger())
    again = await Client.connect()
    assert await code_of(again, say("a", id=1, retry=client.name)) == "outcome_unknown"
    assert await again.ask(say("b", id=1)) == said("b 2", reply_to=1)
    assert handled.calls == ["a", "b"]


# -- the text of a frame


class Strict(BaseMessage):
    model_config = ConfigDict(extra="forbid")

    action: Literal["strict"] = "strict"
    payload: str


class StrictDesk(OpenMixin, AsyncJsonWebsocketConsumer[Strict]):
    deduplication = Deduplication()

    @handler
    async def strict(self, message: Strict) -> Said:
        Desk.handled.calls.append(message.payload)
        return Said(payload=message.payload)


async def test_a_message_that_forbids_other_keys_does_not_see_it(handled: Handled) -> None:
    client = await Client.connect(StrictDesk)
    frame = {"action": "strict", "payload": "a", "id": 1}
    first = await client.ask(frame)
    assert first == said("a", reply_to=1)
    text = json.dumps({**frame, "retry": client.name}).replace('"retry"', '"\\u0072etry"')
    await client.communicator.send_to(text_data=text)
    assert await client.hear() == first
    # The word alone is nothing to look at.
    assert await client.ask({"action": "strict", "payload": '"retry"', "id": 2}) == said('"retry"', reply_to=2)
    assert handled.calls == ["a", '"retry"']


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"action":"say","payload":"a","id":1,"id":1,"retry":"NAME"}', "duplicate_key"),
        ('{"action":"say","payload":"a","payload":"a","id":1,"retry":"NAME"}', "duplicate_key"),
        ('{"action":"say","payload":"a","id":null,"retry":"NAME"}', "invalid_id"),
        ('{"action":"say","payload":1e999,"id":1,"retry":"NAME"}', "invalid_number"),
        ('{"action":"nothing","payload":"a","id":1,"retry":"NAME"}', "union_tag_invalid"),
        ('{"action":"say","payload":"a","id":1,"retry":"NAME"', "invalid_json"),
    ],
)
async def test_what_is_wrong_with_a_frame_is_not_lost_with_the_key(handled: Handled, text: str, kind: str) -> None:
    client = await Client.connect()
    await client.communicator.send_to(text_data=text.replace("NAME", client.name))
    assert (await client.hear())["payload"][0]["type"] == kind
    assert handled.calls == []


class Hooked(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
    """Written without handlers, and with hooks that see each frame."""

    deduplication = Deduplication()
    outgoing_messages = Said

    async def receive_message(self, message: Say, **kwargs: Any) -> None:
        Desk.handled.calls.append(message.payload)
        await self.send_message(Said(payload=message.payload))

    async def receive_json(self, content: dict[str, Any], **kwargs: Any) -> None:
        await super().receive_json(content, **kwargs)

    async def send_json(self, content: dict[str, Any], close: bool | int = False) -> None:
        await super().send_json({**content, "hooked": True}, close)

    async def send(  # type: ignore[override]  # as in Channels
        self, text_data: str | None = None, bytes_data: bytes | None = None, close: bool = False
    ) -> None:
        Desk.handled.ended.append("sent")
        await super().send(text_data, bytes_data, close)


async def test_a_class_with_hooks(handled: Handled) -> None:
    client = await Client.connect(Hooked)
    first = await client.ask(say("x", id=1))
    assert first["reply_to"] == 1
    assert await client.ask(say("x", id=1, retry=client.name)) == first
    assert handled.calls == ["x"]
    # Both are sent by way of the hook, as everything is: behind the first two of each connection.
    assert handled.ended == ["sent"] * 4


# -- limits


async def test_a_client_that_asks_too_much_is_throttled(handled: Handled) -> None:
    client = await Client.connect()
    for number in range(20):
        await client.ask(say("a", id=number))
    answer = await client.ask(say("a", id=20))
    assert answer["payload"]["code"] == "throttled"
    assert 0 < answer["payload"]["retry_after"] <= 91
    # What was answered still is.
    assert await client.ask(say("a", id=0)) == said("a 1", reply_to=0)
    assert len(handled.calls) == 20
    another = await Client.connect()
    assert await another.ask(say("a", id=0)) == said("a 21", reply_to=0)


async def test_replies_that_are_too_long_are_not_kept(handled: Handled) -> None:
    client = await Client.connect()
    await client.ask(say("x" * 3000, id=1))
    assert await code_of(client, say("x" * 3000, id=1)) == "replies_not_kept"
    assert len(handled.calls) == 1


@pytest.mark.parametrize("wrong", ["x" * 65, 2**63, 1.5, None, [], True])
async def test_ids_that_are_none_are_refused_as_ever(handled: Handled, wrong: Any) -> None:
    client = await Client.connect()
    assert (await client.ask(say("a", id=wrong)))["payload"][0]["type"] == "invalid_id"
    assert handled.calls == []


class OnceAnHour(SimpleRateThrottle):
    rate = "1/hour"
    allowed: ClassVar[bool] = False

    def allow_request(self, request: Request, view: Any) -> bool:
        return self.allowed

    def wait(self) -> float:
        return 1.0


class Throttled(Desk):
    message_throttle_classes = (OnceAnHour,)


async def test_a_throttled_request_was_not_handled(handled: Handled, monkeypatch: pytest.MonkeyPatch) -> None:
    client = await Client.connect(Throttled)
    assert await code_of(client, say("a", id=1)) == "throttled"
    monkeypatch.setattr(OnceAnHour, "allowed", True)
    assert await client.ask(say("a", id=1)) == said("a 1", reply_to=1)
    monkeypatch.setattr(OnceAnHour, "allowed", False)
    # The reply is there, and costs the service nothing.
    assert await client.ask(say("a", id=1)) == said("a 1", reply_to=1)


# -- a ledger that is away


@pytest.fixture
def break_ledger(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def break_it(method: str) -> None:
        async def fails(*args: Any, **kwargs: Any) -> Claim:
            raise ConnectionError

        monkeypatch.setattr(MemoryLedger, method, fails)

    return break_it


async def test_without_a_ledger_nothing_is_handled(
    handled: Handled, break_ledger: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    client = await Client.connect()
    break_ledger("claim")
    assert await code_of(client, say("a", id=1)) == "unavailable"
    (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert "cannot find out whether a request was handled before" in record.getMessage()
    assert record.exc_info is not None
    assert record.exc_info[0] is ConnectionError
    assert handled.calls == []
    # What is no request needs none.
    assert await client.ask(say("a")) == said("a 1")


async def test_without_a_ledger_nobody_is_let_in(break_ledger: Callable[[str], None]) -> None:
    break_ledger("epoch")
    communicator = client(Desk)
    assert (await communicator.connect())[0]
    await communicator.assert_closed(1013)


async def test_a_reply_that_cannot_be_kept_still_arrives(handled: Handled, break_ledger: Callable[[str], None]) -> None:
    client = await Client.connect()
    break_ledger("finish")
    assert await client.ask(say("a", id=1)) == said("a 1", reply_to=1)
    assert await client.ask(say("b", id=2)) == said("b 2", reply_to=2)


# -- beside a history


class Chat(OpenMixin, AsyncJsonWebsocketConsumer[Say | Count, None, News]):
    """Joins a group when it is asked to."""

    history = GroupHistory(size=10, ttl=60)
    deduplication = Deduplication(only=(Say,))
    groups = ["room"]  # noqa: RUF012 - as Channels has it

    @handler
    async def say(self, message: Say) -> Said:
        Desk.handled.calls.append(message.payload)
        await self.join_group(message.payload)
        await self.send_group_message(News(payload=message.payload), groups=["room"])
        return Said(payload=message.payload)

    @handler
    async def count(self, message: Count) -> Counted:
        Desk.handled.calls.append("count")
        return Counted(payload=message.payload)


async def test_beside_a_history(handled: Handled) -> None:
    client = await Client.connect(Chat)
    await client.send(say("annex", id=1))
    frames = {(frame := await client.hear())["action"]: frame for _ in range(2)}
    assert frames["said"] == said("annex", reply_to=1)
    assert "reply_to" not in frames["positions"]
    again = await Client.connect(Chat, subprotocols=["chanx.v1", "chanx.resume"])
    await again.send({"action": "resume", "payload": {"client": client.name, "groups": {}}})
    assert (await again.hear())["action"] == "resumed"
    later = await again.ask(say("garden", id=2))
    # What this connection is called does not change when its client resumes as somebody else.
    joined = await again.hear()
    if later["action"] == "positions":
        joined, later = later, joined
    assert (joined["payload"]["client"], later) == (again.name, said("garden", reply_to=2))
    # Neither is the place of a group that this connection has not joined a reply, nor is the group told again.
    assert await again.ask(say("annex", id=1, retry=client.name)) == said("annex", reply_to=1)
    assert await again.communicator.receive_nothing(0.1)
    assert handled.calls == ["annex", "garden"]


async def test_only_what_is_named_is_remembered(handled: Handled) -> None:
    client = await Client.connect(Chat)
    for number in (1, 2):
        frame = {"action": "count", "payload": number, "id": 1}
        assert await client.ask(frame) == {"action": "counted", "payload": number, "reply_to": 1}


# -- what cannot work


def define(**attributes: Any) -> None:
    with use_registry(Registry()):
        received: Any = attributes.pop("ic", Say)
        generic: Any = AsyncJsonWebsocketConsumer
        bases = (OpenMixin, generic[received])
        types.new_class("Wrong", bases, exec_body=lambda body: body.update(attributes, receive_message=receive))


async def receive(self: Any, message: BaseMessage, **kwargs: Any) -> None:
    """Receives everything."""


class OwnId(BaseMessage):
    action: Literal["own_id"] = "own_id"
    id: int


class OwnRetry(BaseMessage):
    action: Literal["own_retry"] = "own_retry"
    retry: bool = False


@pytest.mark.parametrize(
    ("attributes", "problem"),
    [
        ({"deduplication": 60}, "its deduplication is 60"),
        ({"deduplication": Deduplication(only=(Count,))}, "names tests.chanx.support.Count"),
        ({"deduplication": Deduplication(only=(PingMessage,)), "ic": Say | PingMessage}, "PingMessage"),
        ({"deduplication": Deduplication(), "ic": OwnId}, "a field 'id' of its own"),
        ({"deduplication": Deduplication(), "ic": OwnRetry}, "a field 'retry' of its own"),
    ],
)
def test_declarations_that_cannot_work(attributes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConsumerDefinitionError, match=problem):
        define(**attributes)
    define(deduplication=Deduplication(only=(Say,)), ic=Say | OwnId | OwnRetry)


def test_what_a_class_remembers_is_in_its_spec() -> None:
    assert Desk.spec.deduplicated == {Say, Count, Fails, Waits}
    assert Chat.spec.deduplicated == {Say}
