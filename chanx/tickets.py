"""One-time tickets: what a client brings to a handshake when it can send neither a header nor a subprotocol.

A view issues one to a user who is authenticated there, and the client puts it into the address of the WebSocket.
Addresses end up in logs and histories, so a ticket is worth nothing after its first use, nor after half a minute.

The cache TICKET_CACHE holds what each stands for, under a digest: who reads the cache does not learn the tickets.
"""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.cache import BaseCache, caches
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.crypto import constant_time_compare

from chanx.credentials import expiry_of, is_past
from chanx.handshake import session_store
from chanx.settings import chanx_settings

#: Bytes of randomness in a ticket. NIST SP 800-63B asks for 8 of such a secret; nobody types this one.
_RANDOM_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What a redeemed ticket stands for; ``request.auth`` of a handshake that used one."""

    #: Primary key of the user, as text.
    user_pk: str
    #: Django's digest of the user's password at the time of issue: a ticket does not outlive the password.
    session_auth_hash: str
    #: The only path for which it may be used; None when any will do.
    path: str | None
    #: The session in which it was issued; None when it was issued for another credential.
    session_key: str | None
    #: When the credential expires for which it was issued, as POSIX time.
    expires_at: float | None


def issue_ticket(request: Any, *, path: str | None = None) -> str:
    """A ticket for the user of a request, to be used once within TICKET_LIFETIME seconds.

    With ``path`` it opens only a WebSocket at that path. It is bound to the user, the user's password, and the session
    or the expiry of the token that the request was authenticated with. Writes to the cache: it may block.

    Raises TypeError when the user of the request is none of AUTH_USER_MODEL's, an anonymous one for instance.
    """
    user, model = request.user, get_user_model()
    if not isinstance(user, model) or user.pk is None:
        raise TypeError(f"A ticket is for a user of {model.__name__}, not for {type(user).__name__}.")
    session = getattr(request, "session", None)
    pk = _text_of_pk(user)
    uses_session = session is not None and session.get(SESSION_KEY) == pk
    ticket = Ticket(
        user_pk=pk,
        session_auth_hash=user.get_session_auth_hash(),
        path=path,
        session_key=session.session_key if session is not None and uses_session else None,
        expires_at=expiry_of(request.auth),
    )
    text = secrets.token_urlsafe(_RANDOM_BYTES)
    _cache().set(_cache_key(text), asdict(ticket), chanx_settings.TICKET_LIFETIME)
    return text


def redeem_ticket(text: str, path: str) -> Ticket | None:
    """What a ticket stands for, at its first use; None at any other, for another path, and for what is no ticket.

    Of several attempts at the same time exactly one succeeds, in all processes that share the cache. May block.
    """
    cache, key = _cache(), _cache_key(text)
    held: Mapping[str, Any] | None = cache.get(key)
    # Every backend of Django's says whether it has deleted something: only one of several does.
    if held is None or not cache.delete(key):
        return None
    ticket = Ticket(**held)
    return ticket if ticket.path in (None, path) and not is_past(ticket.expires_at) else None


def user_of(ticket: Ticket) -> AbstractBaseUser | None:
    """The user of a ticket, read from the database.

    None when there is no such user any more, when it is not active, when its password was changed since the ticket
    was issued, and when the session in which it was issued has ended.
    """
    model = get_user_model()
    try:
        user = model._default_manager.get(pk=ticket.user_pk)
    except (model.DoesNotExist, ValueError, ValidationError):
        return None
    if not user.is_active or not constant_time_compare(user.get_session_auth_hash(), ticket.session_auth_hash):
        return None
    if ticket.session_key is not None and session_store(ticket.session_key).get(SESSION_KEY) != ticket.user_pk:
        return None
    return user


def _text_of_pk(user: Model) -> str:
    # As login() writes it into a session.
    return str(user._meta.pk.value_to_string(user))


def _cache() -> BaseCache:
    return caches[chanx_settings.TICKET_CACHE]


def _cache_key(text: str) -> str:
    return f"chanx.ticket.{hashlib.sha256(text.encode()).hexdigest()}"
