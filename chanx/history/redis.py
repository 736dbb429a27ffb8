"""A history in Redis: a stream for each group, changed by scripts that run as one step.

https://redis.io/docs/latest/develop/data-types/streams/ · https://redis.io/docs/latest/develop/programmability/eval-intro/
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakKeyDictionary

from chanx.deduplication.base import Ledger
from chanx.deduplication.redis import RedisLedger
from chanx.history.base import (
    POSITION_TTL,
    Appended,
    Bounds,
    Entry,
    HistoryEngine,
    Missed,
    Position,
    check_key,
    gap_between,
    new_epoch,
)
from chanx.presence.base import PresenceEngine
from chanx.presence.redis import RedisPresence

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

#: Takes ``keys`` and ``args``.
_Script = Callable[..., Awaitable[Any]]

#: Begins a numbering where there is none, or where Redis has been away and may have forgotten a part of it. A stream
#: that was left behind belongs to a numbering that was lost.
_BEGIN: Final = """
local generation = redis.call('HGET', KEYS[3], 'generation') or ''
local known = redis.call('HMGET', KEYS[1], 'epoch', 'generation')
local epoch = known[1]
if not epoch or known[2] ~= generation then
    epoch = ARGV[1]
    redis.call('HSET', KEYS[1], 'epoch', epoch, 'generation', generation, 'seq', 0)
    redis.call('DEL', KEYS[2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""

_POSITION: Final = f"{_BEGIN} return {{epoch, redis.call('HGET', KEYS[1], 'seq')}}"

#: ``KEYS[4]`` remembers an idempotency key: the epoch and the offset of its message.
_APPEND: Final = f"""
{_BEGIN}
local seen = redis.call('HMGET', KEYS[4], 'epoch', 'seq')
if seen[1] == epoch then
    return {{epoch, seen[2], 0}}
end
local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '=', ARGV[3], seq .. '-0', 'b', ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('HSET', KEYS[4], 'epoch', epoch, 'seq', seq)
redis.call('PEXPIRE', KEYS[4], ARGV[6])
return {{epoch, seq, 1}}
"""

_SINCE: Final = f"""
{_BEGIN}
return {{
    epoch,
    redis.call('HGET', KEYS[1], 'seq'),
    redis.call('XRANGE', KEYS[2], ARGV[3] .. '-0', '+', 'COUNT', ARGV[4]),
}}
"""

#: Run by each connection before anything else. A Redis that was started anew has another run_id. Unless it keeps each
#: command before it answers, it may have gone back to an older state, whose offsets have been given away before.
_ARRIVE: Final = """
local known = redis.call('HGET', KEYS[1], 'run_id')
if known == ARGV[1] then
    return
end
redis.call('HSET', KEYS[1], 'run_id', ARGV[1])
if ARGV[2] == '0' then
    redis.call('HSET', KEYS[1], 'generation', ARGV[1])
end
"""

#: Seconds for which one call of append() is remembered: longer than a client of Redis tries again.
_CALL_TTL: Final = 60.0

#: How often a command is tried again on another connection, before its caller hears that Redis is away: for a second.
_TRIES: Final = 4

#: Commands of one event loop that may be under way. Redis runs one after the other: more would only wait there.
_CONNECTIONS: Final = 20

#: The largest offset that a stream can be asked for, and that scripts can count.
_LAST_SEQ: Final = 2**53 - 1


class RedisHistory(HistoryEngine):
    """Shared by every process that uses the same Redis.

    With ``appendonly yes`` and ``appendfsync always`` Redis keeps each message before it says so, and a restart goes
    unnoticed. With anything less it may have lost some, so that a restart begins all numberings anew: clients learn
    that they may have missed something. One Redis, or one with replicas and Sentinel; not a cluster.

    :param location: such as ``redis://localhost:6379/0``; or the connection pool for an event loop, made by a function.
    :param prefix: begins each key.
    """

    def __init__(self, location: "str | Callable[[], ConnectionPool]", *, prefix: str = "chanx:history") -> None:
        self._location = location
        self._prefix = prefix
        #: Connections belong to the event loop that has opened them.
        self._scripts: WeakKeyDictionary[asyncio.AbstractEventLoop, _Scripts] = WeakKeyDictionary()

    async def append(self, group: str, body: str, bounds: Bounds, *, key: str | None = None) -> Appended:
        check_key(key)
        keys = self._keys(group)
        # A client of Redis that loses its connection does not know whether the script has run, and runs it again.
        call = f"key:{group}:{key}" if key is not None else f"call:{secrets.token_urlsafe(12)}"
        keys.append(f"{self._prefix}:{call}")
        limits = (max(bounds.size, 1), _milliseconds(bounds.ttl))
        remembered = _milliseconds(bounds.ttl if key is not None else _CALL_TTL)
        epoch, seq, is_new = await self._here().append(keys=keys, args=(*_begin(), *limits, body, remembered))
        return Appended(Position(_text(epoch), int(seq)), is_new=bool(is_new))

    async def position(self, group: str) -> Position:
        epoch, seq = await self._here().position(keys=self._keys(group), args=_begin())
        return Position(_text(epoch), int(seq))

    async def since(self, group: str, position: Position, *, limit: int) -> Missed:
        first = min(max(position.seq, 0) + 1, _LAST_SEQ)
        epoch, seq, found = await self._here().since(keys=self._keys(group), args=(*_begin(), first, limit))
        current = Position(_text(epoch), int(seq))
        entries = tuple(Entry(int(_text(name).partition("-")[0]), _text(fields[1])) for name, fields in found)
        gap = gap_between(position, current, entries[0].seq if entries else None)
        return Missed(current, () if gap else entries, gap)

    def ledger(self) -> Ledger:
        return RedisLedger(
            lambda: self._here().client, prefix=f"{self._prefix}:requests", server_key=f"{self._prefix}:server"
        )

    def presence(self) -> PresenceEngine:
        return RedisPresence(lambda: self._here().client, prefix=f"{self._prefix}:presence")

    def is_open(self) -> bool:
        return asyncio.get_running_loop() in self._scripts

    async def close(self) -> None:
        scripts = self._scripts.pop(asyncio.get_running_loop(), None)
        if scripts is not None:
            await scripts.client.aclose()

    def _keys(self, group: str) -> list[str]:
        # No name of a group has a colon (Channels allows none).
        return [f"{self._prefix}:at:{group}", f"{self._prefix}:log:{group}", f"{self._prefix}:server"]

    def _here(self) -> "_Scripts":
        loop = asyncio.get_running_loop()
        scripts = self._scripts.get(loop)
        if scripts is None:
            scripts = self._scripts[loop] = _Scripts(self._location, f"{self._prefix}:server")
        return scripts


class _Scripts:
    """The scripts, on the connections of one event loop."""

    def __init__(self, location: "str | Callable[[], ConnectionPool]", server_key: str) -> None:
        from redis.asyncio import ConnectionPool, Redis
        from redis.asyncio.retry import Retry
        from redis.backoff import ExponentialWithJitterBackoff

        # The first command after a pause finds out whether the connection has silently died.
        pool = ConnectionPool.from_url(location, health_check_interval=15) if isinstance(location, str) else location()
        pool.connection_kwargs["redis_connect_func"] = partial(_arrive, server_key)
        # All connections of a pool die with their Redis; after a restart the first command must not tell that.
        pool.connection_kwargs["retry"] = Retry(ExponentialWithJitterBackoff(base=0.05, cap=0.5), _TRIES)
        client: Any = Redis.from_pool(pool)
        # A pool refuses a command when all of its connections are in use (100 since version 8 of redis-py), as when
        # thousands of clients come back from a server that has ended. Here commands wait for one another.
        free = asyncio.Semaphore(min(pool.max_connections, _CONNECTIONS))
        client.execute_command = _in_turn(client.execute_command, free)
        self.client: Redis = client
        self.append, self.position, self.since = map(self._script, (_APPEND, _POSITION, _SINCE))

    def _script(self, source: str) -> _Script:
        return self.client.register_script(source)


def _in_turn(execute: Callable[..., Awaitable[Any]], free: asyncio.Semaphore) -> Callable[..., Awaitable[Any]]:
    """``execute``, of which only so many run at the same time."""

    async def wait_and_execute(*args: Any, **options: Any) -> Any:
        async with free:
            return await execute(*args, **options)

    return wait_and_execute


async def _arrive(server_key: str, connection: Any) -> None:
    """Called for each new connection. A Redis that was started anew has closed all that were there before."""
    await connection.on_connect()
    run_id = _field(await _ask(connection, "INFO", "server"), "run_id")
    has_file = _field(await _ask(connection, "INFO", "persistence"), "aof_enabled") == "1"
    # With "everysec", Redis answers while up to two seconds of commands are not written yet.
    keeps_all = has_file and await _is_synchronous(connection)
    await _ask(connection, "EVAL", _ARRIVE, 1, server_key, run_id, int(keeps_all))


async def _is_synchronous(connection: Any) -> bool:
    from redis.exceptions import ResponseError

    try:
        answer = await _ask(connection, "CONFIG", "GET", "appendfsync")
    except ResponseError:
        return False  # a managed Redis, which lets nobody ask
    values = answer.values() if isinstance(answer, Mapping) else answer
    return "always" in map(_text, values)


async def _ask(connection: Any, *command: Any) -> Any:
    await connection.send_command(*command)
    answer = await connection.read_response()
    if isinstance(answer, Exception):
        raise answer
    return answer


def _field(info: bytes | str, name: str) -> str:
    """One line of what Redis says about itself; empty where it does not say it."""
    for line in _text(info).splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return value
    return ""


def _begin() -> tuple[str, int]:
    return new_epoch(), _milliseconds(POSITION_TTL)


def _milliseconds(seconds: float) -> int:
    return max(int(seconds * 1000), 1)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
