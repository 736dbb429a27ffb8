"""Groups and channel names across processes: two servers, and a third process that knows neither Django nor chanx."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from typing import IO, Any, Final, cast

import pytest

from tests.hostile.raw import RawClient
from tests.servers import RedisServer, Server, Servers

#: What another process does with the layer: anything, as long as it is Channels' own.
_OUTSIDE: Final = """
import asyncio, json, sys
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer
async def main():
    url = sys.argv[1].replace("+pubsub", "")
    layer = (RedisChannelLayer if url == sys.argv[1] else RedisPubSubChannelLayer)(hosts=[url])
    channel = await layer.new_channel()
    for name, *arguments in json.loads(sys.argv[2]):
        result = await getattr(layer, name)(*(channel if each == "OWN" else each for each in arguments))
        print(json.dumps(result), flush=True)
asyncio.run(main())
"""

#: Each idiom, on both layers that run in production.
on_each_layer: Final = pytest.mark.parametrize("cluster", ["redis", "redis+pubsub"], indirect=True)


class Cluster:
    """Two servers with one layer."""

    def __init__(self, servers: Servers, url: str) -> None:
        self.url = url
        self.first: Server = servers.start("uvicorn", channel_layer=url, DJANGO_DEBUG="0")
        self.second: Server = servers.start("daphne", channel_layer=url, DJANGO_DEBUG="0")

    def outside(self, *calls: list[Any]) -> None:
        """Calls methods of the layer, in a process of its own."""
        subprocess.run(self._command(*calls), check=True, timeout=60, stdout=subprocess.DEVNULL)

    @contextmanager
    def beside(self, *calls: list[Any]) -> Generator[Callable[[], Any]]:
        """The same while the block runs; what it gets returns the results, one after the other."""
        with subprocess.Popen(self._command(*calls), stdout=subprocess.PIPE, text=True) as process:
            try:
                lines = iter(cast("IO[str]", process.stdout))
                yield lambda: json.loads(next(lines))
                assert process.wait(60) == 0
            finally:
                process.kill()

    def _command(self, *calls: list[Any]) -> list[str]:
        return [sys.executable, "-c", _OUTSIDE, self.url, json.dumps(calls)]

    @contextmanager
    def clients(self, name: str) -> Generator[list[RawClient]]:
        """Two clients of each server, let in."""
        with ExitStack() as stack:
            clients = [
                stack.enter_context(RawClient(server, f"/ws/guarded/{name}/"))
                for server in (self.first, self.first, self.second, self.second)
            ]
            for client in clients:
                client.set_patience(30)
                assert client.receive()["action"] == "authentication"
            yield clients


@pytest.fixture
def cluster(servers: Servers, redis: RedisServer, request: pytest.FixtureRequest) -> Cluster:
    scheme = getattr(request, "param", "redis")
    return Cluster(servers, redis.url.replace("redis:", f"{scheme}:", 1))


def touched(client: RawClient) -> str:
    frame = client.receive()
    assert frame["action"] == "touched", frame
    return str(frame["payload"])


def ask(client: RawClient, payload: str = "") -> str:
    client.send(json.dumps({"action": "touch", "payload": payload}))
    return touched(client)


def flooded(client: RawClient) -> tuple[int, bool, bool]:
    """A group message: its payload, ``is_mine`` and ``is_current``."""
    frame = client.receive()
    assert frame["action"] == "flooded", frame
    return frame["payload"], frame["is_mine"], frame["is_current"]


@on_each_layer
@pytest.mark.parametrize("name", ["shared", "named"])
def test_a_burst_reaches_everybody_in_order(name: str, cluster: Cluster) -> None:
    with cluster.clients(name) as clients:
        clients[0].send('{"action":"flood","payload":50}')
        for client in clients:
            frames = [client.receive() for _ in range(50)]
            assert [(frame["action"], frame["payload"]) for frame in frames] == [("flooded", n) for n in range(50)]


@on_each_layer
@pytest.mark.parametrize("name", ["shared", "named"])
def test_messages_from_elsewhere_reach_everybody_once_and_in_order(name: str, cluster: Cluster) -> None:
    """From a process that has never heard of chanx: types of the application's own, events, and group messages."""
    group_message = {
        "type": "send_group_member",
        "content": {"action": "flooded", "payload": 2},
        "kind": "message",
        "exclude_current": True,
        "from_channel": "",
        "from_user_pk": None,
    }
    with cluster.clients(name) as clients:
        cluster.outside(
            ["group_send", "shared", {"type": "chat.message", "text": "1"}],
            ["group_send", "shared", group_message],
            [
                "group_send",
                "shared",
                {"type": "handle_channel_event", "event_data": {"handler": "heard", "payload": "3"}},
            ],
        )
        for client in clients:
            assert touched(client) == "plain 1"
            assert (frame := client.receive())["action"] == "flooded", frame
            assert touched(client) == "event 3"
        for client in clients:
            client.send('{"action":"touch"}')
            assert client.receive()["action"] == "touched"  # and nothing before it


