"""The connections of an event loop: known while they live, by user, and not a moment longer."""

import asyncio
import gc
from types import SimpleNamespace
from typing import Any
from weakref import ref

import pytest
from django.contrib.auth.models import AnonymousUser, User

from chanx.close_codes import CloseCode
from chanx.connections import Connections, user_key
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from tests.chanx.support import Count, Echo, OpenMixin, client, connected, say


class Fake:
    """A connection without a socket."""

    async def end_connection(self, code: CloseCode) -> None: ...


def here() -> Connections:
    return Connections.of(asyncio.get_running_loop())


async def test_an_event_loop_has_its_own() -> None:
    other = asyncio.new_event_loop()
    assert here() is here()
    assert Connections.of(other) is not here()
    other.close()


def test_neither_a_connection_nor_an_event_loop_is_kept_alive() -> None:
    async def abandon() -> "tuple[ref[Any], ref[Any]]":
        fake = Fake()
        fake.loop = asyncio.get_running_loop()  # type: ignore[attr-defined]  # as the task of a consumer has it
        here().enter(fake)
        here().admit(fake, "auth.user:1")
        return ref(fake), ref(fake.loop)  # type: ignore[attr-defined]

    references = asyncio.run(abandon())
    gc.collect()
    assert [reference() for reference in references] == [None, None]


async def test_a_connection_is_found_by_its_user_once_it_is_admitted() -> None:
    connections, first, second, other = Connections(), Fake(), Fake(), Fake()
    for each in (first, second, other):
        connections.enter(each)
    assert connections.of_user("auth.user:1") == ()
    connections.admit(first, "auth.user:1")
    connections.admit(second, "auth.user:1")
    connections.admit(other, "auth.user:2")
    assert set(connections.of_user("auth.user:1")) == {first, second}
    assert connections.count_of_user("auth.user:1") == 2
    connections.leave(first, "auth.user:1")
    connections.leave(first, "auth.user:1")
    assert connections.of_user("auth.user:1") == (second,)
    assert set(connections) == {second, other}
    connections.leave(second, "auth.user:1")
    connections.leave(other, "auth.user:2")
    assert (len(connections), connections.count_of_user("auth.user:1")) == (0, 0)
    assert vars(connections) == {"_all": set(), "_by_user": {}}, "nothing is left of users who are gone"


async def test_what_is_iterated_may_change() -> None:
    connections, fakes = Connections(), [Fake() for _ in range(3)]
    for each in fakes:
        connections.enter(each)
    for connection in connections:
        connections.leave(connection, None)
    assert len(connections) == 0


@pytest.mark.parametrize(
    ("user", "key"),
    [
        (User(pk=7), "auth.user:7"),
        (SimpleNamespace(pk=7), "auth.user:7"),
        (User(), None),
        (AnonymousUser(), None),
        (None, None),
    ],
    ids=["a model", "no model, as the TokenUser of a JWT", "not saved", "anonymous", "none"],
)
def test_a_user_is_known_by_model_and_key(user: Any, key: str | None) -> None:
    assert user_key(user) == key


def test_a_proxy_of_a_user_is_the_same_user() -> None:
    class Staff(User):
        class Meta(User.Meta):
            proxy = True
            app_label = "tests"

    assert user_key(Staff(pk=7)) == "auth.user:7"


async def test_a_consumer_is_known_from_its_first_event_to_its_last() -> None:
    communicator = await connected(Echo)
    assert [type(each) for each in here()] == [Echo]
    await communicator.disconnect()
    assert len(here()) == 0


async def test_a_client_that_was_refused_is_forgotten() -> None:
    class Closed(Echo):
        async def build_groups(self) -> list[str]:
            raise RuntimeError

    communicator = client(Closed)
    await communicator.connect()
    await communicator.assert_closed(4500)
    await communicator.disconnect()
    assert len(here()) == 0


class Slow(OpenMixin, AsyncJsonWebsocketConsumer[Count]):
    """Counts what it has begun, and what it has finished."""

    begun: list[int]
    finished: list[int]

    async def receive_message(self, message: Count, **kwargs: Any) -> None:
        self.begun.append(message.payload)
        await asyncio.sleep(0 if message.payload == 0 else 60)
        self.finished.append(message.payload)


async def test_a_connection_is_ended_in_the_middle_of_its_work() -> None:
    Slow.begun, Slow.finished = [], []
    communicator = await connected(Slow)
    for number in (0, 1, 2):
        await communicator.send_json_to({"action": "count", "payload": number})
    async with asyncio.timeout(5):
        while Slow.begun != [0, 1]:
            await asyncio.sleep(0.001)
    (connection,) = here()
    await connection.end_connection(CloseCode.NOT_AUTHENTICATED)
    await communicator.assert_closed(4401)
    await communicator.send_json_to({"action": "count", "payload": 3})
    await communicator.disconnect()
    assert (Slow.begun, Slow.finished) == ([0, 1], [0])


async def test_a_connection_is_ended_while_its_client_does_not_read() -> None:
    """The close frame waits for the client; nothing is handled meanwhile."""
    Slow.begun, Slow.finished = [], []
    communicator = await connected(Slow)
    (connection,) = here()
    consumer: Any = connection
    stuck = asyncio.Event()

    async def send(event: Any) -> None:
        await stuck.wait()

    consumer.base_send = send
    await communicator.send_json_to({"action": "count", "payload": 1})
    async with asyncio.timeout(5):
        while Slow.begun != [1]:
            await asyncio.sleep(0.001)
    ending = asyncio.create_task(connection.end_connection(CloseCode.FORBIDDEN))
    await asyncio.sleep(0.01)
    await communicator.send_json_to({"action": "count", "payload": 2})
    await asyncio.sleep(0.01)
    assert (Slow.begun, Slow.finished, ending.done()) == ([1], [], False)
    stuck.set()
    await ending
    await communicator.disconnect()


async def test_a_connection_is_ended_while_it_is_opened() -> None:
    begun = asyncio.Event()

    class Waiting(Echo):
        async def build_groups(self) -> list[str]:
            begun.set()
            await asyncio.sleep(60)
            return []

    communicator = client(Waiting)
    await communicator.connect()
    await begun.wait()
    (connection,) = here()
    await connection.end_connection(CloseCode.SERVICE_RESTART)
    await communicator.assert_closed(1012)
    await communicator.send_json_to(say("never heard"))
    await communicator.disconnect()
    assert len(here()) == 0
