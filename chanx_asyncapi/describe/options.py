"""What whoever asks for a document may choose; all else the code and the settings say."""

from dataclasses import dataclass

from chanx_asyncapi.spec import DEFAULT_VERSION, Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Which document to make."""

    #: The version of AsyncAPI.
    spec_version: Version = DEFAULT_VERSION
    #: Where clients find the server, ``wss://host/prefix``, when WEBSOCKET_BASE_URL does not say it; None is the
    #: development server.
    server_url: str | None = None
    #: The title of the API; None is drf-spectacular's.
    title: str | None = None
    #: The version of the API; None is drf-spectacular's.
    api_version: str | None = None
