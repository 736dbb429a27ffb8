"""The keys of a DRF serializer's data: its fields' names in Python, their camelCase form on the wire."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from rest_framework.serializers import BaseSerializer, DictField, ListField, ListSerializer, Serializer

from chanx.key_case import camel_keys


def camel_keys_of(serializer: Any) -> Mapping[str, str]:
    """The camelCase key of each field of a serializer, by the field's name."""
    return _camel_keys(tuple(serializer.fields))


def to_camel(serializer: BaseSerializer[Any], data: Any) -> Any:
    """The data of a serializer with camelCase keys for its fields, also of serializers inside; other keys are data."""
    return _mapped(serializer, data, lambda keys, name: (name, keys.get(name, name)))


def from_camel(serializer: BaseSerializer[Any], data: Any) -> Any:
    """Data with camelCase keys as the serializer takes it. A field's own name is a key that means nothing here."""

    def names(keys: Mapping[str, str], key: str) -> tuple[str, str] | None:
        by_key = {camel: name for name, camel in keys.items()}
        if key in by_key:
            return by_key[key], by_key[key]
        return None if key in keys else (key, key)

    return _mapped(serializer, data, names)


def _mapped(field: Any, data: Any, rename: Callable[[Mapping[str, str], str], tuple[str, str] | None]) -> Any:
    """``data`` of a field; ``rename`` gives of a key the name of its field and the new key, None to leave it out."""
    if isinstance(field, ListSerializer | ListField) and isinstance(data, list):
        return [_mapped(field.child, item, rename) for item in data]
    if isinstance(field, DictField) and isinstance(data, dict):
        return {key: _mapped(field.child, item, rename) for key, item in data.items()}
    if not isinstance(field, Serializer) or not isinstance(data, dict):
        return data
    keys = camel_keys_of(field)
    renamed: dict[str, Any] = {}
    for key, value in data.items():
        if (found := rename(keys, key)) is not None:
            name, new = found
            renamed[new] = _mapped(field.fields.get(name), value, rename)
    return renamed


@lru_cache(1024)  # serializers may choose their fields at run time
def _camel_keys(names: tuple[str, ...]) -> Mapping[str, str]:
    return camel_keys(names)
