"""``info``: what the settings say the API is.

What drf-spectacular's settings say about the REST API holds for its WebSockets as well, where ours are silent.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from drf_spectacular.settings import spectacular_settings
from pydantic import ValidationError

from chanx import document_settings
from chanx.settings import chanx_settings
from chanx_asyncapi.describe.definitions import in_one_line
from chanx_asyncapi.describe.named_documents import named_document
from chanx_asyncapi.describe.options import Options
from chanx_asyncapi.describe.spec_fields import present
from chanx_asyncapi.describe.texts import clean
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import Contact, ExternalDocumentation, Info, License, Tag

_NAMES: Final = tuple(document_settings.Info.__annotations__)


def describe_info(options: Options) -> tuple[Info, list[Problem]]:
    """The info of a document, and a problem for each part that the settings have in a shape that AsyncAPI has not."""
    said = _said(options)
    parts: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, read in (("CONTACT", Contact), ("LICENSE", License), ("EXTERNAL_DOCS", ExternalDocumentation)):
        try:
            parts[name] = read.from_wire(texts) if (texts := _texts(said[name])) else None
        except (ValidationError, TypeError) as error:
            problems.append(_unreadable(name, error))
    try:
        tags = tuple(_tags(said["TAGS"]))
    except (ValidationError, TypeError) as error:
        tags = ()
        problems.append(_unreadable("TAGS", error))
    info = Info(
        title=str(said["TITLE"] or "") or "WebSocket API",
        # drf-spectacular takes None for "as the request says", and a WebSocket has no such request.
        version=str(said["VERSION"] or "") or "0.0.0",
        description=clean(str(said["DESCRIPTION"] or "")),
        terms_of_service=str(said["TOS"]) if said["TOS"] else None,
        contact=parts.get("CONTACT"),
        license=parts.get("LICENSE"),
        external_docs=parts.get("EXTERNAL_DOCS"),
        **present(tags=tags),
    )
    return info, problems


def _said(options: Options) -> dict[str, Any]:
    """What counts of each part: the options, the document's settings, the service's, drf-spectacular's."""
    chosen = {"TITLE": options.title, "VERSION": options.api_version}
    return {
        **{name: getattr(spectacular_settings, name) for name in _NAMES},
        **chanx_settings.INFO,
        **named_document(options.document).get("INFO", {}),
        **{name: text for name, text in chosen.items() if text},
    }


def _tags(tags: Any) -> Iterator[Tag]:
    read = [Tag.from_wire(_texts(tag)) for tag in tags or ()]
    # Of two tags with one name the last one counts.
    yield from {tag.name: tag for tag in read}.values()


def _texts(value: Any) -> dict[str, Any]:
    """Settings as text: their values may be translated lazily. Raises TypeError for what is no mapping."""
    if not isinstance(value, Mapping | None):
        raise TypeError(f"{value!r} is no dictionary")
    return {
        str(name): _texts(part) if isinstance(part, Mapping) else str(part)
        for name, part in (value or {}).items()
        if part is not None
    }


def _unreadable(name: str, error: Exception) -> Problem:
    return Problem(
        code=Code.UNREADABLE_INFO,
        where=("info", name),
        text=f"the document lacks what the settings say here: {in_one_line(error)}.",
        way_out=f"Correct {name} in CHANX['INFO'], in the INFO of the document or in SPECTACULAR_SETTINGS.",
    )
