"""The shapes of what ``settings.CHANX`` says about the document."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired

from django.utils.functional import Promise
from pydantic import BeforeValidator, ConfigDict, with_config
from typing_extensions import TypedDict


def _translated(value: Any) -> Any:
    return str(value) if isinstance(value, Promise) else value


#: A text, which may be translated lazily.
Text = Annotated[str, BeforeValidator(_translated)]

#: A mistyped key would be ignored without a word.
_REFUSE_OTHER_KEYS = ConfigDict(extra="forbid")


@with_config(_REFUSE_OTHER_KEYS)
class Info(TypedDict, total=False):
    """What the API is. The names and values are those of SPECTACULAR_SETTINGS."""

    TITLE: Text
    VERSION: Text
    DESCRIPTION: Text
    TOS: Text
    CONTACT: Mapping[str, Any]
    LICENSE: Mapping[str, Any]
    TAGS: Sequence[Mapping[str, Any]]
    EXTERNAL_DOCS: Mapping[str, Any]


@with_config(_REFUSE_OTHER_KEYS)
class Server(TypedDict):
    """A place where clients find the service."""

    #: ``wss://host``, with a port or a path if need be.
    url: str
    description: NotRequired[Text]


@with_config(_REFUSE_OTHER_KEYS)
class NamedDocument(TypedDict, total=False):
    """A document about a part of the service. What it leaves out is as in the document of the whole."""

    #: Labels of applications: only their consumers.
    APPS: Sequence[str]
    #: Only what has one of these tags.
    TAGS: Sequence[str]
    INFO: Info
    SERVERS: Mapping[str, Server]
    #: Dotted paths of DRF's permission classes, or of others like them.
    PERMISSION_CLASSES: Sequence[str]


@with_config(_REFUSE_OTHER_KEYS)
class Page(TypedDict, total=False):
    """How the pages look that show the documents."""

    #: At the head of every page and in the browser's tab, whichever document is shown. None: that document's title.
    TITLE: Text | None
    #: The colours for readers who have not chosen any; ``system`` are those of their computer.
    THEME: Literal["system", "light", "dark"]
