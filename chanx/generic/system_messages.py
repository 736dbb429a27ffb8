"""Chanx's own messages, and which of them travel over the connections of a consumer.

The runtime and the document ask the same question here, so that neither knows of a frame which the other does not.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import (
    AuthenticationMessage,
    CompleteMessage,
    ErrorMessage,
    GroupCompleteMessage,
    PongMessage,
)
from chanx.messages.resuming import PositionsMessage, ResumedMessage
from chanx.registry import ConsumerSpec
from chanx.settings import chanx_settings, chosen

#: By action: a message of the user's with one of these actions must be one of these.
SYSTEM_MESSAGES: Final[Mapping[str, type[BaseMessage]]] = MappingProxyType(
    {
        action: message
        for message in (
            AuthenticationMessage,
            CompleteMessage,
            ErrorMessage,
            GroupCompleteMessage,
            PongMessage,
            PositionsMessage,
            ResumedMessage,
        )
        for action in message.discriminator_values()
    }
)


def system_messages(spec: ConsumerSpec) -> frozenset[type[BaseMessage]]:
    """Those that a consumer sends by what it declares and by the settings of this moment."""
    sent: set[type[BaseMessage]] = {ErrorMessage}
    if chosen(spec.consumer.send_authentication_message, chanx_settings.SEND_AUTHENTICATION_MESSAGE):
        sent.add(AuthenticationMessage)
    if PingMessage in spec.messages.values() and not spec.message_handlers:
        # receive_message() answers it; clients rely on the pong.
        sent.add(PongMessage)
    if spec.history is not None:
        sent |= {PositionsMessage, ResumedMessage}
    elif spec.deduplication is not None:
        # The name of the client alone.
        sent.add(PositionsMessage)
    sent.update(spec.presence_messages)
    if chosen(spec.consumer.send_completion, chanx_settings.SEND_COMPLETION):
        sent.add(CompleteMessage)
        if spec.hears_groups:
            sent.add(GroupCompleteMessage)
    return frozenset(sent)
