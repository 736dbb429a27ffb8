"""The engine follows the settings, and else the channel layer."""

from typing import Any

import pytest
from channels.exceptions import InvalidChannelLayerError
from channels.layers import BaseChannelLayer, get_channel_layer
from pytest_django import Settings

from chanx.exceptions import SettingError
from chanx.history.base import Bounds
from chanx.history.database.engine import DatabaseHistory
from chanx.history.engines import engine_beside
from chanx.history.memory import MemoryHistory
from chanx.history.redis import RedisHistory
from tests.servers import RedisServer


def layer() -> BaseChannelLayer:
    """The default one of the settings, or one that is none of them."""
    try:
        found = get_channel_layer()
    except (ImportError, InvalidChannelLayerError):
        found = None
    return found or BaseChannelLayer()


def test_a_layer_in_memory_has_a_history_in_memory() -> None:
    engine = engine_beside(layer())
    assert type(engine) is MemoryHistory
    assert engine_beside(layer()) is engine


def test_other_settings_do_not_change_it(settings: Settings) -> None:
    engine = engine_beside(layer())
    settings.CHANX = {"CAMELIZE": True}
    assert engine_beside(layer()) is engine
    settings.CHANX = {"HISTORY": {"BACKEND": "chanx.history.memory.MemoryHistory"}}
    assert engine_beside(layer()) is not engine


@pytest.mark.parametrize("backend", ["core.RedisChannelLayer", "pubsub.RedisPubSubChannelLayer"])
@pytest.mark.parametrize("form", ["address", "options"])
async def test_a_layer_in_redis_has_a_history_there(
    backend: str, form: str, redis: RedisServer, settings: Settings
) -> None:
    host: Any = redis.url if form == "address" else {"host": "127.0.0.1", "port": redis.port, "socket_timeout": 15}
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": f"channels_redis.{backend}", "CONFIG": {"hosts": [host]}}}
    engine = engine_beside(layer())
    assert type(engine) is RedisHistory
    appended = await engine.append(f"{backend}.{form}", "{}", Bounds(size=1, ttl=1))
    assert appended.position.seq == 1
    await engine.close()


def test_the_setting_counts_first(settings: Settings) -> None:
    settings.CHANX = {
        "HISTORY": {"BACKEND": "chanx.history.database.engine.DatabaseHistory", "OPTIONS": {"using": "x"}}
    }
    assert type(engine_beside(layer())) is DatabaseHistory


@pytest.mark.parametrize(
    ("setting", "complaint"),
    [
        ({"BACKEND": "no.such.Engine"}, "CHANX['HISTORY'] cannot be used: No module named 'no'."),
        (
            {"BACKEND": "chanx.history.memory.MemoryHistory", "OPTIONS": {"size": 3}},
            "unexpected keyword argument 'size'",
        ),
        ({"BACKEND": "collections.OrderedDict"}, "is collections.OrderedDict, which is no HistoryEngine"),
    ],
    ids=["missing", "arguments", "other class"],
)
def test_a_setting_that_names_no_engine(setting: Any, complaint: str, settings: Settings) -> None:
    settings.CHANX = {"HISTORY": setting}
    with pytest.raises(SettingError) as caught:
        engine_beside(layer())
    assert complaint in str(caught.value)


@pytest.mark.parametrize("layers", [{}, {"default": {"BACKEND": "no.such.Layer"}}], ids=["none", "unknown"])
def test_a_layer_that_none_suits(layers: Any, settings: Settings) -> None:
    settings.CHANNEL_LAYERS = layers
    with pytest.raises(SettingError, match="can have no history yet: no engine is known to suit"):
        engine_beside(layer())
