"""Whether one schema of texts, numbers, booleans or null allows all that another one does."""

from chanx_asyncapi.diff.schemas.fits import Fit
from chanx_asyncapi.diff.schemas.keywords import NUMBER, STRING, is_annotation
from chanx_asyncapi.diff.schemas.limits import bounds, formats, multiples, texts
from chanx_asyncapi.diff.schemas.pairs import Pair, Schema
from chanx_asyncapi.diff.schemas.types import NUMBERS, types, values
from chanx_asyncapi.source import Target

_CONTAINERS = frozenset(("array", "object"))
_KNOWN = frozenset((*STRING, *NUMBER, "type", "enum", "const"))


def scalars(pair: Pair, old: Schema, new: Schema, shared: frozenset[str]) -> None:
    """Compare the keywords of texts and numbers, as far as values of the types ``shared`` are concerned."""
    if "string" in shared:
        bounds(pair, old, new, STRING)
        texts(pair, old, new)
    if not NUMBERS.isdisjoint(shared):
        bounds(pair, old, new, NUMBER)
        multiples(pair, old, new)
    if "string" in shared or not NUMBERS.isdisjoint(shared):
        formats(pair, old, new)


def covers(reader: Schema, writer: Schema) -> bool:
    """Whether all values of ``writer`` fit ``reader``. A no may mean that it was not found out."""
    if not all(keyword in _KNOWN or is_annotation(keyword) for schema in (reader, writer) for keyword in schema):
        return False
    written = types(writer)
    if not written <= types(reader) or not written.isdisjoint(_CONTAINERS):
        return False
    allowed, listed = values(reader), values(writer)
    if allowed is not None and (listed is None or not listed.keys() <= allowed.keys()):
        return False
    pair = Pair(Target(writer), Target(reader))
    scalars(pair, writer, reader, written)
    return all(change.forth in (Fit.ACCEPTED, Fit.UNCHANGED) for change in pair.changes)
