"""Names for clients that nobody can invent, and that are good for one user at one place only.

A name is told to the client alone and comes back with each request that the client repeats. It is sealed with the
SECRET_KEY, over everything that decides who may have the replies: the server remembers no names.
"""

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac

#: Separates these seals from all others under the same key.
_SALT: Final = "chanx.deduplication"
#: Bytes of a seal. 128 bits are as many as a forger would have to try (RFC 2104, 5).
_SEAL_SIZE: Final = 16


@dataclass(frozen=True, slots=True)
class ClientName:
    """What a name says."""

    #: 96 random bits.
    client: str
    #: Of the ledger, when the name was given.
    epoch: str


def issue(epoch: str, place: str) -> str:
    """A new name, of at most 64 characters.

    :param epoch: without a dot.
    :param place: whom and what it is good for.
    """
    content = f"{secrets.token_urlsafe(12)}.{epoch}"
    return f"{content}.{_seal(content, place, settings.SECRET_KEY)}"


def read(name: str, place: str) -> ClientName | None:
    """What a name says; None for one that was not issued, or is for another place."""
    content, _, seal = name.rpartition(".")
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    if not any(hmac.compare_digest(seal.encode(), _seal(content, place, key).encode()) for key in keys):
        return None
    client, _, epoch = content.partition(".")
    return ClientName(client, epoch)


def _seal(content: str, place: str, key: str | bytes) -> str:
    digest = salted_hmac(_SALT, f"{content}\n{place}", secret=key, algorithm="sha256").digest()[:_SEAL_SIZE]
    return urlsafe_b64encode(digest).decode().rstrip("=")
