"""What other parts of the document refer to."""

from collections.abc import Mapping

from pydantic import Field

from chanx_asyncapi.spec.base import ExtensibleObject, JsonSchema
from chanx_asyncapi.spec.bindings import ChannelBindings
from chanx_asyncapi.spec.channels import Channel, Parameter
from chanx_asyncapi.spec.messages import CorrelationId, Message
from chanx_asyncapi.spec.operations import Operation, OperationReply
from chanx_asyncapi.spec.reference import OrReference
from chanx_asyncapi.spec.security import SecurityScheme
from chanx_asyncapi.spec.servers import Server, ServerVariable
from chanx_asyncapi.spec.tags import ExternalDocumentation, Tag


class Components(ExtensibleObject):
    """Reusable objects, by kind. What stands here has no effect until something refers to it.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#componentsObject
    """

    schemas: Mapping[str, JsonSchema] = Field(default_factory=dict)
    messages: Mapping[str, OrReference[Message]] = Field(default_factory=dict)
    security_schemes: Mapping[str, OrReference[SecurityScheme]] = Field(default_factory=dict)
    servers: Mapping[str, OrReference[Server]] = Field(default_factory=dict)
    server_variables: Mapping[str, OrReference[ServerVariable]] = Field(default_factory=dict)
    channels: Mapping[str, OrReference[Channel]] = Field(default_factory=dict)
    parameters: Mapping[str, OrReference[Parameter]] = Field(default_factory=dict)
    channel_bindings: Mapping[str, OrReference[ChannelBindings]] = Field(default_factory=dict)
    operations: Mapping[str, OrReference[Operation]] = Field(default_factory=dict)
    replies: Mapping[str, OrReference[OperationReply]] = Field(default_factory=dict)
    correlation_ids: Mapping[str, OrReference[CorrelationId]] = Field(default_factory=dict)
    tags: Mapping[str, OrReference[Tag]] = Field(default_factory=dict)
    external_docs: Mapping[str, OrReference[ExternalDocumentation]] = Field(default_factory=dict)
