"""Keys of the document, and references to them.

A key is a pure function of what it names: a class's dotted path, a route's name or address, an action. Adding
something to a service therefore renames nothing, and equal names of two classes never meet.
docs/decisions/0003-names-in-the-document.md has the reasons.
"""

import re
from collections.abc import Container, Iterable
from hashlib import sha256
from typing import Final

from chanx_asyncapi.spec import Reference

# https://www.asyncapi.com/docs/reference/specification/v3.1.0#componentsObject
_REFUSED: Final = re.compile(r"[^a-zA-Z0-9.\-_]+")
#: Names of properties at which the official parser fails, because they mean something else to it or to JavaScript:
#: a reference, a prototype, a method.
MISUNDERSTOOD: Final = frozenset({"$ref", "__proto__", "hasOwnProperty"})
#: It follows no reference past a key of such a name either.
_MISUNDERSTOOD_KEYS: Final = MISUNDERSTOOD | {"constructor", "prototype"}
_HASH_LENGTH: Final = 6

_GENERIC: Final = re.compile(r"[a-zA-Z0-9_.]+\[[a-zA-Z0-9_.]+(,[a-zA-Z0-9_.]+)*\]")
_TO_DASHES: Final = str.maketrans("[,", "--")

#: The number that pydantic puts behind each class in the name of a core schema: its address in memory.
_IDENTITY: Final = re.compile(r":(\d+)")
_FIRST_CLASS: Final = re.compile(r"([^\[\],]+):(\d+)")
_ARGUMENT: Final = re.compile(r"([^\[\], ]+):(\d+)")


def key(text: str) -> str:
    """A key for ``text``; different texts have different keys.

    A text of the characters that keys may have is its own key. In another one they are replaced, and a hash of the
    text follows, as it does behind one that is misunderstood.
    """
    if text and not _REFUSED.search(text) and text not in _MISUNDERSTOOD_KEYS:
        return text
    readable = _REFUSED.sub("-", text).strip("-")
    return "-".join(filter(None, (readable, _hash(text))))


def class_path(cls: type) -> str:
    """The dotted path of a class, its identity."""
    return _without_locals(f"{cls.__module__}.{cls.__qualname__}")


def path_key(path: str) -> str:
    """The key of a class at ``path``; type arguments follow their class: ``shop.Page[shop.Item]`` ->
    ``shop.Page-shop.Item``."""
    generic = _GENERIC.fullmatch(path)
    # Dashes are in no name of Python, so this is reversible; arguments with arguments are not worth that.
    return path.rstrip("]").translate(_TO_DASHES) if generic else key(path)


def address_key(address: str) -> str:
    """The key of the channel at ``address``: ``/ws/chat/{room}/`` -> ``ws.chat.room``."""
    return key(re.sub(r"[{}]", "", address).strip("/").replace("/", ".") or "root")


def reference(*where: str) -> Reference:
    """A reference to the place in the document to which the keys of ``where`` lead."""
    # RFC 6901, 3; keys that key() has made need nothing else.
    return Reference(ref="#/" + "/".join(part.replace("~", "~0").replace("/", "~1") for part in where))


def core_paths(core_refs: Iterable[str]) -> dict[str, str]:
    """The dotted path, with those of its type arguments, for each of pydantic's names of core schemas.

    pydantic names them ``module.Page:1234[Item:5678]``: with addresses in memory, and arguments without modules.
    """
    core_refs = tuple(core_refs)
    by_identity = {found[2]: found[1] for ref in core_refs if (found := _FIRST_CLASS.match(ref)) and "[" not in ref}
    paths: dict[str, str] = {}
    for ref in core_refs:
        qualified = _ARGUMENT.sub(lambda found: by_identity.get(found[2], found[1]), ref)
        paths[ref] = _without_locals(_IDENTITY.sub("", qualified))
    return paths


def distinguished(text: str, taken: Container[str]) -> str:
    """``text``, with the first number behind it that makes it none of ``taken``."""
    number, name = 1, text
    while name in taken:
        number += 1
        name = f"{text}-{number}"
    return name


def _without_locals(path: str) -> str:
    return path.replace(".<locals>", "")


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH_LENGTH]
