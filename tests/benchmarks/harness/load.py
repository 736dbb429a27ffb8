"""What clients do to a server, and what is counted while they do it."""

import asyncio
import json
import math
import socket
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

import uvloop

from tests.benchmarks.harness.client import Connection, Refused, connect, connect_many, disconnect, text_frame
from tests.benchmarks.harness.servers import Server

Result = TypeVar("Result")

#: Before anything is counted: caches are filled, and what a server greets with has arrived.
_WARM_UP_SECONDS: Final = 0.2
#: When nothing has come for so long, nothing comes any more. In a burst the server may have to read it all before.
_SILENCE_SECONDS: Final = 2.0
_SILENCE_IN_A_BURST: Final = 15.0
#: Of so many looks the one in the middle counts, where one may meet with what is seldom.
_LOOKS: Final = 5
#: Bytes of a large text, and those that the kernel keeps for a connection at most. (tcp_wmem, and some more)
_LARGE: Final = 60_000
_KERNEL_BUFFERS: Final = 8_000_000
#: The receive buffer of a member that does not read: what it holds is soon full.
_SMALL_BUFFER: Final = 4096


def play(scenario: Awaitable[Result]) -> Result:
    """Runs one scenario in an event loop of its own."""

    async def run() -> Result:
        return await scenario

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())


