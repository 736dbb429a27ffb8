"""Revocations: at once in this process, and through each layer in all others."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest
from asgiref.sync import sync_to_async
from channels.layers import BaseChannelLayer, InMemoryChannelLayer
from django.contrib.auth.models import AnonymousUser, User
from pytest_django import Settings
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

import chanx
from chanx import revocation as module
from chanx.close_codes import CloseCode
from chanx.connections import Admission, Connections, Revocation
from chanx.mailbox import Mailbox
from chanx.revocation import GROUP, KIND, Hearing, publish
from chanx.testing import WebsocketCommunicator
from tests.chanx.support import Echo, connected, said, say


class Named(BaseAuthentication):
    """The user whose key the client names."""

    def authenticate(self, request: Request) -> Any:
        return User(pk=int(request.query_params["user"])), None


class Ours(Echo):
    authentication_classes = (Named,)


ALICE, BOB = User(pk=1), User(pk=2)


async def opened(user: User) -> WebsocketCommunicator:
    return await connected(Ours, f"/ws/?user={user.pk}")


async def serves(communicator: WebsocketCommunicator) -> None:
    await communicator.send_json_to(say("hello"))
    assert await communicator.receive_json_from() == said("hello")
    await communicator.disconnect()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


# -- in this process -----------------------------------------------------------------------------------------


async def test_all_connections_of_a_user_are_closed_and_no_others() -> None:
    alices, bobs = [await opened(ALICE), await opened(ALICE)], await opened(BOB)
    await chanx.adisconnect(ALICE)
    for communicator in alices:
        await communicator.assert_closed(4401)
        await communicator.disconnect()
    await serves(bobs)


@pytest.mark.parametrize(
    ("code", "sent"), [(4403, 4403), (CloseCode.SERVICE_RESTART, 1012), (1000, 1000), (3999, 3999)]
)
async def test_the_code_may_be_chosen(code: int, sent: int) -> None:
    communicator = await opened(ALICE)
    await chanx.adisconnect(ALICE, code=code)
    await communicator.assert_closed(sent)
    await communicator.disconnect()


@pytest.mark.parametrize("code", [0, 999, 1002, 1005, 1006, 1015, 2999, 5000, -1])
async def test_a_code_that_no_server_may_close_with_is_refused(code: int) -> None:
    communicator = await opened(ALICE)
    with pytest.raises(ValueError, match=f"{code} is no close code: use 1000, 3000 to 4999, or one of CloseCode."):
        await chanx.adisconnect(ALICE, code)
    await serves(communicator)


@pytest.mark.parametrize("nobody", [AnonymousUser(), User(), None])
@pytest.mark.parametrize("function", [chanx.adisconnect, chanx.arecheck])
async def test_strangers_cannot_be_told_apart(nobody: Any, function: Any) -> None:
    with pytest.raises(ValueError, match="has no primary key"):
        await function(nobody)


async def test_synchronous_code_can_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    communicator = await opened(ALICE)
    await sync_to_async(chanx.disconnect)(ALICE, 4403)
    await communicator.assert_closed(4403)
    await communicator.disconnect()


async def test_a_recheck_closes_only_what_fails() -> None:
    stays, goes = await opened(ALICE), await opened(ALICE)
    consumers: list[Any] = list(Connections.of(asyncio.get_running_loop()))
    (failing,) = [each for each in consumers if each.base_send is not None][1:]

    async def recheck_connection() -> None:
        await failing.end_connection(4403)

    failing.recheck_connection = recheck_connection
    await sync_to_async(chanx.recheck)(ALICE)
    await goes.assert_closed(4403)
    await goes.disconnect()
    await serves(stays)


async def test_every_event_loop_of_the_process_is_reached() -> None:
    """A server that runs several, or a test that runs beside one."""
    closed: list[int] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        communicator = await opened(ALICE)
        ready.set()
        event = await communicator.receive_output(10)
        closed.append(event["code"])
        await communicator.disconnect()

    def run() -> None:
        asyncio.run(serve())
        done.set()

    thread = threading.Thread(target=run)
    thread.start()
    await asyncio.to_thread(ready.wait, 10)
    await chanx.adisconnect(ALICE)
    await asyncio.to_thread(done.wait, 10)
    thread.join(10)
    assert closed == [4401]
    # The loop that has ended is no obstacle.
    await chanx.adisconnect(ALICE)


# -- through layers ------------------------------------------------------------------------------------------


class Layer(InMemoryChannelLayer):
    """Like one that leads to other processes: what is sent to a group is noted, and arrives."""

    sent: ClassVar[list[tuple[str, dict[str, Any]]]] = []
    failure: ClassVar[Exception | None] = None
    hangs: ClassVar[bool] = False

    async def group_send(self, group: str, message: Any) -> None:
        if self.hangs:
            await asyncio.sleep(60)
        if self.failure is not None:
            raise self.failure
        self.sent.append((group, message))
        await super().group_send(group, message)

    async def group_add(self, group: str, channel: str) -> None:
        if self.failure is not None:
            raise self.failure
        await super().group_add(group, channel)


@pytest.fixture
def layers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Layer]]:
    backend = f"{__name__}.Layer"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": backend}, "other": {"BACKEND": backend}}

    def reaches_others(layer: BaseChannelLayer) -> bool:
        return True

    monkeypatch.setattr(module, "reaches_others", reaches_others)
    monkeypatch.setattr("chanx.generic.admitting.reaches_others", reaches_others)
    Layer.sent, Layer.failure, Layer.hangs = [], None, False
    yield Layer
    Layer.failure, Layer.hangs = None, False


async def test_each_layer_carries_it(layers: type[Layer]) -> None:
    await publish(Revocation(user="auth.user:1", code=4401, session="s", password="p"))
    message = {"type": KIND, "user": "auth.user:1", "code": 4401, "session": "s", "password": "p"}
    assert layers.sent == [(GROUP, message)] * 2
    layers.sent.clear()
    await chanx.arecheck(ALICE)
    assert layers.sent == [(GROUP, {"type": KIND, "user": "auth.user:1"})] * 2


async def test_a_layer_of_this_process_carries_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async def group_send(self: Any, group: str, message: Any) -> None:
        raise AssertionError("not needed")

    monkeypatch.setattr(InMemoryChannelLayer, "group_send", group_send)
    await chanx.adisconnect(ALICE)


async def test_no_layer_is_needed(settings: Settings) -> None:
    del settings.CHANNEL_LAYERS
    communicator = await opened(ALICE)
    await chanx.adisconnect(ALICE)
    await communicator.assert_closed(4401)
    await communicator.disconnect()


async def test_a_layer_that_fails_is_told_and_holds_nothing_up(layers: type[Layer]) -> None:
    communicator = await opened(ALICE)
    layers.failure = ConnectionError("away")
    with pytest.raises(ConnectionError, match="away"):
        await chanx.adisconnect(ALICE)
    await communicator.assert_closed(4401)
    await communicator.disconnect()


async def test_a_layer_that_hangs_is_given_up(layers: type[Layer], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.02)
    layers.hangs = True
    with pytest.raises(TimeoutError):
        await chanx.adisconnect(ALICE)


def layer_of(alias: str = "default") -> BaseChannelLayer:
    from channels.layers import get_channel_layer

    layer = get_channel_layer(alias)
    assert layer is not None
    return layer


async def test_what_another_process_sends_closes(layers: type[Layer]) -> None:
    alices, bobs = await opened(ALICE), await opened(BOB)
    mailbox: Any = Mailbox.of(layer_of())
    await until(lambda: GROUP in layer_of().groups)  # type: ignore[attr-defined]  # of Channels' layer in memory
    for odd in ({"type": KIND}, {"type": KIND, "user": 7, "code": "x"}):
        await layer_of().group_send(GROUP, odd)
    await layer_of().group_send(GROUP, {"type": KIND, "user": "auth.user:1", "code": 4403})
    await alices.assert_closed(4403)
    await alices.disconnect()
    await serves(bobs)
    await until(lambda: not layer_of().groups)  # type: ignore[attr-defined]  # of the layer in memory
    assert mailbox is not Mailbox.of(layer_of()), "closed: nobody needs it any more"


async def test_strangers_need_no_mailbox(layers: type[Layer]) -> None:
    communicator = await connected(Echo)
    await asyncio.sleep(0.01)
    assert not layer_of().groups  # type: ignore[attr-defined]  # of the layer in memory
    await communicator.disconnect()


async def test_the_group_is_joined_once_for_all_and_left_by_the_last(layers: type[Layer]) -> None:
    hearing = Hearing.of(layer_of())
    assert hearing is Hearing.of(layer_of())
    assert hearing is not Hearing.of(layer_of("other"))
    hearing.begin()
    hearing.begin()
    await until(lambda: GROUP in layer_of().groups)  # type: ignore[attr-defined]  # of the layer in memory
    hearing.end()
    await asyncio.sleep(0.01)
    assert GROUP in layer_of().groups  # type: ignore[attr-defined]  # of the layer in memory
    hearing.end()
    await until(lambda: not layer_of().groups)  # type: ignore[attr-defined]  # of the layer in memory
    await until(lambda: Hearing.of(layer_of()) is not hearing)


async def test_coming_and_going_at_once_ends_where_it_should(layers: type[Layer]) -> None:
    hearing = Hearing.of(layer_of())
    for _ in range(10):
        hearing.begin()
        hearing.end()
    hearing.begin()
    await until(lambda: GROUP in layer_of().groups)  # type: ignore[attr-defined]  # of the layer in memory
    hearing.end()
    hearing.begin()
    hearing.end()
    await until(lambda: not layer_of().groups)  # type: ignore[attr-defined]  # of the layer in memory


class Noted:
    """Notes that it is rechecked."""

    is_idle = True

    def __init__(self) -> None:
        self.rechecked = 0

    def leave_off(self) -> None: ...

    async def end_connection(self, code: int) -> None: ...

    async def recheck_connection(self) -> float | None:
        self.rechecked += 1
        return None


async def test_a_layer_that_is_away_is_joined_when_it_is_back_and_all_are_rechecked(
    layers: type[Layer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY", 0.01)
    noted, connections = Noted(), Connections.of(asyncio.get_running_loop())
    connections.enter(noted)
    connections.admit(noted, Admission(user="auth.user:1"))
    layers.failure = ConnectionError("away")
    hearing = Hearing.of(layer_of())
    hearing.begin()
    await asyncio.sleep(0.05)
    assert noted.rechecked == 0
    layers.failure = None
    await until(lambda: noted.rechecked == 1)
    assert GROUP in layer_of().groups  # type: ignore[attr-defined]  # of the layer in memory
    hearing.end()
    connections.leave(noted)
    await until(lambda: not layer_of().groups)  # type: ignore[attr-defined]  # of the layer in memory


async def test_a_layer_that_stays_away_is_asked_no_more_when_all_have_gone(
    layers: type[Layer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRY", 0.01)
    layers.failure = ConnectionError("away")
    hearing = Hearing.of(layer_of())
    hearing.begin()
    await asyncio.sleep(0.02)
    hearing.end()
    await until(lambda: Hearing.of(layer_of()) is not hearing)


def test_the_package_has_the_functions_and_nothing_more() -> None:
    assert chanx.disconnect is module.disconnect
    with pytest.raises(AttributeError, match="module 'chanx' has no attribute 'nothing'"):
        _ = chanx.nothing
