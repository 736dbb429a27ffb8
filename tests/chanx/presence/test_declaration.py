"""What a class may declare, and what makes no sense."""

import pytest

from chanx.presence import GroupPresence


def test_equal_declarations_are_one() -> None:
    assert GroupPresence() == GroupPresence(ttl=30, grace=5, interval=0.5)
    assert len({GroupPresence(), GroupPresence(ttl=30.0), GroupPresence(ttl=10)}) == 2


@pytest.mark.parametrize(
    "numbers",
    [
        {"ttl": 0.5},
        {"grace": -1},
        {"interval": -0.1},
        {"max_listed": -1},
        {"max_listed": 11, "max_members": 10},
        {"max_listed": 0, "max_members": 0},
        {"max_info_bytes": 1},
    ],
    ids=str,
)
def test_numbers_that_make_no_sense(numbers: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="GroupPresence"):
        GroupPresence(**numbers)  # type: ignore[arg-type]  # some are for whole numbers


def test_the_least_of_everything() -> None:
    assert GroupPresence(ttl=1, grace=0, interval=0, max_listed=0, max_members=1, max_info_bytes=2).max_listed == 0
