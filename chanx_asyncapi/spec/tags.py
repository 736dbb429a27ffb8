"""Tags and links, which several objects carry."""

from chanx_asyncapi.spec.base import ExtensibleObject
from chanx_asyncapi.spec.reference import OrReference


class ExternalDocumentation(ExtensibleObject):
    """A link to documentation outside of the document.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#externalDocumentationObject
    """

    url: str
    description: str | None = None


class Tag(ExtensibleObject):
    """A label that groups objects.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#tagObject
    """

    name: str
    description: str | None = None
    external_docs: OrReference[ExternalDocumentation] | None = None
