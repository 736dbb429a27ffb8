"""A ledger in Redis: four keys for each client, changed by scripts that run as one step.

https://redis.io/docs/latest/develop/programmability/eval-intro/
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from chanx.deduplication.base import LEASE, Claim, Ledger, Limits, Request, Standing, is_to_be_kept, new_epoch

if TYPE_CHECKING:
    from redis.asyncio import Redis

#: An epoch begins where there is none, or where Redis has been away and may have forgotten requests.
_EPOCH: Final = """
local generation = redis.call('HGET', KEYS[2], 'generation') or ''
local known = redis.call('HMGET', KEYS[1], 'epoch', 'generation')
local epoch = known[1]
if not epoch or known[2] ~= generation then
    epoch = ARGV[1]
    redis.call('HSET', KEYS[1], 'epoch', epoch, 'generation', generation)
end
"""

#: What is known of the requests of one client. ``KEYS[3]`` has the state of each: until when it is leased, by whom, and
#: what it says; ``KEYS[4]`` when each is forgotten; ``KEYS[5]`` the replies, and under '' how many bytes they have;
#: ``KEYS[6]`` since when each has replies. All times are Redis' own, in milliseconds.
_STATE: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function state_of(id)
    local text = redis.call('HGET', KEYS[3], id)
    if text then
        local lease, holder, digest = string.match(text, '^(%d+)|([^|]*)|(.*)$')
        return tonumber(lease), holder, digest
    end
end

local function keep(id, lease, holder, digest, window)
    redis.call('HSET', KEYS[3], id, string.format('%.0f|%s|%s', lease, holder, digest))
    redis.call('ZADD', KEYS[4], now + window, id)
    redis.call('PEXPIRE', KEYS[3], window)
    redis.call('PEXPIRE', KEYS[4], window)
end

local function drop_replies(id)
    local size = redis.call('HSTRLEN', KEYS[5], id)
    redis.call('ZREM', KEYS[6], id)
    if redis.call('HDEL', KEYS[5], id) == 1 then
        redis.call('HINCRBY', KEYS[5], '', -size)
    end
end

local function forget(id)
    drop_replies(id)
    redis.call('HDEL', KEYS[3], id)
    redis.call('ZREM', KEYS[4], id)
end
"""

_CLAIM: Final = f"""
{_EPOCH}
{_STATE}
local id, digest, holder, window = ARGV[2], ARGV[3], ARGV[4], tonumber(ARGV[6])
for _, each in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', now)) do
    forget(each)
end
local leased_until, by, known = state_of(id)
if leased_until then
    if known ~= digest then return {{'conflict'}} end
    if by == '' then
        local replies = redis.call('HGET', KEYS[5], id)
        if replies then return {{'done', replies}} end
        return {{'forgotten'}}
    end
    if by == holder then return {{'new'}} end
    if leased_until > now then return {{'running'}} end
    return {{'unknown'}}
end
if ARGV[8] ~= '' and ARGV[8] ~= epoch then return {{'unknown'}} end
if redis.call('ZCARD', KEYS[4]) >= tonumber(ARGV[7]) then
    return {{'full', redis.call('ZRANGE', KEYS[4], 0, 0, 'WITHSCORES')[2] - now}}
end
keep(id, now + ARGV[5], holder, digest, window)
return {{'new'}}
"""

_RENEW: Final = f"""
{_STATE}
local leased_until, by, digest = state_of(ARGV[1])
if by == ARGV[2] then
    keep(ARGV[1], now + ARGV[3], by, digest, tonumber(ARGV[4]))
end
"""

_FINISH: Final = f"""
{_STATE}
local id, window, limit = ARGV[1], tonumber(ARGV[3]), tonumber(ARGV[4])
local leased_until, by, digest = state_of(id)
if by ~= ARGV[2] then return end
keep(id, 0, '', digest, window)
if ARGV[5] == '1' then
    redis.call('HSET', KEYS[5], id, ARGV[6])
    -- After all others, also those of the same moment.
    local last = redis.call('ZRANGE', KEYS[6], -1, -1, 'WITHSCORES')[2] or 0
    redis.call('ZADD', KEYS[6], math.max(now, last + 1), id)
    local size = redis.call('HINCRBY', KEYS[5], '', #ARGV[6])
    while size > limit do
        local oldest = redis.call('ZRANGE', KEYS[6], 0, 0)[1]
        -- Its own are what fits by itself.
        if not oldest or oldest == id then break end
        drop_replies(oldest)
        size = tonumber(redis.call('HGET', KEYS[5], '') or 0)
    end
    redis.call('PEXPIRE', KEYS[5], window)
    redis.call('PEXPIRE', KEYS[6], window)
end
"""

_RELEASE: Final = f"""
{_STATE}
local leased_until, by = state_of(ARGV[1])
if by == ARGV[2] then forget(ARGV[1]) end
"""

_READ_EPOCH: Final = f"{_EPOCH} return epoch"


class RedisLedger(Ledger):
    """Shared by every process that uses the same Redis. See :class:`~chanx.history.redis.RedisHistory`.

    :param client: of the running event loop; its connections find out whether Redis may have forgotten something.
    :param prefix: begins each key.
    :param server_key: where that is noted.
    """

    def __init__(self, client: "Callable[[], Redis]", *, prefix: str, server_key: str) -> None:
        self._client = client
        self._prefix = prefix
        self._common_keys = (prefix, server_key)

    async def epoch(self) -> str:
        return _text(await self._run(_READ_EPOCH, self._common_keys, [new_epoch()]))

    async def claim(self, request: Request, holder: str, limits: Limits) -> Claim:
        answer = await self._run(
            _CLAIM,
            self._keys(request),
            [
                new_epoch(),
                request.id,
                request.digest,
                holder,
                _milliseconds(LEASE),
                _milliseconds(limits.window),
                limits.requests,
                request.known_since or "",
            ],
        )
        standing, *more = answer
        match Standing(_text(standing)):
            case Standing.DONE:
                return Claim(Standing.DONE, _text(more[0]))
            case Standing.FULL:
                return Claim(Standing.FULL, wait=int(more[0]) / 1000)
            case other:
                return Claim(other)

    async def renew(self, request: Request, holder: str, limits: Limits, *, lease: float = LEASE) -> None:
        arguments = [request.id, holder, _milliseconds(lease), _milliseconds(limits.window)]
        await self._run(_RENEW, self._keys(request), arguments)

    async def finish(self, request: Request, holder: str, limits: Limits, replies: str | None) -> None:
        is_kept = is_to_be_kept(replies, limits)
        arguments = [request.id, holder, _milliseconds(limits.window), limits.size, int(is_kept)]
        await self._run(_FINISH, self._keys(request), [*arguments, replies if is_kept else ""])

    async def release(self, request: Request, holder: str) -> None:
        await self._run(_RELEASE, self._keys(request), [request.id, holder])

    def _keys(self, request: Request) -> list[str]:
        of_client = (f"{self._prefix}:{kind}:{request.client}" for kind in ("states", "ends", "replies", "replied"))
        return [*self._common_keys, *of_client]

    async def _run(self, source: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        # The first one of a connection sends the script itself.
        return await self._client().register_script(source)(keys=keys, args=arguments)


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value
