"""The connections of an event loop: known while they live, by user, and not a moment longer."""

import asyncio
import gc
from types import SimpleNamespace
from typing import Any
from weakref import ref

import pytest
from django.contrib.auth.models import AnonymousUser, User

from chanx import connections as module
from chanx.close_codes import CloseCode
from chanx.connections import Admission, Connections, Revocation, digest, user_key
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from tests.chanx.support import Count, Echo, OpenMixin, client, connected, say

ALICE, BOB = "auth.user:1", "auth.user:2"


class Fake:
    """A connection without a socket, which notes what is done to it."""

    def __init__(self) -> None:
        self.ended: list[int] = []
        self.rechecked = 0

    is_idle = True

    def leave_off(self) -> None: ...

    async def end_connection(self, code: int) -> None:
        self.ended.append(code)

    async def recheck_connection(self) -> float | None:
        self.rechecked += 1
        return None


def here() -> Connections:
    return Connections.of(asyncio.get_running_loop())


def admitted(connections: Connections, user: str = ALICE, **reliance: str) -> Fake:
    fake = Fake()
    connections.enter(fake)
    connections.admit(fake, Admission(user=user, **reliance))
    return fake


async def settled() -> None:
    """Lets what was begun come to its end."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_an_event_loop_has_its_own() -> None:
    other = asyncio.new_event_loop()
    assert here() is here()
    assert Connections.of(other) is not here()
    assert {other, asyncio.get_running_loop()} <= set(Connections.loops())
    other.close()


@pytest.mark.usefixtures("new_objects_only")
def test_neither_a_connection_nor_an_event_loop_is_kept_alive() -> None:
    async def abandon() -> "tuple[ref[Any], ref[Any]]":
        fake: Any = admitted(here())
        fake.loop = asyncio.get_running_loop()  # as the task of a consumer has it
        here().revoke(Revocation(user=BOB, code=4401))
        return ref(fake), ref(fake.loop)

    references = asyncio.run(abandon())
    gc.collect()
    assert [reference() for reference in references] == [None, None]


async def test_a_connection_is_counted_once_it_is_admitted() -> None:
    connections, waiting = Connections(), Fake()
    connections.enter(waiting)
    assert (len(connections), connections.count_of_user(ALICE)) == (1, 0)
    first, second, other = admitted(connections), admitted(connections), admitted(connections, BOB)
    assert (connections.count_of_user(ALICE), connections.count_of_user(BOB)) == (2, 1)
    connections.leave(first)
    connections.leave(first)
    assert connections.count_of_user(ALICE) == 1
    assert set(connections) == {waiting, second, other}
    for each in (second, other, waiting):
        connections.leave(each)
    assert (len(connections), connections.count_of_user(ALICE)) == (0, 0)
    assert not any(vars(connections).values()), "nothing is left of users who are gone"


async def test_what_is_iterated_may_change() -> None:
    connections, fakes = Connections(), [Fake() for _ in range(3)]
    for each in fakes:
        connections.enter(each)
    for connection in connections:
        connections.leave(connection)
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


def test_a_secret_does_not_travel() -> None:
    found = digest("s3cret")
    assert found is not None
    assert (len(found), digest(None), digest("s3cret") == found) == (64, None, True)
    assert "s3cret" not in found


# -- revocations ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("revocation", "concerned"),
    [
        (Revocation(user=ALICE), True),
        (Revocation(user=BOB), False),
        (Revocation(user=ALICE, session="s"), True),
        (Revocation(user=ALICE, session="t"), False),
        (Revocation(user=BOB, session="s"), False),
        (Revocation(user=ALICE, password="p"), False),
        (Revocation(user=ALICE, password="q"), True),
        (Revocation(user=BOB, password="q"), False),
    ],
)
def test_whom_a_revocation_concerns(revocation: Revocation, concerned: bool) -> None:
    assert revocation.concerns(Admission(user=ALICE, session="s", password="p")) is concerned


def test_what_a_client_without_session_or_password_cannot_lose() -> None:
    stateless = Admission(user=ALICE)
    assert not Revocation(user=ALICE, session="s").concerns(stateless)
    assert not Revocation(user=ALICE, password="q").concerns(stateless)
    assert Revocation(user=ALICE).concerns(stateless)


async def test_a_revocation_ends_what_it_concerns() -> None:
    connections = here()
    first, second = admitted(connections, session="s"), admitted(connections, session="t")
    other = admitted(connections, BOB, session="s")
    connections.revoke(Revocation(user=ALICE, code=4403, session="s"))
    await settled()
    assert (first.ended, second.ended, other.ended) == ([4403], [], [])
    connections.revoke(Revocation(user=ALICE, code=4401))
    await settled()
    assert (first.ended, second.ended, other.ended) == ([4403, 4401], [4401], [])


async def test_a_revocation_without_a_code_rechecks() -> None:
    connections = here()
    alices, bobs = admitted(connections), admitted(connections, BOB)
    connections.revoke(Revocation(user=ALICE))
    await settled()
    assert (alices.rechecked, alices.ended, bobs.rechecked) == (1, [], 0)


async def test_everybody_may_be_rechecked() -> None:
    connections, anonymous = here(), Fake()
    connections.enter(anonymous)
    fakes = [admitted(connections), admitted(connections), admitted(connections, BOB)]
    connections.recheck_all()
    await settled()
    assert [fake.rechecked for fake in fakes] == [1, 1, 1]
    assert anonymous.rechecked == 0, "nobody can revoke anything from a stranger"


async def test_a_revocation_is_remembered_for_handshakes_that_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    connections, loop = Connections(), asyncio.get_running_loop()
    before = loop.time()
    revocation = Revocation(user=ALICE, code=4401, session="s")
    connections.revoke(revocation)
    after = loop.time() + 0.001
    connections.revoke(Revocation(user=BOB, code=4401))
    assert connections.revoked_since(before, Admission(user=ALICE, session="s")) == revocation
    assert connections.revoked_since(before, Admission(user=ALICE, session="t")) is None
    assert connections.revoked_since(after, Admission(user=ALICE, session="s")) is None
    monkeypatch.setattr(module, "MEMORY", -1)
    connections.revoke(Revocation(user=BOB, code=4401))
    assert connections.revoked_since(before, Admission(user=ALICE, session="s")) is None, "forgotten in time"


# -- consumers -----------------------------------------------------------------------------------------------


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
