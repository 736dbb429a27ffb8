"""The documents that other people's tools read in the tests: the demo's, and that of the torture service."""

from functools import cache
from typing import Final

from django.test import override_settings

from chanx_asyncapi.describe import Options, describe
from chanx_asyncapi.render import Format, render
from chanx_asyncapi.spec import DEFAULT_VERSION, Version
from tests.chanx_asyncapi.describe.torture import application

#: Settings that change every frame.
OTHER_WIRE: Final = {"CAMELIZE": True, "MESSAGE_ACTION_KEY": "type", "SEND_COMPLETION": True}


@cache
def demo(spec_version: Version = DEFAULT_VERSION, *, format: Format = "json") -> str:
    """The demo's document."""
    return render(describe(options=Options(spec_version=spec_version)).document, format=format)


@cache
def torture(spec_version: Version = DEFAULT_VERSION, *, other_wire: bool = False) -> str:
    """The document of the torture service, as JSON, with default settings or with others."""
    with override_settings(CHANX=OTHER_WIRE if other_wire else {}):
        return render(describe(application(), Options(spec_version=spec_version)).document)
