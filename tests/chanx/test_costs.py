"""What a frame, a delivery and a handshake cost, counted: a guard against regressions that needs no clock.

The names of the tests say what may not be added: threads, tasks, validations, encodings, calls of the channel layer.
"""

import asyncio
import gc
import logging
import math
import sys
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Sequence
from types import FunctionType, SimpleNamespace
from typing import Any, ClassVar, cast

import channels.db
import pytest
from asgiref.sync import SyncToAsync
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer
from channels.layers import InMemoryChannelLayer, channel_layers
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.urls import path
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.authtoken.models import Token
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView

from chanx import database, watchdog
from chanx.authentication import TicketAuthentication
from chanx.codec import Codec
from chanx.connection_log import GROUPS, HANDLERS, RECEIVED, SENT, ConnectionLog
from chanx.generic import serving, websocket
from chanx.generic.authenticator import AuthenticationClasses, ChanxWebsocketAuthenticator, PermissionClasses
from chanx.generic.handlers import handler
from chanx.generic.metaclass import ConsumerMeta
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.groups import LayerUnion
from chanx.registry import Registry, use_registry
from chanx.tickets import issue_ticket
from tests.chanx.foreign_layer import ForeignLayer
from tests.chanx.support import News, OpenMixin, Said, Say

#: What happened, by name, since it was cleared.
COUNTS: Counter[str] = Counter()


class CountedLayer(InMemoryChannelLayer):
    async def new_channel(self, prefix: str = "specific") -> str:
        COUNTS["layer new_channel"] += 1
        return await super().new_channel(prefix)

    async def send(self, channel: str, message: Any) -> None:
        COUNTS["layer send"] += 1
        await super().send(channel, message)

    async def group_add(self, group: str, channel: str) -> None:
        COUNTS["layer group_add"] += 1
        await super().group_add(group, channel)

    async def group_discard(self, group: str, channel: str) -> None:
        COUNTS["layer group_discard"] += 1
        await super().group_discard(group, channel)

    async def group_send(self, group: str, message: Any) -> None:
        COUNTS["layer group_send"] += 1
        await super().group_send(group, message)


def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def counting(*args: Any, **kwargs: Any) -> Any:
        COUNTS[name] += 1
        return function(*args, **kwargs)

    return counting


