"""What travels over a channel."""

from collections.abc import Mapping
from typing import Any

from chanx_asyncapi.spec.base import ExtensibleObject, JsonSchema, SpecObject
from chanx_asyncapi.spec.reference import OrReference
from chanx_asyncapi.spec.tags import ExternalDocumentation, Tag


class CorrelationId(ExtensibleObject):
    """Where a message holds the value that ties a reply to what it answers: ``$message.payload#/replyTo``.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#correlationIdObject
    """

    location: str
    description: str | None = None


class MessageExample(SpecObject):
    """One example of a message. For ``payload`` null is a value like any other.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#messageExampleObject
    """

    nullable = frozenset({"payload"})

    name: str | None = None
    summary: str | None = None
    headers: Mapping[str, Any] | None = None
    payload: Any = None


class Message(ExtensibleObject):
    """A message: ``name`` for machines, ``title`` for people, ``payload`` the schema of the whole frame.

    Traits are left out: some tools lose messages that use them.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#messageObject
    """

    name: str | None = None
    title: str | None = None
    summary: str | None = None
    description: str | None = None
    content_type: str | None = None
    correlation_id: OrReference[CorrelationId] | None = None
    headers: JsonSchema | None = None
    payload: JsonSchema | None = None
    examples: tuple[MessageExample, ...] = ()
    tags: tuple[OrReference[Tag], ...] = ()
    external_docs: OrReference[ExternalDocumentation] | None = None
