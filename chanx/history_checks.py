"""Django system checks of ``CHANX["HISTORY"]``: whether the engine can be made, and does what consumers ask of it.

========== ===================================================================================
chanx.E004 the engine that is chosen cannot be made, or lacks what a consumer relies on
chanx.W010 the engine that is chosen keeps everything in the memory of one process (only with ``check --deploy``, and
           not with ``DEBUG``)
========== ===================================================================================

An engine that nobody has chosen follows the channel layer, which has a check of its own (chanx.W007). While the
setting has a wrong type, which is chanx.E001, both are silent.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from chanx.history.base import HistoryEngine
from chanx.history.engines import named_engine
from chanx.history.memory import MemoryHistory
from chanx.registry import ConsumerSpec, current_registry
from chanx.settings import chanx_settings


@register("chanx")
def check_history_can_be_used(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The engine can be made, and has what the consumers rely on. Connects to nothing."""
    if not _is_chosen() or not (users := _users()):
        return []
    try:
        engine = _engine()
    except Exception as error:  # whatever classes and settings of the project raise is what there is to report
        return [
            Error(
                f"CHANX['HISTORY'] cannot be used: {type(error).__name__}: {error}",
                hint=f"Every connection of {_paths(users)} would fail.",
                id="chanx.E004",
            )
        ]
    return [
        Error(
            f"{spec.path} declares {declared}, and {type(engine).__name__} of CHANX['HISTORY'] has no {method}().",
            hint="Every connection would fail: name an engine that has it, or write the method.",
            id="chanx.E004",
        )
        for spec in users
        for declared, method in _lacking(spec, engine)
    ]


@register("chanx", deploy=True)
def check_history_is_shared(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """No consumer relies on an engine of one process where there may be several."""
    if settings.DEBUG or not _is_chosen() or not (users := _users()):
        return []
    try:
        if not isinstance(_engine(), MemoryHistory):
            return []
    except Exception:
        return []  # chanx.E004
    return [
        Warning(
            f"CHANX['HISTORY'] keeps everything in the memory of one process, but {_paths(users)} "
            f"{'relies' if len(users) == 1 else 'rely'} on it: a client that comes back to another process is told "
            "that nobody knows what it has missed or asked, and each process knows only who is connected to itself.",
            hint="Name an engine that all processes share, or leave HISTORY out where the channel layer is in Redis; "
            "silence this where one process does it all.",
            id="chanx.W010",
        )
    ]


def _is_chosen() -> bool:
    return not chanx_settings.problems() and chanx_settings.HISTORY is not None


def _engine() -> HistoryEngine:
    setting = chanx_settings.HISTORY
    assert setting is not None, "asked for once one is chosen"
    return named_engine(setting)


def _users() -> list[ConsumerSpec]:
    """Consumers that rely on the engine."""
    users = [
        spec
        for spec in current_registry().concrete()
        if not (spec.history is None and spec.deduplication is None and spec.presence is None)
    ]
    return sorted(users, key=lambda spec: spec.path)


def _paths(specs: Sequence[ConsumerSpec]) -> str:
    return ", ".join(spec.path for spec in specs)


def _lacking(spec: ConsumerSpec, engine: HistoryEngine) -> Iterator[tuple[str, str]]:
    """What the consumer declares, and the method that an engine needs for it, where it has none of its own."""
    if spec.deduplication is not None and type(engine).ledger is HistoryEngine.ledger:
        yield "deduplication", "ledger"
    if spec.presence is not None and type(engine).presence is HistoryEngine.presence:
        yield "presence", "presence"
