"""Addresses, and the messages that travel over each."""

from collections.abc import Mapping

from pydantic import Field

from chanx_asyncapi.spec.base import ExtensibleObject
from chanx_asyncapi.spec.bindings import ChannelBindings
from chanx_asyncapi.spec.messages import Message
from chanx_asyncapi.spec.reference import OrReference, Reference
from chanx_asyncapi.spec.tags import ExternalDocumentation, Tag


class Parameter(ExtensibleObject):
    """What a ``{name}`` of an address may be. Values are strings, as everything in an address is.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#parameterObject
    """

    description: str | None = None
    enum: tuple[str, ...] = ()
    default: str | None = None
    examples: tuple[str, ...] = ()
    location: str | None = None


class Channel(ExtensibleObject):
    """An address and its messages. An ``address`` of null is one that is not known beforehand.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#channelObject
    """

    nullable = frozenset({"address"})

    address: str | None = None
    title: str | None = None
    summary: str | None = None
    description: str | None = None
    servers: tuple[Reference, ...] = ()
    parameters: Mapping[str, OrReference[Parameter]] = Field(default_factory=dict)
    bindings: OrReference[ChannelBindings] | None = None
    tags: tuple[OrReference[Tag], ...] = ()
    external_docs: OrReference[ExternalDocumentation] | None = None
    messages: Mapping[str, OrReference[Message]] = Field(default_factory=dict)
