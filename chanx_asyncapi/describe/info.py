"""``info``: what drf-spectacular's settings say about the API holds for its WebSockets as well."""

from collections.abc import Iterator, Mapping
from typing import Any

from drf_spectacular.settings import spectacular_settings

from chanx_asyncapi.describe.spec_fields import present
from chanx_asyncapi.describe.texts import clean
from chanx_asyncapi.spec import Contact, ExternalDocumentation, Info, License, Tag


def describe_info(title: str | None = None, version: str | None = None) -> Info:
    """The info of a document; ``title`` and ``version`` of the API count before drf-spectacular's settings."""
    settings: Any = spectacular_settings
    contact, licence, documentation = (
        _texts(value) for value in (settings.CONTACT, settings.LICENSE, settings.EXTERNAL_DOCS)
    )
    return Info(
        title=title or str(settings.TITLE or "") or "WebSocket API",
        # drf-spectacular takes None for "as the request says", and a WebSocket has no such request.
        version=version or str(settings.VERSION or "") or "0.0.0",
        description=clean(str(settings.DESCRIPTION or "")),
        terms_of_service=str(settings.TOS) if settings.TOS else None,
        contact=Contact.from_wire(contact) if contact else None,
        license=License.from_wire(licence) if "name" in licence else None,
        external_docs=ExternalDocumentation.from_wire(documentation) if "url" in documentation else None,
        **present(tags=tuple(_tags(settings.TAGS))),
    )


def _tags(tags: Any) -> Iterator[Tag]:
    by_name = {str(tag["name"]): _texts(tag) for tag in tags or ()}
    for tag in by_name.values():
        documentation = tag.pop("externalDocs", None)
        yield Tag(
            name=tag["name"],
            description=tag.get("description"),
            external_docs=ExternalDocumentation.from_wire(documentation) if documentation else None,
        )


def _texts(value: Mapping[str, Any] | None) -> dict[str, Any]:
    """Settings as text: their values may be translated lazily."""
    return {
        str(name): _texts(part) if isinstance(part, Mapping) else str(part)
        for name, part in (value or {}).items()
        if part is not None
    }
