"""What whoever asks for a document may choose; all else the code and the settings say."""

from dataclasses import dataclass

from chanx_asyncapi.spec import DEFAULT_VERSION, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Which document to make."""

    #: The version of AsyncAPI.
    spec_version: Version = DEFAULT_VERSION
    #: Where clients find the server, ``wss://host/prefix``, when the settings name none; None is the development
    #: server.
    server_url: str | None = None
    #: The title of the API; None is that of the settings.
    title: str | None = None
    #: The version of the API; None is that of the settings.
    api_version: str | None = None
    #: A document that ``CHANX["DOCUMENTS"]`` names; None is that of the whole service.
    document: str | None = None
    #: Labels of applications: only their consumers. None given: those of all.
    apps: tuple[str, ...] = ()
    #: Only what has one of these tags. None given: whatever tags it has.
    tags: tuple[str, ...] = ()
