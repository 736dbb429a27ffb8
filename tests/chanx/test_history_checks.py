"""What ``manage.py check --deploy`` says of an engine that only one process sees."""

import types
from functools import partial
from typing import Any

import pytest
from pytest_django import Settings

from chanx.deduplication import Deduplication
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.history import GroupHistory
from chanx.history.memory import MemoryHistory
from chanx.history_checks import check_history_is_shared
from chanx.messages.incoming import PingMessage
from chanx.registry import Registry, use_registry
from tests.chanx.support import OpenMixin

MEMORY = "chanx.history.memory.MemoryHistory"
DATABASE = "chanx.history.database.engine.DatabaseHistory"


class OwnMemory(MemoryHistory):
    """Is in memory, too."""


def problems(*attributes: dict[str, Any]) -> list[str]:
    """Of classes with these attributes."""
    with use_registry(Registry()):
        for number, each in enumerate(attributes):
            bases = (OpenMixin, AsyncJsonWebsocketConsumer[PingMessage])
            namespace = {**each, "__module__": "chat"}
            types.new_class(f"Chat{number}", bases, exec_body=partial(_fill, namespace=namespace))
        found = check_history_is_shared(None)
    assert {problem.id for problem in found} <= {"chanx.W010"}
    return [problem.msg for problem in found]


def _fill(body: dict[str, Any], namespace: dict[str, Any]) -> None:
    body.update(namespace)


@pytest.fixture(autouse=True)
def _deployed(settings: Settings) -> None:
    settings.DEBUG = False
    settings.CHANX = {"HISTORY": {"BACKEND": MEMORY}}


@pytest.mark.parametrize("backend", [MEMORY, f"{__name__}.OwnMemory"])
def test_an_engine_in_memory_is_warned_about(backend: str, settings: Settings) -> None:
    settings.CHANX = {"HISTORY": {"BACKEND": backend}}
    (told,) = problems({"history": GroupHistory()}, {"deduplication": Deduplication()}, {})
    assert "chat.Chat0, chat.Chat1 rely on it" in told


def test_nobody_relies_on_it() -> None:
    assert problems({}) == []


@pytest.mark.parametrize("chanx", [{}, {"HISTORY": {"BACKEND": DATABASE}}, {"HISTORY": {"BACKEND": "not.there"}}])
def test_others_are_fine(chanx: dict[str, Any], settings: Settings) -> None:
    settings.CHANX = chanx
    assert problems({"deduplication": Deduplication()}) == []


def test_it_is_fine_while_developing(settings: Settings) -> None:
    settings.DEBUG = True
    assert problems({"history": GroupHistory()}) == []
