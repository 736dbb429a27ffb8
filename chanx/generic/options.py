"""What settings and class attributes say about the connections of a class, read once for all of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final
from weakref import WeakKeyDictionary

from chanx.codec import Codec
from chanx.settings import chanx_settings, chosen
from chanx.wire_format import WireFormat


@dataclass(frozen=True, slots=True)
class Overrides:
    """Class attributes of a consumer. Each overrides the setting of the same name, None follows it."""

    send_message_immediately: bool | None
    send_completion: bool | None
    log_sent_message: bool | None
    log_received_message: bool | None
    log_ignored_actions: Iterable[str] | None
    handler_timeout: float | None
    idle_timeout: float | None
    max_frame_rate: float | None
    session_recheck_seconds: float | None
    max_connections_per_user: int | None


_read_overrides: Final = attrgetter(*Overrides.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionOptions:
    """Shared by the connections of a class, as long as neither ``settings.CHANX`` nor the class changes: what each of
    them read for itself would cost more than the rest of its creation, and memory for each."""

    codec: Codec
    yields_after_send: bool
    sends_completion: bool
    logs_sent: bool
    logs_received: bool
    unlogged_actions: frozenset[str]
    #: See the settings with these names; times in seconds.
    max_message_size: int | None
    max_depth: int
    inbox_size: int
    outbox_size: int
    send_timeout: float | None
    handler_timeout: float | None
    idle_timeout: float | None
    max_frame_rate: float | None
    max_frame_burst: int
    recheck_seconds: float | None
    expiry_grace_seconds: float
    max_connections_per_user: int | None

    @classmethod
    def of(cls, consumer: Any) -> "ConnectionOptions":
        """Those of a consumer that begins to serve a connection."""
        configured, overrides = chanx_settings.configured(), _read_overrides(consumer)
        known = _known.get(type(consumer))
        if known is None or known.overrides != overrides or known.configured != configured:
            options = _read(consumer, Overrides(*overrides))
            # A copy: settings may be changed in place.
            known = _known[type(consumer)] = _Known(dict(configured), overrides, options)
        return known.options


@dataclass(frozen=True, slots=True)
class _Known:
    """Options, and what they were read from."""

    configured: Mapping[str, Any]
    overrides: tuple[Any, ...]
    options: ConnectionOptions


_known: Final[WeakKeyDictionary[type[Any], _Known]] = WeakKeyDictionary()


def _read(consumer: Any, overrides: Overrides) -> ConnectionOptions:
    codec = Codec.of(consumer.spec.messages, WireFormat.from_settings(), strict_json=chanx_settings.STRICT_JSON)
    return ConnectionOptions(
        codec=codec,
        yields_after_send=chosen(overrides.send_message_immediately, chanx_settings.SEND_MESSAGE_IMMEDIATELY),
        sends_completion=chosen(overrides.send_completion, chanx_settings.SEND_COMPLETION),
        logs_sent=chosen(overrides.log_sent_message, chanx_settings.LOG_SENT_MESSAGE),
        logs_received=chosen(overrides.log_received_message, chanx_settings.LOG_RECEIVED_MESSAGE),
        unlogged_actions=frozenset(chosen(overrides.log_ignored_actions, chanx_settings.LOG_IGNORED_ACTIONS)),
        max_message_size=chanx_settings.MAX_MESSAGE_SIZE,
        max_depth=chanx_settings.MAX_DEPTH,
        inbox_size=chanx_settings.INBOX_SIZE,
        outbox_size=chanx_settings.OUTBOX_SIZE,
        send_timeout=chanx_settings.SEND_TIMEOUT,
        handler_timeout=chosen(overrides.handler_timeout, chanx_settings.HANDLER_TIMEOUT),
        idle_timeout=chosen(overrides.idle_timeout, chanx_settings.IDLE_TIMEOUT),
        max_frame_rate=chosen(overrides.max_frame_rate, chanx_settings.MAX_FRAME_RATE),
        max_frame_burst=chanx_settings.MAX_FRAME_BURST,
        recheck_seconds=chosen(overrides.session_recheck_seconds, chanx_settings.SESSION_RECHECK_SECONDS),
        expiry_grace_seconds=chanx_settings.TOKEN_EXPIRY_GRACE_SECONDS,
        max_connections_per_user=chosen(overrides.max_connections_per_user, chanx_settings.MAX_CONNECTIONS_PER_USER),
    )
