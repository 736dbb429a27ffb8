"""Where the service listens."""

from collections.abc import Mapping

from pydantic import Field

from chanx_asyncapi.spec.base import ExtensibleObject
from chanx_asyncapi.spec.reference import OrReference
from chanx_asyncapi.spec.security import SecurityScheme
from chanx_asyncapi.spec.tags import ExternalDocumentation, Tag


class ServerVariable(ExtensibleObject):
    """What a ``{name}`` in a server's host or path may be.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#serverVariableObject
    """

    enum: tuple[str, ...] = ()
    default: str | None = None
    description: str | None = None
    examples: tuple[str, ...] = ()


class Server(ExtensibleObject):
    """One address of the service: ``host`` without scheme and path, ``pathname`` beginning with a slash.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#serverObject
    """

    host: str
    protocol: str
    protocol_version: str | None = None
    pathname: str | None = None
    title: str | None = None
    summary: str | None = None
    description: str | None = None
    variables: Mapping[str, OrReference[ServerVariable]] = Field(default_factory=dict)
    security: tuple[OrReference[SecurityScheme], ...] = ()
    tags: tuple[OrReference[Tag], ...] = ()
    external_docs: OrReference[ExternalDocumentation] | None = None
