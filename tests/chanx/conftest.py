"""Unit tests of the runtime do not depend on what the demo project chose."""

import gc
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from chanx.registry import Registry, use_registry


@pytest.fixture(autouse=True)
def _plain_settings(settings: Settings) -> None:
    settings.CHANX = {}
    settings.REST_FRAMEWORK = {}
    # Assigning it makes Channels forget the layer, and the queues, of the event loop before.
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture
def registry() -> Iterator[Registry]:
    """A registry of this test alone, which records the classes that the test defines."""
    with use_registry(Registry()) as fresh:
        yield fresh


@pytest.fixture
def new_objects_only() -> Iterator[None]:
    """The garbage collector looks at what the test makes, and not at the million objects that were there before."""
    gc.freeze()
    yield
    gc.unfreeze()