@pytest.fixture(autouse=True)
def _count(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    former = channel_layers.set("default", CountedLayer())
    monkeypatch.setattr(SyncToAsync, "__call__", counted("threads", SyncToAsync.__call__))
    monkeypatch.setattr(Codec, "decode", counted("validations", Codec.decode))
    monkeypatch.setattr(Codec, "encode", counted("encodings", Codec.encode))
    monkeypatch.setattr(LayerUnion, "validate", counted("validations", LayerUnion.validate))
    yield
    channel_layers.set("default", cast("Any", former))


class Echo(OpenMixin, AsyncJsonWebsocketConsumer[Say]):
    permission_classes: PermissionClasses = (AllowAny,)

    @handler
    async def say(self, message: Say) -> Said:
        return Said(payload=message.payload)


class Room(OpenMixin, AsyncJsonWebsocketConsumer[Say, None, News]):
    permission_classes: PermissionClasses = (AllowAny,)
    groups: ClassVar[list[str]] = ["room"]  # type: ignore[misc]  # as Channels documents it

    @handler
    async def say(self, message: Say) -> None:
        await self.send_group_message(News(payload=message.payload))


class Guarded(Echo):
    authentication_classes: AuthenticationClasses = (TokenAuthentication,)
    permission_classes: PermissionClasses = (IsAuthenticated,)


class Guest:
    """A server with one connection, which costs no task beside the application's."""

    def __init__(self, consumer: Any, *headers: tuple[bytes, bytes]) -> None:
        self.arriving: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.frames: list[str] = []
        scope = {
            "type": "websocket",
            "path": "/",
            "headers": list(headers),
            "asgi": {"spec_version": "2.4"},
            "url_route": {"args": (), "kwargs": {"username": "alice"}},
        }
        self.arriving.put_nowait({"type": "websocket.connect"})
        self.served = asyncio.create_task(consumer.as_asgi()(scope, self.arriving.get, self.send))

    async def send(self, event: dict[str, Any]) -> None:
        if event["type"] == "websocket.send":
            self.frames.append(event["text"])

    def says(self, number: int = 1) -> None:
        for _ in range(number):
            self.arriving.put_nowait({"type": "websocket.receive", "text": '{"action":"say","payload":"hi"}'})

    async def has(self, frames: int) -> None:
        async with asyncio.timeout(20):
            while len(self.frames) < frames:
                await asyncio.sleep(0)

    async def leave(self) -> None:
        self.arriving.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await self.served


async def connected(consumer: Any, number: int, *headers: tuple[bytes, bytes]) -> list[Guest]:
    """Clients that have been let in; what that has cost is in COUNTS, tasks apart from one for each application."""
    COUNTS.clear()
    count_tasks()
    clients = [Guest(consumer, *headers) for _ in range(number)]
    for client in clients:
        await client.has(1)
    for _ in range(5):
        await asyncio.sleep(0)
    COUNTS["tasks"] -= number
    return clients


def count_tasks() -> None:
    def factory(loop: Any, coroutine: Coroutine[Any, Any, Any], **options: Any) -> "asyncio.Task[Any]":
        COUNTS["tasks"] += 1
        return asyncio.Task(coroutine, loop=loop, **options)

    asyncio.get_running_loop().set_task_factory(cast("Any", factory))


def spent() -> dict[str, int]:
    """What was counted since the last time."""
    found = {name: number for name, number in COUNTS.items() if number}
    COUNTS.clear()
    return found


async def test_a_frame_costs_one_validation_and_one_encoding_and_nothing_else() -> None:
    (client,) = await connected(Echo, 1)
    spent()
    client.says(50)
    await client.has(51)
    assert spent() == {"validations": 50, "encodings": 50}
    await client.leave()


@pytest.mark.parametrize("members", [2, 50])
async def test_a_broadcast_costs_the_same_for_two_and_for_fifty(members: int) -> None:
    clients = await connected(Room, members)
    spent()
    for number in range(10):
        clients[0].says()
        for client in clients[1:]:
            await client.has(number + 2)
    assert spent() == {
        # The frame, the message where it is sent, and once for all who hear of it.
        "validations": 30,
        "encodings": 10,
        "layer group_send": 10,
        "layer send": 10,
        # The pump, and one that the layer in memory makes for each channel.
        "tasks": 20,
    }
    for client in clients:
        await client.leave()


@pytest.fixture
def nothing_else(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is logged, and a database connection that another test has left is not to be closed."""
    caplog.set_level(logging.WARNING, "chanx.sent")
    for module in (serving, websocket):
        monkeypatch.setattr(module, "connections_are_old", bool)


@pytest.mark.usefixtures("nothing_else")
async def test_a_delivery_costs_a_few_calls_and_nearly_no_turn_of_the_event_loop() -> None:
    """What grows with the members of a group, and is paid for each of them."""
    few, many = 10, 650
    calls_of_few, turns_of_few = await price_of_a_broadcast(few)
    calls_of_many, turns_of_many = await price_of_a_broadcast(many)
    # The relay looks at the member and pushes the text (5 calls), and the pump sends it (2).
    assert round((calls_of_many - calls_of_few) / (many - few), 1) <= 7
    # The pump gives others a turn after 64 texts, and the room after 500 members.
    assert turns_of_many - turns_of_few <= many // 64 + 1


@pytest.mark.usefixtures("nothing_else")
async def test_a_member_that_does_not_read_costs_the_others_nothing() -> None:
    calls, turns = await price_of_a_broadcast(100)
    calls_beside, turns_beside = await price_of_a_broadcast(100, deaf=True)
    # One more member, for which the text waits.
    assert calls_beside - calls <= 7
    assert turns_beside == turns


class Deaf(Guest):
    """A server with a connection whose client reads nothing but the first frame."""

    async def send(self, event: dict[str, Any]) -> None:
        if self.frames:
            await asyncio.Event().wait()
        await super().send(event)


async def price_of_a_broadcast(members: int, *, deaf: bool = False) -> tuple[int, int]:
    """Calls of functions of the hub and the outbox, and turns of the event loop, until the last member has a message.

    :param deaf: there is one more, before all others, who does not read.
    """
    not_reading: list[Guest] = [Deaf(Room)] if deaf else []
    for client in not_reading:
        await client.has(1)
    clients = await connected(Room, members)
    calls = turns = 0

    def count_call(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_globals["__name__"] in ("chanx.hub", "chanx.outbox")

    clients[0].says()
    await clients[-1].has(2)  # what is made once is made
    clients[0].says()
    sys.setprofile(count_call)
    try:
        while len(clients[-1].frames) < 3:
            await asyncio.sleep(0)
            turns += 1
    finally:
        sys.setprofile(None)
    for client in [*not_reading, *clients]:
        await client.leave()
    return calls, turns


@pytest.fixture
def log_that_is_off(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Django configures it: nothing below warnings. How often chanx asks, and what it writes, is counted."""
    caplog.set_level(logging.WARNING, "chanx")
    for logger in (RECEIVED, SENT, GROUPS, HANDLERS):
        monkeypatch.setattr(logger, "isEnabledFor", counted("log asked", logger.isEnabledFor))
    monkeypatch.setattr(ConnectionLog, "write", counted("log written", ConnectionLog.write))


@pytest.mark.usefixtures("log_that_is_off")
async def test_a_log_that_is_off_is_asked_twice_for_a_frame() -> None:
    (client,) = await connected(Echo, 1)
    spent()
    client.says(50)
    await client.has(51)
    assert spent() == {"validations": 50, "encodings": 50, "log asked": 100}
    await client.leave()


@pytest.mark.usefixtures("log_that_is_off")
@pytest.mark.parametrize("members", [2, 50])
async def test_a_log_that_is_off_is_asked_once_for_all_members_of_a_group(members: int) -> None:
    clients = await connected(Room, members)
    spent()
    for number in range(10):
        clients[0].says()
        for client in clients[1:]:
            await client.has(number + 2)
    # The frame that was received, and what was sent.
    assert spent()["log asked"] == 20
    for client in clients:
        await client.leave()


async def test_a_handshake_that_asks_nobody_needs_no_thread_no_task_and_no_layer() -> None:
    clients = await connected(Echo, 20)
    assert spent() == {"encodings": 20}
    for client in clients:
        await client.leave()
    assert "threads" not in spent()


async def what_idle_connections_add(consumer: Any, number: int = 20) -> tuple[float, float]:
    """Objects that the garbage collector has to look at, and tasks, for each connection that does nothing."""
    first = await connected(consumer, 1)
    gc.collect()
    objects, tasks = len(gc.get_objects()), len(asyncio.all_tasks())
    clients = await connected(consumer, number)
    await asyncio.sleep(2 * watchdog.INTERVAL)  # until nobody watches them any more
    gc.collect()
    added = (len(gc.get_objects()) - objects) / number, (len(asyncio.all_tasks()) - tasks) / number
    for client in [*first, *clients]:
        await client.leave()
    return added


class PlainEcho(ChannelsConsumer):
    """As teams write it on Channels alone; says, as chanx does, that a client is in."""

    async def connect(self) -> None:
        await self.accept()
        await self.send_json({})


class PlainRoom(PlainEcho):
    groups: ClassVar[list[str]] = ["room"]  # type: ignore[misc]  # as Channels documents it


@pytest.mark.usefixtures("new_objects_only")
@pytest.mark.parametrize(("consumer", "plain", "share"), [(Echo, PlainEcho, 0.9), (Room, PlainRoom, 1.05)])
async def test_an_idle_connection_is_few_objects_and_one_task(
    consumer: Any, plain: Any, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two thirds of them are those of the test's client, of its recorder and of the way between client and consumer."""
    # Other tests have left connections to the database, which are not this one's.
    monkeypatch.setattr(channels.db, "close_old_connections", lambda: None)
    objects, tasks = await what_idle_connections_add(consumer)
    of_plain, tasks_of_plain = await what_idle_connections_add(plain)
    assert (tasks, tasks_of_plain) == (1, 3)
    assert objects <= share * of_plain


async def test_an_idle_connection_has_few_attributes_of_its_own() -> None:
    """Beyond thirty, those of the application included, Python makes a table of names for each single connection."""
    client = (await connected(Echo, 1))[0]
    (consumer,) = served_to([client])
    assert len(vars(consumer)) <= 13
    await client.leave()


def served_to(clients: Sequence[Guest]) -> list[Any]:
    """The consumers of clients."""
    tasks = {client.served for client in clients}
    # By type(): there are proxies, of things that are gone, and they raise when isinstance() asks them.
    everything: list[Any] = gc.get_objects()
    consumers = [thing for thing in everything if issubclass(type(thing), AsyncJsonWebsocketConsumer)]
    # Those of other tests may not have been collected yet.
    return [consumer for consumer in consumers if getattr(consumer, "_task", None) in tasks]


class Named(Room):
    """Has attributes of its own, which it gets late."""

    async def post_authentication(self) -> None:
        self.room = self.language = self.theme = ""


async def test_clients_that_come_at_the_same_moment_share_the_names_of_attributes() -> None:
    """Each of them waits for the layer before it has them all."""
    channel_layers.set("default", cast("Any", ForeignLayer()))
    clients = await connected(Named, 50)
    sizes = {sys.getsizeof(vars(consumer)) for consumer in served_to(clients)}
    # Header and 30 values of 8 bytes at most; a table of names would add more than 600.
    assert len(sizes) == 1
    assert sizes.pop() <= 48 + 16 + 8 * 30
    for client in clients:
        await client.leave()


class Frame(dict[str, Any]):
    """An event that may be referred to weakly."""


async def test_an_idle_connection_keeps_nothing_of_its_last_frame() -> None:
    """Which may have been as large as frames may be, and there are many connections."""
    client = (await connected(Echo, 1))[0]
    frame = Frame({"type": "websocket.receive", "text": '{"action":"say","payload":"hi"}'})
    kept = weakref.ref(frame)
    client.arriving.put_nowait(frame)
    del frame
    await client.has(2)
    for _ in range(5):
        await asyncio.sleep(0)
    assert kept() is None
    await client.leave()


async def test_an_idle_connection_has_no_coroutine_between_its_own_and_that_of_the_server() -> None:
    client = (await connected(Echo, 1))[0]
    names: list[str] = []
    waiting: Any = client.served.get_coro()
    while hasattr(waiting, "cr_await"):
        names.append(waiting.__qualname__)
        waiting = waiting.cr_await
    assert names[-2:] == ["ServingConsumer.__call__", "Queue.get"]
    await client.leave()


async def test_a_group_is_joined_and_left_once_by_all_of_a_process() -> None:
    clients = await connected(Room, 20)
    found = spent()
    # A channel for the mailbox of the process, one for the group, and a task for each of both and the mailbox's keeper.
    # The mailbox has a group of its own, which tells whether the layer still delivers.
    assert found == {"encodings": 20, "layer new_channel": 2, "layer group_add": 2, "tasks": 3}
    for client in clients:
        await client.leave()
    assert spent() == {"layer group_discard": 2}


class IsAlice(BasePermission):
    """Asks the database about the object."""

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return User.objects.filter(pk=obj.pk, username="alice").exists()


#: What decides about a handshake, as attributes of a consumer, or of a DRF view. With a queryset it is about an object.
_GUARDS: dict[str, dict[str, Any]] = {
    "nothing": {"authentication_classes": (), "permission_classes": (AllowAny,)},
    "AllowAny": {"authentication_classes": (SessionAuthentication,), "permission_classes": (AllowAny,)},
    "IsAuthenticated": {"authentication_classes": (SessionAuthentication,), "permission_classes": (IsAuthenticated,)},
    "session": {"authentication_classes": (SessionAuthentication,), "permission_classes": (IsAuthenticated,)},
    "token": {"authentication_classes": (TokenAuthentication,), "permission_classes": (IsAuthenticated,)},
    "ticket": {"authentication_classes": (TicketAuthentication,), "permission_classes": (IsAuthenticated,)},
    "no ticket": {
        "authentication_classes": (TicketAuthentication, TokenAuthentication),
        "permission_classes": (IsAuthenticated,),
    },
    "object": {
        "authentication_classes": (TokenAuthentication,),
        "permission_classes": (IsAuthenticated, IsAlice),
        "queryset": User.objects.all(),
        "lookup_field": "username",
    },
}


class ViewOfObject(GenericAPIView[Any]):
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        self.get_object()
        return Response()


class ViewOfNothing(APIView):
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response()


async def headers_for(guard: str, user: User) -> list[tuple[bytes, bytes]]:
    if guard in ("nothing", "AllowAny", "IsAuthenticated", "no ticket"):
        return []
    if guard == "ticket":
        ticket = issue_ticket(SimpleNamespace(user=user, auth=None))
        return [(b"authorization", f"Ticket {ticket}".encode())]
    token, *session = await credentials_of(user)
    return session if guard == "session" else [token]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("guard", "threads", "status"),
    [
        ("nothing", 0, 200),
        ("AllowAny", 0, 200),
        ("IsAuthenticated", 0, 403),
        ("session", 1, 200),
        ("token", 1, 200),
        ("ticket", 1, 200),
        ("no ticket", 0, 401),
        ("object", 1, 200),
    ],
)
async def test_a_handshake_asks_no_more_than_a_view_of_drf(
    guard: str, threads: int, status: int, settings: LazySettings
) -> None:
    """The same classes, on a view and on a consumer: the same queries, in one thread, or in none."""
    user = await User.objects.acreate(username="alice")
    view: Any = type("View", (ViewOfObject if guard == "object" else ViewOfNothing,), dict(_GUARDS[guard]))
    settings.ROOT_URLCONF = type("Urls", (), {"urlpatterns": [path("<username>/", view.as_view())]})
    with use_registry(Registry()):
        consumer = ConsumerMeta("Consumer", (Echo,), {"__module__": __name__, **_GUARDS[guard]})

    def queries_of_view() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert Client().get("/alice/", headers=sent).status_code == status
        return len(queries)

    sent = {name.decode(): value.decode() for name, value in await headers_for(guard, user)}
    # Each of them in the one thread in which all of this process that needs the database runs.
    by_view = await database_sync_to_async(queries_of_view)()
    headers = await headers_for(guard, user)
    queries = CaptureQueriesContext(connection)
    await database_sync_to_async(queries.__enter__)()
    clients = await connected(consumer, 1, *headers)
    assert f'"status_code":{status}' in clients[0].frames[0]
    assert spent().get("threads", 0) == threads

    def queries_of_handshake() -> int:
        queries.__exit__(None, None, None)
        return len(queries)

    assert await database_sync_to_async(queries_of_handshake)() == by_view
    for client in clients:
        await client.leave()


@pytest.mark.django_db(transaction=True)
async def test_handshakes_that_come_at_once_share_their_connections_to_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each goes to the thread once; there, connections are looked after before the first and after the last of them."""
    token, *_ = await credentials_of(await User.objects.acreate(username="alice"))
    # That of the tests is older than any that is shared: it is never closed, although it is asked to for each event.
    monkeypatch.setattr(database, "_SHARED_SECONDS", math.inf)
    monkeypatch.setattr(serving, "connections_are_old", lambda: False)
    monkeypatch.setattr(channels.db, "close_old_connections", counted("closings", lambda: None))
    begun = threading.Event()

    async def let_them_begin() -> None:
        for _ in range(5):
            await asyncio.sleep(0)
        begun.set()

    holding_up = asyncio.get_running_loop().run_in_executor(SyncToAsync.single_thread_executor, begun.wait, 20)
    beginning = asyncio.create_task(let_them_begin())
    clients = await connected(Guarded, 20, token)
    found = spent()
    # Not the tasks: a handshake that takes long has one that reads ahead.
    assert (found["threads"], found["encodings"], found["closings"]) == (20, 20, 2)
    await asyncio.gather(holding_up, beginning)
    for client in clients:
        await client.leave()


@pytest.mark.parametrize(
    "attributes",
    [
        {"permission_classes": (IsAlice,)},
        {"authentication_classes": (type("Own", (TokenAuthentication,), {}),)},
        {"throttle_classes": (AnonRateThrottle,)},
        {"authenticator_class": type("Own", (ChanxWebsocketAuthenticator,), {})},
    ],
    ids=["permission", "authentication", "throttle", "authenticator"],
)
@pytest.mark.django_db(transaction=True)
async def test_classes_of_the_application_run_in_a_thread(attributes: dict[str, Any]) -> None:
    """They may do anything, also for a stranger."""
    with use_registry(Registry()):
        consumer = ConsumerMeta("Consumer", (Echo,), {"__module__": __name__, **attributes})
    clients = await connected(consumer, 1)
    assert spent()["threads"] == 1
    await clients[0].leave()


class BySession(Guarded):
    authentication_classes: AuthenticationClasses = (SessionAuthentication,)


async def credentials_of(user: User) -> list[tuple[bytes, bytes]]:
    """A token, and a session with the Origin without which it would be ignored."""
    token, _ = await Token.objects.aget_or_create(user=user)
    browser = AsyncClient()
    await browser.aforce_login(user)
    return [
        (b"authorization", f"Token {token.key}".encode()),
        (b"cookie", f"sessionid={browser.cookies['sessionid'].value}".encode()),
        (b"origin", b"http://testserver"),
    ]


class Remembered(Guarded):
    """Looks an object up."""

    queryset = User.objects.all()
    lookup_field = "username"


#: Where the classes of what a connection is made of are: Django's queries leave circles of their own.
_OF_A_CONNECTION = ("chanx.", "tests.", "asyncio.", "_asyncio.", "django.core.handlers.", "rest_framework.request.")


def _name_of(thing: Any) -> str:
    named = thing if isinstance(thing, type | FunctionType) else type(thing)
    return f"{named.__module__}.{named.__qualname__}"


async def left_to_the_garbage_collector(consumer: Any, *headers: tuple[bytes, bytes]) -> list[str]:
    """The types of the objects that a client who comes and goes leaves in circles, the second time."""
    found: list[str] = []
    for _ in range(2):
        gc.collect()
        gc.disable()
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            clients = await connected(consumer, 1, *headers)
            await clients.pop().leave()
            gc.collect()
            found = [name for name in map(_name_of, gc.garbage) if name.startswith(_OF_A_CONNECTION)]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
    return found


@pytest.mark.usefixtures("new_objects_only")
async def test_a_connection_that_ends_leaves_nothing_to_the_garbage_collector() -> None:
    assert await left_to_the_garbage_collector(Echo) == []


@pytest.mark.usefixtures("new_objects_only")
async def test_a_member_that_leaves_leaves_nothing_to_the_garbage_collector() -> None:
    others = await connected(Room, 1)
    assert await left_to_the_garbage_collector(Room) == []
    await others[0].leave()


@pytest.mark.usefixtures("new_objects_only")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("consumer", [Guarded, Remembered, BySession])
@pytest.mark.parametrize("is_known", [True, False], ids=["let in", "refused"])
async def test_a_user_who_leaves_leaves_nothing_to_the_garbage_collector(consumer: Any, is_known: bool) -> None:
    user = await User.objects.acreate(username="alice")
    headers = await credentials_of(user) if is_known else []
    assert await left_to_the_garbage_collector(consumer, *headers) == []
