"""What ``manage.py check`` says of an engine that cannot be used, or that only one process sees."""

import types
from functools import partial
from typing import Any

import pytest
from pytest_django import Settings

from chanx.deduplication import Deduplication
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.history import GroupHistory
from chanx.history.base import Appended, HistoryEngine, Missed, Position
from chanx.history.memory import MemoryHistory
from chanx.history_checks import check_history_can_be_used, check_history_is_shared
from chanx.messages.incoming import PingMessage
from chanx.presence import GroupPresence
from chanx.registry import Registry, use_registry
from tests.chanx.support import OpenMixin

MEMORY = "chanx.history.memory.MemoryHistory"
DATABASE = "chanx.history.database.engine.DatabaseHistory"


class OwnMemory(MemoryHistory):
    """Is in memory, too."""


class Bare(HistoryEngine):
    """What an engine has to have, and nothing else."""

    async def append(self, *args: Any, **kwargs: Any) -> Appended:
        raise NotImplementedError

    async def position(self, group: str) -> Position:
        raise NotImplementedError

    async def since(self, *args: Any, **kwargs: Any) -> Missed:
        raise NotImplementedError


def problems(*attributes: dict[str, Any], check: Any = check_history_is_shared, code: str = "chanx.W010") -> list[str]:
    """Of classes with these attributes."""
    with use_registry(Registry()):
        for number, each in enumerate(attributes):
            bases = (OpenMixin, AsyncJsonWebsocketConsumer[PingMessage])
            namespace = {**each, "__module__": "chat"}
            types.new_class(f"Chat{number}", bases, exec_body=partial(_fill, namespace=namespace))
        found = check(None)
    assert {problem.id for problem in found} <= {code}
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


# -- what cannot be used -------------------------------------------------------------------------------------

unusable = partial(problems, check=check_history_can_be_used, code="chanx.E004")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"BACKEND": "not.there"}, "No module named 'not'"),
        ({"BACKEND": f"{__name__}.Registry"}, "which is no HistoryEngine"),
        ({"BACKEND": MEMORY, "OPTIONS": {"using": "default"}}, "unexpected keyword argument 'using'"),
    ],
)
def test_an_engine_that_cannot_be_made(setting: dict[str, Any], told: str, settings: Settings) -> None:
    settings.CHANX = {"HISTORY": setting}
    (found,) = unusable({"history": GroupHistory()}, {})
    assert found.startswith("CHANX['HISTORY'] cannot be used: ")
    assert told in found
    # Nobody needs it; and it is told once.
    assert unusable({}) == problems({"history": GroupHistory()}) == []


def test_the_database_without_its_application(settings: Settings) -> None:
    settings.CHANX = {"HISTORY": {"BACKEND": DATABASE}}
    settings.INSTALLED_APPS = [each for each in settings.INSTALLED_APPS if each != "chanx.history.database"]
    (found,) = unusable({"presence": GroupPresence()})
    assert found.endswith("add 'chanx.history.database' to INSTALLED_APPS.")


def test_an_engine_that_lacks_what_a_consumer_declares(settings: Settings) -> None:
    settings.CHANX = {"HISTORY": {"BACKEND": f"{__name__}.Bare"}}
    assert unusable({"history": GroupHistory()}) == []
    assert unusable({"deduplication": Deduplication()}, {"presence": GroupPresence()}) == [
        "chat.Chat0 declares deduplication, and Bare of CHANX['HISTORY'] has no ledger().",
        "chat.Chat1 declares presence, and Bare of CHANX['HISTORY'] has no presence().",
    ]


@pytest.mark.parametrize("chanx", [{}, {"HISTORY": {"BACKEND": MEMORY}}, {"HISTORY": {"BACKEND": DATABASE}}])
def test_what_can_be_used(chanx: dict[str, Any], settings: Settings) -> None:
    settings.CHANX = chanx
    assert unusable({"deduplication": Deduplication(), "presence": GroupPresence()}) == []


def test_a_setting_of_a_wrong_type_is_told_elsewhere(settings: Settings) -> None:
    settings.CHANX = {"HISTORY": "redis"}
    assert unusable({"history": GroupHistory()}) == problems({"history": GroupHistory()}) == []
