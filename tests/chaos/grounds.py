"""What servers stand on: the channel layer, and the engine that keeps the history."""

import copy
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.core.management import call_command
from django.db import connections

from tests.servers import RedisServer

#: How a Redis keeps each command before it answers.
KEPT: Final = ("--appendonly", "yes", "--appendfsync", "always")
#: The alias of the database in this process, which publishes.
_ALIAS: Final = "chaos"
_DATABASE: Final = "chanx.history.database.engine.DatabaseHistory"


@dataclass(frozen=True)
class Ground:
    """The same for all servers of a test, and for the process that publishes."""

    redis: RedisServer
    #: The scheme by which the demo knows the channel layer.
    layer: str
    #: What keeps the history: "redis", "database" or "memory".
    engine: str
    #: Of the engine "database".
    file: Path
    #: What else the servers find in their environment.
    extra: Mapping[str, str] = field(default_factory=dict[str, str])

    def __str__(self) -> str:
        return f"{self.layer}, history in {self.engine}"

    @property
    def layer_url(self) -> str:
        return f"{self.layer}://127.0.0.1:{self.redis.port}/0"

    @property
    def environment(self) -> Mapping[str, str]:
        """Of the servers."""
        chanx = {"HISTORY": setting} if (setting := self.setting("default")) else {}
        return {
            "DJANGO_SETTINGS_MODULE": "tests.contract.settings",
            "CHANNEL_LAYER": self.layer_url,
            "DEMO_DB": str(self.file),
            "CONTRACT_CHANX": json.dumps(chanx),
            **self.extra,
        }

    def setting(self, alias: str = _ALIAS) -> dict[str, Any] | None:
        """``HISTORY`` of ``settings.CHANX``: in this process, or where the database has another alias."""
        if self.engine == "database":
            return {"BACKEND": _DATABASE, "OPTIONS": {"using": alias}}
        if self.engine == "memory":
            return {"BACKEND": "chanx.history.memory.MemoryHistory"}
        return None


def grounds(*engines: str) -> list[tuple[str, str]]:
    """Layers and engines: `make chaos` runs the full form, over both layers of Redis."""
    layers = ("redis", "redis+pubsub") if os.environ.get("CHAOS") == "full" else ("redis",)
    return [(layer, engine) for engine in engines for layer in layers]


@contextmanager
def own_database(file: Path) -> Generator[None]:
    """A database that this process shares with the servers: SQLite as the demo has it, in a file."""
    config = copy.deepcopy(connections["default"].settings_dict)
    connections.databases[_ALIAS] = {**config, "NAME": str(file)}
    try:
        call_command("migrate", "chanx_history", database=_ALIAS, verbosity=0)
        yield
    finally:
        forget_connection()
        del connections.databases[_ALIAS]


def forget_connection() -> None:
    """That of the current thread: the next test has another database under the same name."""
    connections[_ALIAS].close()
    del connections[_ALIAS]
