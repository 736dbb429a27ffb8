"""The errors of a DRF serializer as those of a frame: a code, a place, and a text without what the client sent."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from string import Formatter
from typing import Any, Final

from rest_framework.fields import Field
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.settings import api_settings

#: A code, the place inside of the serializer's data, and a sentence.
SerializerError = tuple[str, tuple[str | int, ...], str]

#: Gives the keys that the fields of a serializer have in its data.
KeysOf = Callable[[Any], Mapping[str, str]]

#: What DRF and Django put into their texts besides what the client sent: limits, and names of types and fields.
_HARMLESS: Final = frozenset(
    {
        *("data_type", "datatype", "date_field", "field_names", "format", "input_type", "slug_name", "timezone"),
        *("date_field_label", "field_label", "lookup_type", "model_name"),
        *("max_days", "max_decimal_places", "max_digits", "max_length", "max_value", "max_whole_digits"),
        *("limit_value", "min_days", "min_length", "min_value"),
    }
)

#: Stands for what is left out of a text.
_LEFT_OUT: Final = "…"

#: ``%(value)s``: DRF's own texts have ``{value}``.
_DJANGO_PLACEHOLDER: Final = re.compile(r"%\((\w+)\)[#0\- +]*\d*(?:\.\d+)?[a-zA-Z]")


def serializer_errors(serializer: BaseSerializer[Any], keys_of: KeysOf) -> Iterator[SerializerError]:
    """The errors of a serializer that was found invalid.

    DRF and Django put the refused value into some of their texts: there it is left out. What an application says in
    words of its own is passed on.
    """
    # A text may fit several: the one that says most comes first.
    revealing = sorted(_revealing_texts(serializer), key=lambda literals: sum(map(len, literals)), reverse=True)
    for code, place, text in _flat(serializer.errors, serializer, keys_of, ()):
        yield code, place, _without_values(text, revealing)


def _flat(errors: Any, field: Any, keys_of: KeysOf, place: tuple[str | int, ...]) -> Iterator[SerializerError]:
    if isinstance(errors, str):
        yield str(getattr(errors, "code", None) or "invalid"), place, str(errors)
    elif isinstance(errors, Mapping):
        fields: Mapping[Any, Any] = getattr(field, "fields", {})
        keys = keys_of(field) if fields else {}
        for name, inner in errors.items():
            if name == api_settings.NON_FIELD_ERRORS_KEY and name not in fields:
                yield from _flat(inner, field, keys_of, place)
            else:
                part = name if isinstance(name, int) else keys.get(name, str(name))
                yield from _flat(inner, fields.get(name, _child(field)), keys_of, (*place, part))
    elif all(isinstance(each, str) for each in errors):
        for each in errors:
            yield from _flat(each, field, keys_of, place)
    else:
        # One entry for each item of a list, empty where the item is in order.
        for index, inner in enumerate(errors):
            yield from _flat(inner, _child(field), keys_of, (*place, index))


def _without_values(text: str, revealing: Iterable[Sequence[str]]) -> str:
    for first, *rest in revealing:
        if text.startswith(first) and text.endswith(rest[-1]):
            return _LEFT_OUT.join((first, *rest))
    return text


def _revealing_texts(field: Field[Any, Any, Any, Any], outer: frozenset[type] = frozenset()) -> Iterator[Sequence[str]]:
    """What stands around the values in the texts with values, of a field and of those inside of it."""
    if isinstance(field, Serializer) and type(field) in outer:  # which holds its own kind
        return
    model_field = getattr(field, "model_field", None)
    texts = [
        *field.error_messages.values(),
        *getattr(model_field, "error_messages", {}).values(),
        *(getattr(validator, "message", "") for validator in field.validators),
    ]
    for text in map(str, texts):
        literals, placeholders = _taken_apart(text)
        if not _HARMLESS.issuperset(placeholders):
            yield literals
    for inner in (*getattr(field, "fields", {}).values(), _child(field), getattr(field, "child_relation", None)):
        if isinstance(inner, Field):
            yield from _revealing_texts(inner, outer | {type(field)})


def _taken_apart(text: str) -> tuple[Sequence[str], Sequence[str]]:
    """What stands around the placeholders in a text, and the names of these."""
    pieces = _DJANGO_PLACEHOLDER.split(text)
    if len(pieces) > 1:
        return pieces[::2], pieces[1::2]
    try:
        parsed = [(literal, name) for literal, name, _, _ in Formatter().parse(text)]
    except ValueError:  # no format string, so that nothing is put into it
        return [text], []
    literals = [literal for literal, _ in parsed]
    names = [name for _, name in parsed if name is not None]
    return (literals if len(literals) > len(names) else [*literals, ""]), names


def _child(field: Any) -> Any:
    return getattr(field, "child", None)
