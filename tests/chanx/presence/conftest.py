"""The engines, each empty."""

import uuid
from collections.abc import AsyncIterator, Callable
from typing import Final

import pytest

from chanx.history.base import HistoryEngine
from chanx.history.database.engine import DatabaseHistory
from chanx.history.memory import MemoryHistory
from chanx.history.redis import RedisHistory
from chanx.presence.base import PresenceEngine
from tests.servers import RedisServer

_DATABASE: Final = pytest.param("database", marks=pytest.mark.django_db(transaction=True))


@pytest.fixture(params=["memory", _DATABASE, "redis"])
async def new_engine(request: pytest.FixtureRequest) -> AsyncIterator[Callable[[], PresenceEngine]]:
    """Makes the engine as another process would: each that is made knows what the others know."""
    memory, made = MemoryHistory(), list[HistoryEngine]()
    prefix = f"test:{uuid.uuid4().hex}"

    def make() -> PresenceEngine:
        history: HistoryEngine = memory
        if request.param == "database":
            history = DatabaseHistory()
        elif request.param == "redis":
            server: RedisServer = request.getfixturevalue("redis")
            history = RedisHistory(server.url, prefix=prefix)
        made.append(history)
        return history.presence()

    yield make
    for history in made:
        await history.close()


@pytest.fixture
def engine(new_engine: Callable[[], PresenceEngine]) -> PresenceEngine:
    return new_engine()
