"""What a class may say about the history of its groups."""

from typing import Any

import pytest

from chanx.history import GroupHistory
from chanx.history.base import Bounds


def test_the_bounds_of_an_engine() -> None:
    assert GroupHistory(size=5, ttl=60).bounds == Bounds(size=5, ttl=60)
    assert GroupHistory().bounds == Bounds(size=1000, ttl=3600)


@pytest.mark.parametrize("bounds", [{"size": 0}, {"size": -1}, {"ttl": 0}, {"ttl": -1}])
def test_bounds_that_keep_nothing_are_refused(bounds: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="keeps nothing: size is at least 1, and ttl more than 0 seconds"):
        GroupHistory(**bounds)
