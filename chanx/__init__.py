"""Typed, documented WebSocket services for Django.

The names that a service needs live where the modules say what they are about: ``chanx.generic.websocket``,
``chanx.generic.handlers``, ``chanx.messages``, ``chanx.routing`` and ``chanx.testing``. What the rest of a project
calls, to take connections from users, is here.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chanx.revocation import adisconnect, arecheck, disconnect, recheck

__all__ = ["adisconnect", "arecheck", "disconnect", "recheck"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    # On first use: Django imports this package before its settings and models are there.
    if name in __all__:
        return getattr(import_module("chanx.revocation"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
