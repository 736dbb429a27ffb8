"""Typed, documented WebSocket services for Django.

The names that a service needs live where the modules say what they are about: ``chanx.generic.websocket``,
``chanx.generic.handlers``, ``chanx.messages``, ``chanx.routing`` and ``chanx.testing``.
"""

__version__ = "0.1.0"
