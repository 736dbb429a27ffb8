from typing import Any

import pytest
from django.conf import LazySettings

from chanx.generic import options
from chanx.generic.options import ConnectionOptions
from tests.chanx.support import Echo


class Patient(Echo):
    handler_timeout = 7.0


@pytest.fixture(autouse=True)
def readings(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> list[object]:
    """Each reading of settings and attributes, from the beginning of a test."""
    settings.CHANX = {}
    monkeypatch.setattr(options, "_known", {})
    read: Any = options._read  # pyright: ignore[reportPrivateUsage]  # tested from inside
    found: list[object] = []

    def count(*args: Any) -> Any:
        found.append(args)
        return read(*args)

    monkeypatch.setattr(options, "_read", count)
    return found


def test_connections_of_a_class_share_them(readings: list[object]) -> None:
    assert ConnectionOptions.of(Echo()) is ConnectionOptions.of(Echo())
    assert len(readings) == 1


def test_a_class_attribute_counts_before_the_setting(settings: LazySettings) -> None:
    settings.CHANX = {"HANDLER_TIMEOUT": 3.0}
    assert ConnectionOptions.of(Patient()).handler_timeout == 7.0
    assert ConnectionOptions.of(Echo()).handler_timeout == 3.0


def test_a_setting_counts_from_the_next_connection_on(settings: LazySettings) -> None:
    before = ConnectionOptions.of(Echo())
    settings.CHANX = {"MAX_DEPTH": 5}
    assert (before.max_depth, ConnectionOptions.of(Echo()).max_depth) == (64, 5)


def test_a_setting_that_is_changed_in_place_counts_as_well(settings: LazySettings) -> None:
    assert not ConnectionOptions.of(Echo()).codec.wire.camelize
    configured: Any = settings.CHANX
    configured["CAMELIZE"] = True
    assert ConnectionOptions.of(Echo()).codec.wire.camelize


def test_a_class_attribute_that_is_changed_counts_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ConnectionOptions.of(Echo()).idle_timeout is None
    monkeypatch.setattr(Echo, "idle_timeout", 2.0)
    assert ConnectionOptions.of(Echo()).idle_timeout == 2.0


def test_a_connection_may_differ_from_the_others_of_its_class() -> None:
    class Moody(Echo):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            self.max_frame_rate = 5.0
            super().__init__(*args, **kwargs)

    assert ConnectionOptions.of(Moody()).max_frame_rate == 5.0
    assert Moody()._options.max_frame_rate == 5.0  # pyright: ignore[reportPrivateUsage]  # tested from inside
