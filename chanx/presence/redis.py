"""Presence in Redis: changed by scripts that run as one step, and timed by the clock of Redis.

https://redis.io/docs/latest/develop/programmability/eval-intro/

Below a prefix there are

- ``nodes``, a sorted set: each node by the end of its lease, or by 0 while its members are taken out; ``node:NODE``, a
  set: what it keeps where;
- ``leaving``, a sorted set: whom no node keeps any more, by the end of the grace;
- ``order:GROUP``, a sorted set: the members by when they came; ``info:GROUP`` and ``held:GROUP``, hashes: what others
  may know about each, and how many nodes keep it there;
- ``versions``, a hash, and ``version``, the last one.

A place is written ``GROUP:KEY``: no name of a group has a colon (Channels allows none).
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from chanx.presence.base import (
    SWEPT_AT_ONCE,
    Arrival,
    Attendance,
    Beat,
    Changes,
    Place,
    PresenceEngine,
    Present,
    check_key,
)

if TYPE_CHECKING:
    from redis.asyncio import Redis

#: ``KEYS[1]`` is the prefix. One Redis, or one with replicas: a cluster would have to know all keys beforehand.
_BEGIN: Final = f"""
local at = KEYS[1] .. ':'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local changed = {{}}

local function parts(place)
    local colon = string.find(place, ':', 1, true)
    return string.sub(place, 1, colon - 1), string.sub(place, colon + 1)
end

local function has_lease(node)
    local ends = redis.call('ZSCORE', at .. 'nodes', node)
    return ends and tonumber(ends) > 0
end

local function remove(group, key)
    if redis.call('ZREM', at .. 'order:' .. group, key) == 1 then
        changed[group] = true
    end
    redis.call('HDEL', at .. 'info:' .. group, key)
    redis.call('HDEL', at .. 'held:' .. group, key)
end

local function let_go(place, grace)
    local group, key = parts(place)
    if redis.call('HINCRBY', at .. 'held:' .. group, key, -1) > 0 then
        return
    end
    if grace > 0 then
        redis.call('ZADD', at .. 'leaving', now + grace, place)
    else
        remove(group, key)
    end
end

local function sweep(with_nodes)
    local over = redis.call('ZRANGEBYSCORE', at .. 'leaving', '-inf', now, 'LIMIT', 0, {SWEPT_AT_ONCE})
    for _, place in ipairs(over) do
        redis.call('ZREM', at .. 'leaving', place)
        remove(parts(place))
    end
    if with_nodes then
        for _, node in ipairs(redis.call('ZRANGEBYSCORE', at .. 'nodes', '-inf', now, 'LIMIT', 0, 10)) do
            for _, place in ipairs(redis.call('SPOP', at .. 'node:' .. node, {SWEPT_AT_ONCE})) do
                let_go(place, 0)
            end
            if redis.call('EXISTS', at .. 'node:' .. node) == 0 then
                redis.call('ZREM', at .. 'nodes', node)
            else
                redis.call('ZADD', at .. 'nodes', 0, node)
            end
        end
    end
end

local function changes()
    local found = {{}}
    for group, _ in pairs(changed) do
        local version = 0
        if redis.call('EXISTS', at .. 'order:' .. group) == 1 then
            version = redis.call('INCR', at .. 'version')
            redis.call('HSET', at .. 'versions', group, version)
        else
            redis.call('HDEL', at .. 'versions', group)
        end
        table.insert(found, group)
        table.insert(found, version)
    end
    return found
end
"""

#: Node, lease.
_START: Final = f"{_BEGIN} redis.call('ZADD', at .. 'nodes', now + ARGV[2], ARGV[1])"

#: Node, lease, whether the nodes are looked at, and the groups whose versions are asked for.
_BEAT: Final = f"""
{_BEGIN}
local is_known = has_lease(ARGV[1]) and 1 or 0
if is_known == 1 then
    redis.call('ZADD', at .. 'nodes', now + ARGV[2], ARGV[1])
end
sweep(ARGV[3] == '1')
local found = changes()
local versions = {{}}
for number = 4, #ARGV do
    versions[number - 3] = redis.call('HGET', at .. 'versions', ARGV[number]) or 0
end
return {{is_known, found, versions}}
"""

#: Node, capacity, and three for each arrival.
_ARRIVE: Final = f"""
{_BEGIN}
if not has_lease(ARGV[1]) then
    return false
