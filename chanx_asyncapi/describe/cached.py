"""Descriptions that are kept until what they are made of changes: code, settings, options."""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any, Final

from chanx.settings import chanx_settings
from chanx_asyncapi.cache import Cache
from chanx_asyncapi.describe.description import Description, describe
from chanx_asyncapi.describe.inputs import inputs
from chanx_asyncapi.describe.options import Options
from chanx_asyncapi.describe.servers import configured_servers, describe_servers
from chanx_asyncapi.render import FORMATS, Format, render

#: A service has few documents, but its hosts may have any number of names, and a document has the one that was asked.
_ROOM: Final = 8

_DEFAULTS: Final = Options()


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """A document as it travels."""

    body: bytes
    #: Of this body and no other; without quotes.
    etag: str


class CachedDescription:
    """A description, and its document in each format, made when it is first asked for.

    Shared by all who ask: change nothing in it.
    """

    def __init__(self, description: Description) -> None:
        self.description = description
        self._representations: Cache[Format, Representation] = Cache(len(FORMATS))

    def representation(self, format: Format) -> Representation:
        """The document in UTF-8."""
        return self._representations.get(format, lambda: self._represented(format))

    def _represented(self, format: Format) -> Representation:
        body = render(self.description.document, format=format).encode()
        return Representation(body=body, etag=sha256(body).hexdigest())


#: What has been described in this process.
descriptions: Final[Cache[Hashable, CachedDescription]] = Cache(_ROOM)


def cached_description(application: Any = None, options: Options = _DEFAULTS) -> CachedDescription:
    """What :func:`~chanx_asyncapi.describe.describe` makes, which is made again only when something has changed.

    That is any setting, the routing, a class that was defined again, an extension, the language, or the options.

    Raises :class:`~chanx_asyncapi.describe.UnknownDocumentError` as that does.
    """
    if configured_servers(options.document):
        # The server that was asked plays no part, nor do the names that its clients give it.
        options = replace(options, server_url=None)

    def make() -> CachedDescription:
        return CachedDescription(_described(application, options))

    try:
        key = inputs(application, options)
    except Exception:  # what cannot be read or compared is not kept, and describe() says what there is to say
        return make()
    return descriptions.get(key, make)


def _described(application: Any, options: Options) -> Description:
    """As :func:`describe` makes it; for another name of the host from what is there, if that is all that differs."""
    if options.server_url is None or chanx_settings.ASYNCAPI_POSTPROCESSING_HOOKS:
        # Hooks have seen the servers, and nobody knows what they have made of them.
        return describe(application, options)
    servers, problems = describe_servers(options)
    if problems:
        return describe(application, options)
    elsewhere = cached_description(application, replace(options, server_url=None)).description
    return replace(elsewhere, document=elsewhere.document.model_copy(update={"servers": servers}))
