"""What a class may ask for."""

import pytest

from chanx.deduplication import Deduplication
from chanx.deduplication.base import GRACE, Limits


def test_a_ledger_remembers_a_little_longer_than_clients_are_told() -> None:
    declared = Deduplication(window=60, requests=5, size=100)
    assert declared.limits == Limits(window=60 + GRACE, requests=5, size=100)


@pytest.mark.parametrize("wrong", [{"window": 0}, {"window": -1}, {"requests": 0}, {"size": -1}])
def test_values_that_remember_nothing_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="remembers nothing"):
        Deduplication(**wrong)  # type: ignore[arg-type]  # wrong on purpose