@dataclass(frozen=True, slots=True)
class Load:
    """How a server has done under load."""

    #: Replies or deliveries; and how many of them were expected, but never came.
    messages: int
    lost: int
    seconds: float
    cpu_seconds: float
    #: Seconds from each request to its reply, or to the last of its deliveries.
    latencies: Sequence[float]

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds

    @property
    def cpu_per_message(self) -> float:
        """Seconds of CPU time."""
        return self.cpu_seconds / self.messages if self.messages else math.nan

    def percentile(self, share: float) -> float:
        """The latency that ``share`` of all requests stay below, in seconds."""
        ordered = sorted(self.latencies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


class _Clock:
    """Measures a server from one moment to another."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._cpu = server.cpu_seconds()
        self._start = time.perf_counter()

    def load(self, latencies: Sequence[float], messages: int, lost: int = 0) -> Load:
        seconds = time.perf_counter() - self._start
        return Load(messages, lost, seconds, self._server.cpu_seconds() - self._cpu, latencies)


async def echo(
    server: Server, frame: str, *, path: str = "/echo", connections: int, seconds: float, idle: int = 0
) -> Load:
    """Each of some connections sends a frame, waits for the reply, and sends the next; others may be idle."""
    clients = await connect_many(server.port, [path] * (connections + idle))
    try:
        await _pause(_WARM_UP_SECONDS)
        async with _awake(server):
            await _closed_loop(server, clients[:connections], frame, _WARM_UP_SECONDS)
            return await _closed_loop(server, clients[:connections], frame, seconds)
    finally:
        await disconnect(clients)


@asynccontextmanager
async def _awake(server: Server) -> AsyncGenerator[None]:
    """Keeps this process from sleeping inside of the block, where that takes nothing from the server.

    Whoever sends to a sleeping process of the same machine pays for waking it: 11 µs on the machine of
    docs/performance.md, nearly half of what a server takes for a small frame. The slower a server is, the more often
    its client sleeps, so that part of the difference between two servers would be the client's. Clients on the other
    side of a network sleep as they like.
    """
    if not server.has_own_core:
        yield
        return

    async def turn_over() -> None:
        while True:
            await asyncio.sleep(0)

    restless = asyncio.create_task(turn_over())
    try:
        yield
    finally:
        restless.cancel()


async def _closed_loop(server: Server, clients: Sequence[Connection], frame: str, seconds: float) -> Load:
    request = text_frame(frame)
    latencies: list[float] = []
    clock = time.perf_counter
    measured = _Clock(server)
    end = clock() + seconds
    finished: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    running = len(clients)

    def converse(client: Connection) -> None:
        sent = clock()

        def answered(text: bytes) -> None:
            nonlocal sent, running
            now = clock()
            latencies.append(now - sent)
            if now < end:
                sent = now
                client.send(request)
            else:
                running -= 1
                if not running:
                    finished.set_result(None)

        client.on_text = answered
        client.send(request)

    for client in clients:
        converse(client)
    try:
        await asyncio.wait_for(finished, seconds + 30)
    except TimeoutError:
        raise RuntimeError(f"{server.target.name} has left {running} requests without a reply") from None
    return measured.load(latencies, len(latencies))


async def fan_out(
    server: Server, frame: str, *, members: int, seconds: float, path: str = "/rooms/lobby", stalled: bool = False
) -> Load:
    """One member of a group sends; when the message has reached all of them, it sends the next one.

    :param stalled: one more member is there who does not read.
    """
    # The one that does not read is the first: whoever delivers in order comes to it before all others.
    deaf = await _connect_deaf(server, path) if stalled else None
    clients = await connect_many(server.port, [path] * members)
    try:
        await _pause(_WARM_UP_SECONDS)
        await _broadcast(server, clients, frame, _WARM_UP_SECONDS)
        return await _broadcast(server, clients, frame, seconds)
    finally:
        if deaf is not None:
            deaf.transport.abort()
        await disconnect(clients)


async def _broadcast(server: Server, clients: Sequence[Connection], frame: str, seconds: float) -> Load:
    loop = asyncio.get_running_loop()
    request = text_frame(frame)
    latencies: list[float] = []
    arrived = delivered = lost = 0
    everybody: asyncio.Future[None] = loop.create_future()

    def hear(text: bytes) -> None:
        nonlocal arrived
        arrived += 1
        if arrived == len(clients) and not everybody.done():
            everybody.set_result(None)

    for client in clients:
        client.on_text = hear
    measured = _Clock(server)
    end = time.perf_counter() + seconds
    while (sent := time.perf_counter()) < end:
        arrived, everybody = 0, loop.create_future()
        clients[0].send(request)
        heard = -1
        while not everybody.done() and arrived > heard:
            heard = arrived
            await asyncio.wait([everybody], timeout=_SILENCE_SECONDS)
        latencies.append(time.perf_counter() - sent)
        delivered += arrived
        lost += len(clients) - arrived
    return measured.load(latencies, delivered, lost)


@dataclass(frozen=True, slots=True)
class Burst:
    """What has become of messages that were sent as fast as the network takes them."""

    expected: int
    arrived: int
    #: Deliveries that came after a later message.
    reordered: int
    #: From the first message to the first delivery, and to the last one.
    first_seconds: float
    seconds: float
    cpu_seconds: float

    @property
    def lost_share(self) -> float:
        return 1 - self.arrived / self.expected


async def burst(server: Server, *, members: int, messages: int, path: str = "/rooms/lobby") -> Burst:
    """One member sends many messages and waits for none of them."""
    clients = await connect_many(server.port, [path] * members)
    arrived = reordered = 0
    first_arrival: float | None = None
    last_arrival = time.perf_counter()

    def hear_as(client: Connection) -> None:
        newest = -1

        def hear(text: bytes) -> None:
            nonlocal newest, arrived, reordered, first_arrival, last_arrival
            number = int(json.loads(text)["payload"]["text"])
            arrived += 1
            reordered += number < newest
            newest = max(newest, number)
            last_arrival = time.perf_counter()
            first_arrival = first_arrival or last_arrival

        client.on_text = hear

    try:
        await _pause(_WARM_UP_SECONDS)
        for client in clients:
            hear_as(client)
        cpu = server.cpu_seconds()
        start = last_arrival = time.perf_counter()
        for number in range(messages):
            clients[0].send(text_frame(_say(str(number))))
        while arrived < members * messages and time.perf_counter() - last_arrival < _SILENCE_IN_A_BURST:
            await asyncio.sleep(0.05)
        return Burst(
            expected=members * messages,
            arrived=arrived,
            reordered=reordered,
            first_seconds=(first_arrival or last_arrival) - start,
            seconds=last_arrival - start,
            cpu_seconds=server.cpu_seconds() - cpu,
        )
    finally:
        await disconnect(clients)


async def come_and_go(
    server: Server, path: str, headers: Iterable[tuple[str, str]], *, greeted: bool, at_once: int, seconds: float
) -> Load:
    """Clients connect, learn that they are in, and leave; ``at_once`` of them at any time.

    :param greeted: the first frame of the server says whether a client is in; otherwise the handshake does.
    """
    sent_headers = tuple(headers)
    latencies: list[float] = []

    async def visit() -> None:
        start = time.perf_counter()
        greeting: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        connection = await connect(server.port, path, sent_headers, lambda text: _set_once(greeting, text))
        if greeted:
            status = json.loads(await asyncio.wait_for(greeting, 10))["payload"]["status_code"]
            if status != 200:
                raise Refused(f"{server.target.name} {path}: {status}")
        latencies.append(time.perf_counter() - start)
        connection.close()
        await connection.closed

    async def keep_coming(until: float) -> None:
        while time.perf_counter() < until:
            await visit()

    async def come(seconds: float) -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(keep_coming(until) for _ in range(at_once)))

    await come(_WARM_UP_SECONDS)
    latencies.clear()
    measured = _Clock(server)
    await come(seconds)
    return measured.load(latencies, len(latencies))


async def memory_of_idle(server: Server, *, connections: int, path: str) -> float:
    """Bytes of the server's memory that each idle connection takes."""
    # The first ones make what is made once.
    first = await connect_many(server.port, [path] * 50)
    await _pause(_WARM_UP_SECONDS)
    before = server.memory_bytes()
    more = await connect_many(server.port, [path] * connections)
    await _pause(0.5)
    taken = server.memory_bytes() - before
    await disconnect([*first, *more])
    return taken / connections


async def beside_queries(server: Server, *, frame: str, seconds: float) -> Load:
    """One connection sends echoes, while another one keeps the database busy without a pause."""
    busy, calm = await connect(server.port, "/query"), await connect(server.port, "/echo")
    query = text_frame(frame)

    def ask_again(text: bytes) -> None:
        busy.send(query)

    busy.on_text = ask_again
    try:
        await _pause(_WARM_UP_SECONDS)
        busy.send(query)
        # Not from the beginning of a query: the first reply would be the only one that waits for nobody.
        await _closed_loop(server, [calm], frame, _WARM_UP_SECONDS)
        return await _closed_loop(server, [calm], frame, seconds)
    finally:
        await disconnect([busy, calm])


async def groups_of_one(server: Server, frame: str, *, groups: int, seconds: float) -> Load:
    """Each member of ``groups`` groups is alone in its own; 50 of them send, and wait for what they have sent."""
    clients = await connect_many(server.port, [f"/rooms/group-{number}" for number in range(groups)])
    try:
        await _pause(_WARM_UP_SECONDS)
        speakers = clients[:: max(1, groups // 50)][:50]
        await _closed_loop(server, speakers, frame, _WARM_UP_SECONDS)
        # One of Python's full collections takes as long as hundreds of messages where there are thousands of groups.
        # They are seldom, so that whether one falls into a short look is a matter of luck.
        looks = [await _closed_loop(server, speakers, frame, seconds) for _ in range(_LOOKS)]
        return sorted(looks, key=lambda load: load.cpu_per_message)[_LOOKS // 2]
    finally:
        await disconnect(clients)


def _say(text: str) -> str:
    return json.dumps({"action": "say", "payload": {"text": text}})


async def _connect_deaf(server: Server, path: str) -> Connection:
    """A member that reads nothing once it is accepted, and for which the server can write no more.

    Which takes some megabytes, although it has little room itself: the kernel keeps them for the server.
    """
    loop = asyncio.get_running_loop()
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL_BUFFER)
    narrow.setblocking(False)
    await loop.sock_connect(narrow, ("127.0.0.1", server.port))
    _, connection = await loop.create_connection(lambda: Connection(path), sock=narrow)
    await connection.opened
    connection.transport.pause_reading()
    speaker = await connect(server.port, path)
    large = text_frame(_say("x" * _LARGE))
    for _ in range(_KERNEL_BUFFERS // _LARGE):
        heard: asyncio.Future[bytes] = loop.create_future()
        speaker.on_text = partial(_set_once, heard)
        speaker.send(large)
        done, _waiting = await asyncio.wait([heard], timeout=_SILENCE_SECONDS)
        if not done:
            # Whoever stalls for one member does so already.
            break
    await disconnect([speaker])
    return connection


def _set_once(future: "asyncio.Future[Any]", value: Any) -> None:
    if not future.done():
        future.set_result(value)


#: Waits; a name, so that what waits for a reason is told from what polls.
_pause: Final[Callable[[float], Awaitable[None]]] = asyncio.sleep
