"""Who offers the service, and under which terms."""

from chanx_asyncapi.spec.base import ExtensibleObject
from chanx_asyncapi.spec.reference import OrReference
from chanx_asyncapi.spec.tags import ExternalDocumentation, Tag


class Contact(ExtensibleObject):
    """Whom to ask about the service.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#contactObject
    """

    name: str | None = None
    url: str | None = None
    email: str | None = None


class License(ExtensibleObject):
    """The licence of the service.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#licenseObject
    """

    name: str
    url: str | None = None


class Info(ExtensibleObject):
    """What the service is. ``version`` is the version of the service's API, not of AsyncAPI.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#infoObject
    """

    title: str
    version: str
    description: str | None = None
    terms_of_service: str | None = None
    contact: Contact | None = None
    license: License | None = None
    tags: tuple[OrReference[Tag], ...] = ()
    external_docs: OrReference[ExternalDocumentation] | None = None