@on_each_layer
@pytest.mark.parametrize("name", ["shared", "named"])
def test_the_sender_knows_its_own_message_and_need_not_get_it(name: str, cluster: Cluster) -> None:
    """``exclude_current``, ``is_mine`` and ``is_current``, and a message that is sent without a check."""
    with cluster.clients(name) as clients:
        sender, *others = clients
        ask(sender, "tell shared")
        assert [flooded(client) for client in others] == [(1, False, False)] * 3
        sender.send('{"action":"touch","payload":"tell-all shared"}')
        assert [flooded(client) for client in others] == [(2, False, False)] * 3
        # Its reply and the message come as they like.
        frames = [sender.receive(), sender.receive()]
        assert [frame["is_current"] for frame in frames if frame["action"] == "flooded"] == [True]


@on_each_layer
@pytest.mark.parametrize("name", ["shared", "named"])
def test_groups_are_joined_and_left_in_every_process(name: str, cluster: Cluster) -> None:
    with cluster.clients(name) as clients:
        first, second, third, _ = clients
        for client in (second, third):
            ask(client, "join side")
        ask(first, "tell side")
        assert [flooded(client)[0] for client in (second, third)] == [1, 1]
        ask(third, "leave side")
        ask(first, "tell side")
        assert flooded(second)[0] == 1
        ask(third)  # and nothing before it


@on_each_layer
def test_connections_put_themselves_into_groups_by_name(cluster: Cluster) -> None:
    with cluster.clients("named") as clients:
        ask(clients[0], "add own")
        ask(clients[2], "add own")
        cluster.outside(["group_send", "own", {"type": "chat.message", "text": "1"}])
        assert [touched(clients[number]) for number in (0, 2)] == ["plain 1"] * 2
        ask(clients[2], "discard own")
        cluster.outside(["group_send", "own", {"type": "chat.message", "text": "2"}])
        assert touched(clients[0]) == "plain 2"
        ask(clients[2])  # and nothing before it


@on_each_layer
@pytest.mark.parametrize("name", ["shared", "named"])
def test_a_plain_channel_in_the_group_gets_what_members_send(name: str, cluster: Cluster) -> None:
    """As a consumer of plain Channels has one."""
    joined_and_heard = [["group_add", "shared", "OWN"], ["receive", "OWN"]]
    with cluster.clients(name) as clients, cluster.beside(*joined_and_heard) as result:
        assert result() is None
        ask(clients[2], "tell shared")
        heard = result()
        assert heard["type"] == "send_group_member"
        assert heard["content"]["action"] == "flooded"


@on_each_layer
def test_another_process_sends_to_a_channel_name(cluster: Cluster) -> None:
    with cluster.clients("named") as clients:
        names = [ask(client) for client in clients]
        assert len(set(names)) == 4
        cluster.outside(*(["send", name, {"type": "chat.message", "text": "to you"}] for name in names))
        assert [touched(client) for client in clients] == ["plain to you"] * 4


def test_another_process_puts_channel_names_into_groups_and_out(cluster: Cluster) -> None:
    """RedisPubSubChannelLayer knows no names of other processes: there it is that layer which refuses."""
    with cluster.clients("named") as clients:
        names = [ask(client) for client in clients]
        # Put into a group, and out of the one that the class has joined.
        cluster.outside(
            ["group_add", "elsewhere", names[0]],
            ["group_add", "elsewhere", names[2]],
            ["group_discard", "shared", names[1]],
            ["group_discard", "shared", names[3]],
            ["group_send", "elsewhere", {"type": "chat.message", "text": "elsewhere"}],
            ["group_send", "shared", {"type": "chat.message", "text": "shared"}],
        )
        for client in (clients[0], clients[2]):
            assert [touched(client), touched(client)] == ["plain elsewhere", "plain shared"]
        for client, name in zip(clients, names, strict=True):
            assert ask(client) == name  # and nothing before it
        cluster.outside(
            ["group_discard", "elsewhere", names[0]],
            ["group_send", "elsewhere", {"type": "chat.message", "text": "again"}],
        )
        assert touched(clients[2]) == "plain again"
        assert ask(clients[0]) == names[0]


@on_each_layer
def test_a_connection_that_has_ended_is_in_no_group(cluster: Cluster) -> None:
    with cluster.clients("shared") as clients:
        clients[3].abort()
        time.sleep(0.2)
        cluster.outside(["group_send", "shared", {"type": "chat.message", "text": "left"}])
        for client in clients[:3]:
            assert touched(client) == "plain left"
