"""What the application does with the messages of a channel."""

from typing import Literal

from chanx_asyncapi.spec.base import ExtensibleObject
from chanx_asyncapi.spec.reference import OrReference, Reference
from chanx_asyncapi.spec.security import SecurityScheme
from chanx_asyncapi.spec.tags import ExternalDocumentation, Tag


class OperationReply(ExtensibleObject):
    """What may answer an operation. A WebSocket carries it over the same connection, so it has no address.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#operationReplyObject
    """

    channel: Reference | None = None
    messages: tuple[Reference, ...] = ()


class Operation(ExtensibleObject):
    """What the application does on a channel. With ``receive`` the application receives and a client sends.

    Traits are left out: some tools lose messages that use them.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#operationObject
    """

    action: Literal["send", "receive"]
    channel: Reference
    title: str | None = None
    summary: str | None = None
    description: str | None = None
    security: tuple[OrReference[SecurityScheme], ...] = ()
    tags: tuple[OrReference[Tag], ...] = ()
    external_docs: OrReference[ExternalDocumentation] | None = None
    messages: tuple[Reference, ...] = ()
    reply: OrReference[OperationReply] | None = None
