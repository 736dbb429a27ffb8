"""The engines, each empty."""

import uuid
from collections.abc import AsyncIterator, Callable
from typing import Final

import pytest

from chanx.history.base import HistoryEngine
from chanx.history.database.engine import DatabaseHistory
from chanx.history.memory import MemoryHistory
from chanx.history.redis import RedisHistory
from tests.servers import RedisServer

_DATABASE: Final = pytest.param("database", marks=pytest.mark.django_db(transaction=True))


@pytest.fixture(params=["memory", _DATABASE, "redis"])
def new_engine(request: pytest.FixtureRequest) -> Callable[[], HistoryEngine]:
    """Makes the engine as another process would: each that is made knows what the others have appended."""
    if request.param == "database":
        return DatabaseHistory
    if request.param == "redis":
        server: RedisServer = request.getfixturevalue("redis")
        prefix = f"test:{uuid.uuid4().hex}"
        return lambda: RedisHistory(server.url, prefix=prefix)
    memory = MemoryHistory()
    return lambda: memory


@pytest.fixture
async def engine(new_engine: Callable[[], HistoryEngine]) -> AsyncIterator[HistoryEngine]:
    made = new_engine()
    yield made
    await made.close()
