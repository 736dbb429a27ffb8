"""Descriptions depend on nothing that the demo project chose for chanx, and their classes are theirs alone."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from chanx.registry import Registry, use_registry


@pytest.fixture(autouse=True)
def _plain_settings(settings: Settings) -> None:
    settings.CHANX = {}


@pytest.fixture(autouse=True)
def _own_registry() -> Iterator[None]:
    with use_registry(Registry()):
        yield
