"""The ledgers of the engines, each empty."""

from collections.abc import AsyncIterator, Callable

import pytest

from chanx.deduplication.base import Ledger
from chanx.history.base import HistoryEngine
from tests.chanx.history.conftest import new_engine

__all__ = ["new_engine"]


@pytest.fixture
async def ledger(new_engine: Callable[[], HistoryEngine]) -> AsyncIterator[Ledger]:
    made = new_engine()
    yield made.ledger()
    await made.close()
