"""Nobody can invent a name, or use one in another place."""

import pytest
from pytest_django import Settings

from chanx.deduplication import names

PLACE = '["chat.Chat","auth.user:1","/ws/chat/1/"]'


def test_a_name_says_who_and_since_when() -> None:
    name = names.issue("Zk3vQ0aS1xWc", PLACE)
    found = names.read(name, PLACE)
    assert found is not None
    assert found.epoch == "Zk3vQ0aS1xWc"
    assert len(found.client) == 16
    assert len(name) <= 64


def test_no_two_are_alike() -> None:
    assert len({names.issue("epoch", PLACE) for _ in range(100)}) == 100


@pytest.mark.parametrize("place", ["", PLACE.replace("/1/", "/2/"), PLACE.replace(":1", ":2"), PLACE + "\n"])
def test_it_is_good_for_one_place_only(place: str) -> None:
    assert names.read(names.issue("epoch", PLACE), place) is None


@pytest.mark.parametrize(
    "name", ["", ".", "..", "client.epoch", "client.epoch.", "client.epoch.AAAA", "é.é.é", "." * 64]
)
def test_none_can_be_invented(name: str) -> None:
    assert names.read(name, PLACE) is None


def test_each_letter_of_it_is_sealed() -> None:
    name = names.issue("epoch", PLACE)
    for position in range(len(name) - 1):  # the last letter has bits that say nothing
        changed = name[:position] + ("A" if name[position] != "A" else "B") + name[position + 1 :]
        assert names.read(changed, PLACE) is None


def test_it_outlives_a_change_of_the_secret_key(settings: Settings) -> None:
    settings.SECRET_KEY = "old"
    name = names.issue("epoch", PLACE)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["old"]
    assert names.read(name, PLACE) is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert names.read(name, PLACE) is None
