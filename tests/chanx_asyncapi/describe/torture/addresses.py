"""Addresses: every path converter, every form of group, routers in routers, several routes to one consumer."""

from typing import Any, Final

from channels.routing import URLRouter
from django.urls import register_converter
from django.urls.converters import StringConverter, get_converters

from chanx.routing import include, path, re_path
from tests.chanx_asyncapi.describe.torture.exchange import consumer, message


class YearConverter:
    """A converter of one's own."""

    regex = "[12][0-9]{3}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class UpperConverter(StringConverter):
    regex = "[A-Z]+"


_CONVERTERS: Final[dict[str, Any]] = {"torture_year": YearConverter, "torture_upper": UpperConverter}
# Django keeps them for the whole process, and does not like to hear of one again.
for _name, _converter in _CONVERTERS.items():
    if _name not in get_converters():
        register_converter(_converter, _name)

Somewhere: Final = consumer(
    __name__, "SomewhereConsumer", message(__name__, "where", None), message(__name__, "there", None)
)
Elsewhere: Final = consumer(
    __name__, "ElsewhereConsumer", message(__name__, "whither", None), message(__name__, "thither", None)
)

_inner: Final = URLRouter(
    [path("", Somewhere), path("<str:leaf>/", Elsewhere), re_path(r"^(?P<number>\d+)$", Elsewhere)]
)
_middle: Final = URLRouter(
    [path("middle/<int:middle>/", include(_inner)), re_path(r"^re/(?P<re>\w+)/", include(_inner))]
)

ROUTES: Final = [
    path("converters/<int:a>/<str:b>/<slug:c>/<uuid:d>/<untyped>/<path:e>", Somewhere, name="converters"),
    path("converters/<torture_year:year>/<torture_upper:upper>/", Somewhere),
    path("nested/<slug:outer>/", include(_middle)),
    path("also-nested/", include(_middle)),
    # One consumer on several routes, some of them without a name, or with an odd one.
    path("twice", Elsewhere, name="without slash"),
    path("twice/", Elsewhere),
    path("named/1", Elsewhere, name="name with spaces / and ? # ~ %"),
    path("named/2", Elsewhere, name="größe 😀"),
    path("named/3", Elsewhere, name="__proto__"),
    path("named/4", Elsewhere, name="constructor"),
    path("named/5", Elsewhere, name="hasOwnProperty"),
    path("umlaut/ä/<str:größe>", Elsewhere),
    path("odd characters/%41/a+b/~x/!$&'()*,;=:@", Elsewhere),
    re_path(r"^groups/(?P<word>[\w-]+)/(?P<year>\d{4})/$", Somewhere),
    re_path(r"^groups/(?P<outer>a(?:b+)c)/$", Somewhere),
    re_path(r"^groups/(?P<choice>one|two|(?:three|four))/(?P<some>.*)/(?P<few>x{1,3}?)$", Somewhere),
    re_path(r"^groups/(?=ahead)(?P<after>[^/]+)/end\.json$", Somewhere),
    re_path(r"\Agroups/escaped\-\.\+/(?P<last>[/\]]+)\Z", Somewhere),
    re_path(r"(?P<unanchored>\w+)/unanchored", Somewhere),
]
