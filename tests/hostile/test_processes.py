"""Groups and channel names across processes: two servers, and a third process that knows neither Django nor chanx."""

import json
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

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
    for name, *arguments in json.loads(sys.argv[2]):
        await getattr(layer, name)(*arguments)
asyncio.run(main())
"""


class Cluster:
    """Two servers with one layer."""

    def __init__(self, servers: Servers, url: str) -> None:
        self._url = url
        self.first: Server = servers.start("uvicorn", channel_layer=url, DJANGO_DEBUG="0")
        self.second: Server = servers.start("daphne", channel_layer=url, DJANGO_DEBUG="0")

    def outside(self, *calls: list[Any]) -> None:
        """Calls methods of the layer, in a process of its own."""
        subprocess.run([sys.executable, "-c", _OUTSIDE, self._url, json.dumps(calls)], check=True, timeout=60)

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


@pytest.mark.parametrize("name", ["shared", "named"])
def test_a_burst_reaches_everybody_in_order(name: str, cluster: Cluster) -> None:
    with cluster.clients(name) as clients:
        clients[0].send('{"action":"flood","payload":50}')
        for client in clients:
            frames = [client.receive() for _ in range(50)]
            assert [(frame["action"], frame["payload"]) for frame in frames] == [("flooded", n) for n in range(50)]


@pytest.mark.parametrize("cluster", ["redis", "redis+pubsub"], indirect=True)
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


def test_another_process_uses_channel_names(cluster: Cluster) -> None:
    with cluster.clients("named") as clients:
        names = [ask(client) for client in clients]
        assert len(set(names)) == 4
        for client, name in zip(clients, names, strict=True):
            cluster.outside(["send", name, {"type": "chat.message", "text": "to you"}])
            assert touched(client) == "plain to you"
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


def test_a_connection_that_has_ended_is_in_no_group(cluster: Cluster) -> None:
    with cluster.clients("shared") as clients:
        clients[3].abort()
        time.sleep(0.2)
        cluster.outside(["group_send", "shared", {"type": "chat.message", "text": "left"}])
        for client in clients[:3]:
            assert touched(client) == "plain left"
