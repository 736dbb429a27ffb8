"""The shape of ``settings.CHANX["HISTORY"]``."""

from collections.abc import Mapping
from typing import Any, NotRequired

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict


@with_config(ConfigDict(extra="forbid"))
class HistorySetting(TypedDict):
    """The engine that keeps the last messages of groups."""

    #: Dotted path of a class derived from HistoryEngine, such as ``chanx.history.redis.RedisHistory``.
    BACKEND: str
    #: The arguments by which it is made.
    OPTIONS: NotRequired[Mapping[str, Any]]
