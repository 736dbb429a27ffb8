"""A Django system check of ``CHANX["HISTORY"]``: what one process remembers where there may be several.

========== ===================================================================================
chanx.W010 the engine that is chosen keeps everything in the memory of one process (only with ``check --deploy``, and
           not with ``DEBUG``)
========== ===================================================================================

An engine that nobody has chosen follows the channel layer, which has a check of its own (chanx.W007).
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Warning, register
from django.utils.module_loading import import_string

from chanx.history.memory import MemoryHistory
from chanx.registry import ConsumerSpec, current_registry
from chanx.settings import chanx_settings


@register("chanx", deploy=True)
def check_history_is_shared(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """No consumer relies on an engine of one process where there may be several."""
    if settings.DEBUG or not _is_in_memory():
        return []
    users = sorted(spec.path for spec in current_registry().concrete() if _relies_on_it(spec))
    if not users:
        return []
    return [
        Warning(
            f"CHANX['HISTORY'] keeps everything in the memory of one process, but {', '.join(users)} "
            f"{'relies' if len(users) == 1 else 'rely'} on it: a client that comes back to another process is told "
            "that nobody knows what it has missed or asked, and each process knows only who is connected to itself.",
            hint="Name an engine that all processes share, or leave HISTORY out where the channel layer is in Redis; "
            "silence this where one process does it all.",
            id="chanx.W010",
        )
    ]


def _is_in_memory() -> bool:
    setting = chanx_settings.HISTORY
    try:
        engine: object = None if setting is None else import_string(setting["BACKEND"])
    except ImportError:
        return False  # told when it is used
    return isinstance(engine, type) and issubclass(engine, MemoryHistory)


def _relies_on_it(spec: ConsumerSpec) -> bool:
    return not (spec.history is None and spec.deduplication is None and spec.presence is None)
