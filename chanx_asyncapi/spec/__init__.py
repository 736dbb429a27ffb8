"""The objects of AsyncAPI 3.0 and 3.1 as frozen pydantic models: what a document is, not how it is made.

Every object reads and writes its JSON shape: :meth:`SpecObject.from_wire` and :meth:`SpecObject.to_wire`.
Names are the specification's, in snake case; extensions (``x-…``) are in ``extensions``. JSON Schemas stay
opaque data.
"""

from chanx_asyncapi.spec.base import ExtensibleObject, JsonSchema, SpecObject
from chanx_asyncapi.spec.bindings import ChannelBindings, WebSocketChannelBinding
from chanx_asyncapi.spec.channels import Channel, Parameter
from chanx_asyncapi.spec.components import Components
from chanx_asyncapi.spec.document import Document
from chanx_asyncapi.spec.info import Contact, Info, License
from chanx_asyncapi.spec.messages import CorrelationId, Message, MessageExample
from chanx_asyncapi.spec.operations import Operation, OperationReply
from chanx_asyncapi.spec.reference import OrReference, Reference
from chanx_asyncapi.spec.schemas import DEFAULT_VERSION, VERSIONS, Version, official_schema
from chanx_asyncapi.spec.security import (
    ApiKeySecurityScheme,
    HttpApiKeySecurityScheme,
    HttpSecurityScheme,
    OAuth2SecurityScheme,
    OAuthFlow,
    OAuthFlows,
    OpenIdConnectSecurityScheme,
    PlainSecurityScheme,
    SecurityScheme,
)
from chanx_asyncapi.spec.servers import Server, ServerVariable
from chanx_asyncapi.spec.tags import ExternalDocumentation, Tag

__all__ = [
    "DEFAULT_VERSION",
    "VERSIONS",
    "ApiKeySecurityScheme",
    "Channel",
    "ChannelBindings",
    "Components",
    "Contact",
    "CorrelationId",
    "Document",
    "ExtensibleObject",
    "ExternalDocumentation",
    "HttpApiKeySecurityScheme",
    "HttpSecurityScheme",
    "Info",
    "JsonSchema",
    "License",
    "Message",
    "MessageExample",
    "OAuth2SecurityScheme",
    "OAuthFlow",
    "OAuthFlows",
    "OpenIdConnectSecurityScheme",
    "Operation",
    "OperationReply",
    "OrReference",
    "Parameter",
    "PlainSecurityScheme",
    "Reference",
    "SecurityScheme",
    "Server",
    "ServerVariable",
    "SpecObject",
    "Tag",
    "Version",
    "WebSocketChannelBinding",
    "official_schema",
]
