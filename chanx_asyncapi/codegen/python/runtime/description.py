"""What a generated client knows of its channel."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Rule: TypeAlias = Literal["no", "backoff", "after_token_refresh", "after_retry_after"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """Where a token goes."""

    location: Literal["header", "query", "cookie"] = "header"
    name: str = "Authorization"
    #: What stands before it: ``Bearer``, ``Token``.
    prefix: str | None = "Bearer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A channel, as its document describes it."""

    #: A path with ``{names}`` of the parameters.
    address: str
    #: The type of each message that may come, by its action.
    received: Mapping[str, Any]
    #: Actions that answer a request with an error, and the one that says that no more answers come.
    errors: frozenset[str] = frozenset()
    completion: str | None = None
    #: The action of the first frame, which says whether the client was let in; None: there is no such frame.
    authentication: str | None = None
    #: The action that is answered with a sign of life; None: the one of the protocol (RFC 6455, 5.5.2) has to do.
    ping: str | None = None
    scheme: Scheme = field(default_factory=Scheme)
    #: The subprotocol that is asked for.
    subprotocol: str | None = None
    #: Whether a client may come back after a close, by its code.
    close_codes: Mapping[int, Rule] = field(default_factory=dict[int, Rule])
    action_key: str = "action"
    payload_key: str = "payload"
    id_key: str = "id"
    reply_to_key: str = "reply_to"
    #: Whether the service remembers what a client has missed.
    resumable: bool = False
    #: For how many seconds the service knows a request again, by action.
    repeatable: Mapping[str, float] = field(default_factory=dict[str, float])
