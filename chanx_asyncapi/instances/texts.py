"""Texts that fit a format, a pattern and a length."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final

from chanx_asyncapi.instances.patterns import matching
from chanx_asyncapi.validation.values import compiled

#: By format: those of draft-07, those of pydantic, and those that are common elsewhere. Hosts and addresses are
#: reserved for documentation (RFC 2606, 5737, 3849, 7042).
#: The moment is a fixed one, and over: it suits what must lie in the past today and on any later day.
FORMATS: Final[Mapping[str, str]] = {
    "date-time": "2025-01-31T12:00:00Z",
    "date": "2025-01-31",
    "time": "12:00:00Z",
    "duration": "PT30S",
    "email": "ada@example.com",
    "idn-email": "ada@example.com",
    "name-email": "Ada <ada@example.com>",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv4interface": "192.0.2.1/24",
    "ipv4network": "192.0.2.0/24",
    "ipv6": "2001:db8::1",
    "ipv6interface": "2001:db8::1/32",
    "ipv6network": "2001:db8::/32",
    "ipvanyaddress": "192.0.2.1",
    "ipvanyinterface": "192.0.2.1/24",
    "ipvanynetwork": "192.0.2.0/24",
    "mac": "00:00:5e:00:53:01",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "iri": "https://example.com/",
    "uri-reference": "/path",
    "iri-reference": "/path",
    "uri-template": "/path/{id}",
    "multi-host-uri": "postgres://user@db.example.com/app",
    "uuid": "123e4567-e89b-42d3-a456-426614174000",
    "uuid1": "123e4567-e89b-11d3-a456-426614174000",
    "uuid3": "123e4567-e89b-32d3-a456-426614174000",
    "uuid4": "123e4567-e89b-42d3-a456-426614174000",
    "uuid5": "123e4567-e89b-52d3-a456-426614174000",
    "uuid6": "123e4567-e89b-62d3-a456-426614174000",
    "uuid7": "123e4567-e89b-72d3-a456-426614174000",
    "uuid8": "123e4567-e89b-82d3-a456-426614174000",
    "ulid": "01ARZ3NDEKTSV4RRFFQ69G5FAV",
    "json-pointer": "/path/0",
    "relative-json-pointer": "1/path",
    "json-string": "{}",
    "regex": "^[a-z]+$",
    "byte": "dGV4dA==",
    "base64": "dGV4dA==",
    "base64url": "dGV4dA==",
    "color": "#336699",
    "phone": "tel:+1-202-555-0123",
}
_BETWEEN_WORDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
#: Tried before a text is put together for a pattern: easier to read.
_COMMON: Final = ("text", "1.50", "Abc-1234")
#: What is longer teaches nobody anything.
_MAX_LENGTH: Final = 1_000


def texts(keywords: Mapping[str, Any], name: str, number: int = 0) -> Iterator[str]:
    """Texts for a schema of a string, the most readable first; none where no text was found.

    :param name: what the text is called, the key of a property: without format and pattern it stands for itself.
    :param number: which of several texts, from 0.
    """
    least, most = keywords.get("minLength", 0), keywords.get("maxLength", _MAX_LENGTH)
    called = words(name) or "text"
    for text in _candidates(keywords, called if number == 0 else f"{called} {number + 1}", number, least, most):
        if least <= len(text) <= most:
            yield text


def words(name: str) -> str:
    """The words of an identifier: ``room_name`` and ``roomName`` -> ``room name``."""
    return _BETWEEN_WORDS.sub(" ", name).strip().lower()


def _candidates(keywords: Mapping[str, Any], called: str, number: int, least: int, most: int) -> Iterator[str]:
    sample = _sample(keywords)
    pattern = keywords.get("pattern", keywords.get("x-python-pattern"))
    if pattern is not None:
        given = () if sample is None else (_numbered(sample, number),)
        yield from _matching(pattern, (*given, called, called.replace(" ", "_"), called.replace(" ", "-")), least)
    elif sample is not None:
        yield _numbered(sample, number)
    elif least <= _MAX_LENGTH:
        yield _stretched(called, least, most)


def _matching(pattern: str, natural: Iterable[str], least: int) -> Iterator[str]:
    engine = compiled(pattern)
    if engine is None:
        # Python cannot check them; they follow from the pattern.
        yield from matching(pattern, min(least, _MAX_LENGTH))
    else:
        yield from filter(engine.search, chain(natural, _COMMON, matching(pattern, min(least, _MAX_LENGTH))))


def _sample(keywords: Mapping[str, Any]) -> str | None:
    if keywords.get("contentEncoding") in ("base64", "base64url"):
        return FORMATS["base64"]
    if keywords.get("contentMediaType") == "application/json":
        return FORMATS["json-string"]
    return FORMATS.get(keywords.get("format", ""))


def _numbered(sample: str, number: int) -> str:
    """Another text of the same kind: the last digit counts."""
    if number == 0:
        return sample
    return re.sub(r"\d(?=\D*$)", lambda digit: str((int(digit[0]) + number) % 10), sample)


def _stretched(text: str, least: int, most: int) -> str:
    """A text of whole words if there is room for them, cut off if there is not."""
    repeated = text
    while len(repeated) < least:
        repeated += f" {text}"
    if len(repeated) > most:
        repeated = repeated[:most]
        # Space at the end does not count where it is stripped.
        repeated = repeated[:-1] + text[0] if repeated.endswith(" ") else repeated
    return repeated
