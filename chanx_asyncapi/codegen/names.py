"""Names for what has keys in the document, in one form for all languages: ``PascalCase`` in ASCII.

A name is made of its key and nothing else, as keys are made of what they name
(docs/decisions/0003-names-in-the-document.md). Where two keys make one name, all but one get a hash of their key, never
a number: a schema that is added renames no other one. docs/decisions/0028-names-in-clients.md has the reasons.
"""

import re
from collections.abc import Container, Iterable, Mapping
from hashlib import sha256
from typing import Final

_WORDS: Final = re.compile(r"[A-Za-z0-9]+")
#: What separates words; anything else that is left out would make one name of different keys.
_LOSSLESS: Final = re.compile(r"[A-Za-z0-9_.\-/ ]*")
#: Modules that hold messages are called so by convention, which tells nobody anything.
_CONVENTIONAL: Final = "messages"
_HASH_LENGTH: Final = 6
#: What languages keep for themselves in this form.
_RESERVED: Final = frozenset({"False", "None", "True"})


def pascal_case(text: str) -> str:
    """``chat_room.History-sent`` -> ``ChatRoomHistorySent``; empty for a text without a letter or digit of ASCII."""
    return "".join(word[0].upper() + word[1:] for word in _WORDS.findall(text))


def camel_case(name: str) -> str:
    """A name in PascalCase with a small letter at its beginning: ``ChatRoom`` -> ``chatRoom``, ``URLs`` -> ``urls``."""
    start = re.match(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]+", name)
    if start is None:
        return name
    end = start.end() if start.end() > 1 else 1
    return name[:end].lower() + name[end:]


def key_name(key: str) -> str:
    """The name that ``key`` asks for: ``chat.messages.PostMessage`` -> ``ChatPostMessage``."""
    *modules, last = key.split(".")
    name = pascal_case(".".join([*(module for module in modules if module != _CONVENTIONAL), last]))
    if not _LOSSLESS.fullmatch(key):
        name = f"{name}{key_hash(key)}"
    return f"N{name}" if name[:1].isdigit() else name or f"N{key_hash(key)}"


def names(keys: Iterable[str] | Mapping[str, str], taken: Container[str] = ()) -> dict[str, str]:
    """A name for each of ``keys``, none of them among ``taken``.

    A mapping says what a name is to be made of, where that is not the key itself.
    """
    asked = keys if isinstance(keys, Mapping) else {key: key for key in keys}
    groups: dict[str, list[str]] = {}
    for key, wanted in asked.items():
        groups.setdefault(key_name(wanted), []).append(key)
    found: dict[str, str] = {}
    for name, group in groups.items():
        for number, key in enumerate(sorted(group, key=_precedence)):
            is_free = number == 0 and name not in taken and name not in _RESERVED
            found[key] = name if is_free else f"{name}{key_hash(key)}"
    return found


def key_hash(key: str) -> str:
    """Tells a key from others: six hexadecimal digits, the first a capital letter."""
    digest = sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]
    # A name that ends in a digit, and a hash that begins with one, could be those of another key.
    return "GHIJKLMNOPQRSTUV"[int(digest[0], 16)] + digest[1:]


def _precedence(key: str) -> tuple[int, int, str]:
    """Who keeps a name that several keys ask for: the key that follows the convention, then the simplest one."""
    return -key.split(".").count(_CONVENTIONAL), len(key), key
