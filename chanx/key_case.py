"""camelCase keys for names that are declared."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic.alias_generators import to_camel


def camel_keys(names: Iterable[str], taken: Iterable[Any] = ()) -> Mapping[str, str]:
    """The camelCase key of each name, where keys of others are ``taken``.

    Of two names with one camelCase form, the one that is spelled so keeps it, and the other stays as it is.
    """
    camel = {name: to_camel(name) for name in names}
    used = [*taken]
    keys: dict[str, str] = {}
    for name in sorted(camel, key=lambda name: camel[name] != name):
        keys[name] = name if camel[name] in used else camel[name]
        used.append(keys[name])
    return keys
