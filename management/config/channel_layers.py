"""CHANNEL_LAYERS from one address, so that an environment variable chooses between memory and Redis."""

from typing import Any, Final

from django.core.exceptions import ImproperlyConfigured

#: Seconds without an answer after which Redis counts as gone. channels_redis asks it to wait 5 seconds for a message;
#: redis-py 8 gives up after just as many, and each connection that is idle for so long would fail.
_SOCKET_TIMEOUT: Final = 20

_MEMORY: Final = "channels.layers.InMemoryChannelLayer"
_REDIS: Final = {
    "redis": "channels_redis.core.RedisChannelLayer",
    "rediss": "channels_redis.core.RedisChannelLayer",
    "redis+pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
    "rediss+pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer",
}


def channel_layers(url: str) -> dict[str, dict[str, Any]]:
    """The setting for ``url``: empty for memory, ``redis://host:port/db``, or ``redis+pubsub://host:port/db``.

    Raises ImproperlyConfigured for another scheme.
    """
    if not url:
        return {"default": {"BACKEND": _MEMORY}}
    scheme, separator, address = url.partition("://")
    if not separator or scheme not in _REDIS:
        raise ImproperlyConfigured(
            f"CHANNEL_LAYER={url!r} names no channel layer that the demo knows. "
            "Write redis://127.0.0.1:6379/0 or redis+pubsub://127.0.0.1:6379/0, or leave it out."
        )
    host = {"address": f"{scheme.removesuffix('+pubsub')}://{address}", "socket_timeout": _SOCKET_TIMEOUT}
    return {"default": {"BACKEND": _REDIS[scheme], "CONFIG": {"hosts": [host]}}}