end
local capacity = tonumber(ARGV[2])
for number = 3, #ARGV, 3 do
    local group, key, info = ARGV[number], ARGV[number + 1], ARGV[number + 2]
    local place = group .. ':' .. key
    local order, infos = at .. 'order:' .. group, at .. 'info:' .. group
    local known = redis.call('HGET', infos, key)
    if known or redis.call('ZCARD', order) < capacity then
        if redis.call('SADD', at .. 'node:' .. ARGV[1], place) == 1 then
            redis.call('HINCRBY', at .. 'held:' .. group, key, 1)
        end
        redis.call('ZREM', at .. 'leaving', place)
        if not known then
            redis.call('ZADD', order, now, key)
        end
        if known ~= info then
            redis.call('HSET', infos, key, info)
            changed[group] = true
        end
    end
end
return changes()
"""

#: Node, grace, and the places.
_DEPART: Final = f"""
{_BEGIN}
for number = 3, #ARGV do
    if redis.call('SREM', at .. 'node:' .. ARGV[1], ARGV[number]) == 1 then
        let_go(ARGV[number], tonumber(ARGV[2]))
    end
end
return changes()
"""

_SWEEP: Final = f"{_BEGIN} sweep(true) return changes()"

#: Group, and how many are listed.
_ATTENDANCE: Final = """
local at, group = KEYS[1] .. ':', ARGV[1]
local order = at .. 'order:' .. group
local found = {redis.call('HGET', at .. 'versions', group) or 0, redis.call('ZCARD', order)}
if tonumber(ARGV[2]) > 0 then
    local listed = redis.call('ZRANGE', order, 0, ARGV[2] - 1, 'WITHSCORES')
    for number = 1, #listed, 2 do
        table.insert(found, listed[number])
        table.insert(found, listed[number + 1])
        table.insert(found, redis.call('HGET', at .. 'info:' .. group, listed[number]))
    end
end
return found
"""


class RedisPresence(PresenceEngine):
    """Shared by every process that uses the same Redis: one, or one with replicas and Sentinel; not a cluster.

    :param client: the client of the running event loop; whoever has made it closes it.
    :param prefix: begins each key.
    """

    def __init__(self, client: "Callable[[], Redis]", *, prefix: str) -> None:
        self._client = client
        self._prefix = prefix

    async def begin(self, node: str, ttl: float) -> None:
        await self._run(_START, node, _milliseconds(ttl))

    async def beat(self, node: str, ttl: float, groups: Sequence[str] = (), *, sweeps: bool = True) -> Beat:
        is_known, changed, versions = await self._run(_BEAT, node, _milliseconds(ttl), int(sweeps), *groups)
        return Beat(bool(is_known), _changes(changed), dict(zip(groups, map(int, versions), strict=True)))

    async def arrive(self, node: str, arrivals: Sequence[Arrival], *, capacity: int) -> Changes | None:
        for arrival in arrivals:
            check_key(arrival.key)
        told = [text for arrival in arrivals for text in (arrival.group, arrival.key, arrival.info)]
        changed = await self._run(_ARRIVE, node, capacity, *told)
        return None if changed is None else _changes(changed)

    async def depart(self, node: str, places: Sequence[Place], *, grace: float) -> Changes:
        told = [f"{group}:{key}" for group, key in places]
        return _changes(await self._run(_DEPART, node, 0 if grace <= 0 else _milliseconds(grace), *told))

    async def sweep(self) -> Changes:
        return _changes(await self._run(_SWEEP))

    async def attendance(self, group: str, *, limit: int) -> Attendance:
        version, count, *told = await self._run(_ATTENDANCE, group, limit)
        members = [
            Present(_text(key), _text(info), float(since) / 1000)
            for key, since, info in zip(told[::3], told[1::3], told[2::3], strict=True)
        ]
        return Attendance(int(version), int(count), tuple(members))

    async def _run(self, source: str, *args: str | float) -> Any:
        return await self._client().register_script(source)(keys=[self._prefix], args=args)


def _changes(found: Sequence[Any]) -> Changes:
    return {_text(group): int(version) for group, version in zip(found[::2], found[1::2], strict=True)}


def _milliseconds(seconds: float) -> int:
    return max(int(seconds * 1000), 1)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
