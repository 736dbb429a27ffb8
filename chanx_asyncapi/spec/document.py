"""The document itself."""

from collections.abc import Mapping

from pydantic import Field

from chanx_asyncapi.spec.base import ExtensibleObject
from chanx_asyncapi.spec.channels import Channel
from chanx_asyncapi.spec.components import Components
from chanx_asyncapi.spec.info import Info
from chanx_asyncapi.spec.operations import Operation
from chanx_asyncapi.spec.reference import OrReference
from chanx_asyncapi.spec.schemas import Version
from chanx_asyncapi.spec.servers import Server


class Document(ExtensibleObject):
    """An AsyncAPI document, the root of everything else.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#A2SObject
    """

    asyncapi: Version
    id: str | None = None
    info: Info
    default_content_type: str | None = None
    servers: Mapping[str, OrReference[Server]] = Field(default_factory=dict)
    channels: Mapping[str, OrReference[Channel]] = Field(default_factory=dict)
    operations: Mapping[str, OrReference[Operation]] = Field(default_factory=dict)
    components: Components | None = None
