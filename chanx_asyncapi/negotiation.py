"""In which format a client gets the document at a URL that has it in all of them."""

from typing import Final

from django.http import Http404
from rest_framework.exceptions import NotAcceptable
from rest_framework.request import Request

from chanx_asyncapi.render import Format

#: The media type of each format, where nobody asks for another one.
MEDIA_TYPES: Final[dict[Format, str]] = {
    "json": "application/json",
    "yaml": "application/yaml",  # RFC 9512
}

#: What else clients call them. The first of all is for clients that accept anything.
_FORMATS: Final[dict[str, Format]] = {
    **{media_type: format for format, media_type in MEDIA_TYPES.items()},
    "application/vnd.aai.asyncapi+json": "json",
    "application/vnd.aai.asyncapi+yaml": "yaml",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
}


def negotiated(request: Request) -> tuple[Format, str]:
    """Format and media type: what ``?format=`` names, or else what the client likes best by its Accept header.

    Raises Http404 for a format that there is not, as DRF does, and NotAcceptable when the client accepts none.
    """
    if named := request.query_params.get("format"):
        for format, media_type in MEDIA_TYPES.items():
            if named == format:
                return format, media_type
        raise Http404
    preferred = request._request.get_preferred_type([*_FORMATS])
    if preferred is None:
        raise NotAcceptable
    return _FORMATS[preferred], preferred
