"""The part of a client that is the same for every service: connecting, reconnecting, requests, streams.

Copied into generated packages as it is. It stands on ``websockets`` and pydantic, and needs nothing else.
"""

from .client import Client
from .description import Description, Rule, Scheme
from .errors import (
    ClientError,
    InvalidFrame,
    MessagesLost,
    NotOpen,
    QueueFull,
    RequestFailed,
    RequestTimeout,
    SocketClosed,
)
from .models import (
    Constant,
    Model,
    Nothing,
    NotNull,
    TextDecimal,
    Unique,
    Variadic,
    one_of,
)
from .options import AuthProvider, Credentials, Options, Resumption, Retry
from .requests import Replies
from .subscriptions import State, StateChange, Subscription

__all__ = [
    "AuthProvider",
    "Client",
    "ClientError",
    "Constant",
    "Credentials",
    "Description",
    "InvalidFrame",
    "MessagesLost",
    "Model",
    "NotNull",
    "NotOpen",
    "Nothing",
    "Options",
    "QueueFull",
    "Replies",
    "RequestFailed",
    "RequestTimeout",
    "Resumption",
    "Retry",
    "Rule",
    "Scheme",
    "SocketClosed",
    "State",
    "StateChange",
    "Subscription",
    "TextDecimal",
    "Unique",
    "Variadic",
    "one_of",
]
