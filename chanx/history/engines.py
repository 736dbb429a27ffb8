"""Which engine keeps the history of groups: the one that the settings name, or one that suits the channel layer."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final, cast

from channels import DEFAULT_CHANNEL_LAYER
from channels.layers import BaseChannelLayer, InMemoryChannelLayer, channel_layers
from django.conf import settings as django_settings
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from chanx.exceptions import SettingError
from chanx.history.base import HistoryEngine
from chanx.history.memory import MemoryHistory
from chanx.history_settings import HistorySetting
from chanx.settings import chanx_settings

if TYPE_CHECKING:
    from redis.asyncio import ConnectionPool

#: By alias of the channel layer.
_engines: Final[dict[str, HistoryEngine]] = {}
#: The setting HISTORY that they were made by, once there is one.
_made_for: Final[list[HistorySetting | None]] = []


def engine_beside(layer: BaseChannelLayer) -> HistoryEngine:
    """The engine for the groups of a channel layer of the settings; the same one until the settings change.

    Raises :class:`~chanx.exceptions.SettingError` when the settings name none that can be used, and none suits the
    layer.
    """
    layer_alias = _alias_of(layer)
    engine = _engines.get(layer_alias)
    if engine is None:
        setting = chanx_settings.HISTORY
        _made_for[:] = [setting]
        engine = _engines[layer_alias] = _suiting(layer_alias) if setting is None else named_engine(setting)
    return engine


@asynccontextmanager
async def borrowed_engine(layer: BaseChannelLayer) -> AsyncGenerator[HistoryEngine]:
    """The engine beside a layer, in an event loop that may be there for this call alone.

    What the engine opens there is closed again.
    """
    engine = engine_beside(layer)
    is_lent = engine.is_open()
    try:
        yield engine
    finally:
        if not is_lent:
            await engine.close()


def _alias_of(layer: BaseChannelLayer) -> str:
    known = (alias for alias, each in channel_layers.backends.items() if each is layer)
    return next(known, DEFAULT_CHANNEL_LAYER)


def named_engine(setting: HistorySetting) -> HistoryEngine:
    """A new engine, as the settings name it; it connects to nothing yet.

    Raises :class:`~chanx.exceptions.SettingError` when it cannot be made, and whatever its module raises.
    """
    try:
        engine: object = import_string(setting["BACKEND"])(**setting.get("OPTIONS", {}))
    except (ImportError, TypeError) as error:
        raise SettingError(f"CHANX['HISTORY'] cannot be used: {error}.") from error
    if not isinstance(engine, HistoryEngine):
        raise SettingError(f"CHANX['HISTORY']['BACKEND'] is {setting['BACKEND']}, which is no HistoryEngine.")
    return engine


def _suiting(layer_alias: str) -> HistoryEngine:
    config: Mapping[str, Any] = getattr(django_settings, "CHANNEL_LAYERS", {}).get(layer_alias, {})
    backend = config.get("BACKEND", "")
    if backend.startswith("channels_redis."):
        return _in_redis_of(config.get("CONFIG", {}).get("hosts"))
    if backend and _is_in_memory(backend):
        return MemoryHistory()
    raise SettingError(
        f"Groups of the channel layer {layer_alias!r} can have no history yet: no engine is known to suit "
        f"{backend or 'a layer that is not there'}. Name one, for instance "
        "CHANX = {'HISTORY': {'BACKEND': 'chanx.history.database.engine.DatabaseHistory'}}."
    )


def _in_redis_of(hosts: Sequence[Any] | None) -> HistoryEngine:
    from channels_redis.utils import create_pool, decode_hosts

    from chanx.history.redis import RedisHistory

    # The first one: a history that is spread over several would move when one is added.
    host: Mapping[str, Any] = decode_hosts(hosts)[0]

    def pool() -> "ConnectionPool":
        made: ConnectionPool = create_pool(host)
        return made

    return RedisHistory(pool)


def _is_in_memory(backend: str) -> bool:
    try:
        return issubclass(import_string(backend), InMemoryChannelLayer)
    except ImportError:
        return False


def _forget_engines(*, setting: str, **kwargs: object) -> None:
    # Other keys of CHANX may change while connections are there: what is in the memory of an engine stays.
    configured: object = getattr(django_settings, "CHANX", None)
    named = cast("Mapping[str, Any]", configured).get("HISTORY") if isinstance(configured, Mapping) else None
    if setting == "CHANNEL_LAYERS" or (setting == "CHANX" and _made_for != [named]):
        _engines.clear()
        _made_for.clear()


setting_changed.connect(_forget_engines, dispatch_uid="chanx.history.engines")
