"""From the scope of a WebSocket handshake to the Django request that DRF authenticates.

Three things differ from HTTP. A browser cannot send headers with a WebSocket, so a credential may come as a
subprotocol. There is no CSRF token, so the Origin header decides whether cookies count. And sessions are read
here, with or without Channels' AuthMiddlewareStack.
"""

import base64
import binascii
import logging
from collections.abc import Iterable, Mapping
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final, cast
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.contrib import auth
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import ObjectDoesNotExist
from django.core.handlers.asgi import ASGIRequest
from django.db.models import Model
from django.http.request import validate_host
from django.urls import ResolverMatch
from django.utils.functional import SimpleLazyObject
from django.utils.http import is_same_domain
from rest_framework.authentication import BasicAuthentication, SessionAuthentication, TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from chanx.settings import chanx_settings
from chanx.utils.request import request_from_scope

logger = logging.getLogger("chanx.handshake")

#: The subprotocol that the server selects.
SUBPROTOCOL: Final = "chanx.v1"
#: Beside it, of a client that begins with the message ``resume``.
RESUME_SUBPROTOCOL: Final = "chanx.resume"
#: Before the unpadded base64url form of a whole Authorization header value.
AUTHORIZATION_PREFIX: Final = "chanx.auth."
#: Before a token that means ``Authorization: Bearer <token>``.
BEARER_PREFIX: Final = "chanx.bearer."
#: Where a scope that repeats a handshake holds DRF's request of the handshake itself.
_ACCEPTED_KEY: Final = "chanx.accepted"

#: DRF's classes that look at nothing but a credential, and at what they find there: see :func:`has_credentials`.
_BY_CREDENTIALS: Final = frozenset[Any]((BasicAuthentication, SessionAuthentication, TokenAuthentication))


def django_request(scope: Mapping[str, Any], method: str) -> ASGIRequest:
    """The request that the handshake stands for: credentials, session, user and URL match included.

    Does no I/O: session and user are read when somebody asks for them. CSRF is settled by the Origin: a request
    that carries cookies without any Origin loses them.

    Raises DRF's PermissionDenied for an Origin that is not allowed, and AuthenticationFailed for a credential
    among the subprotocols that cannot be read.
    """
    scope = checked_scope(scope)
    request = request_from_scope(scope, method)
    if not hasattr(request, "session") and apps.is_installed("django.contrib.sessions"):
        request.session = session_store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    if not hasattr(request, "user"):
        request.user = _user(request)
    # What CSRF tokens protect from, cookies sent on behalf of a foreign page, _check_origin has ruled out.
    request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]  # Django's own test client's flag
    route = scope.get("url_route", {})
    request.resolver_match = ResolverMatch(_no_view, route.get("args", ()), route.get("kwargs", {}))
    return request


def checked_scope(scope: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the scope of a handshake, with the headers that count: see :func:`django_request`, which also says what
    is raised."""
    checked = {**scope, "headers": list(scope.get("headers", ()))}
    _check_origin(checked)
    _move_credential(checked)
    return checked


def has_credentials(scope: Mapping[str, Any]) -> bool:
    """Whether there is anything by which a client, or a middleware, says who the client is."""
    return (
        "user" in scope
        or "session" in scope
        or any(name.lower() == b"cookie" for name, _ in scope.get("headers", ()))
        or has_authorization(scope)
    )


def has_authorization(scope: Mapping[str, Any]) -> bool:
    """Whether a client has sent an Authorization header, or what stands for one among the subprotocols."""
    return any(name.lower() == b"authorization" for name, _ in scope.get("headers", ())) or any(
        map(_is_credential, scope.get("subprotocols", ()))
    )


def may_authenticate(authentication: type[Any], scope: Mapping[str, Any]) -> bool:
    """Whether an authentication class may do anything about a handshake but return None, which takes a thread.

    A class that knows its credentials from the scope (of ASGI) has a class method ``carries_credentials(scope)``, which
    does no I/O. Where it says no, ``authenticate()`` would return None, and need not be called. It speaks for the
    ``authenticate`` of its own class and of the bases, not for that of a subclass, which may look at something else.
    """
    if authentication in _BY_CREDENTIALS:
        return has_credentials(scope)
    for base in authentication.__mro__:
        if "carries_credentials" in vars(base):
            return bool(authentication.carries_credentials(scope))
        if "authenticate" in vars(base):
            return True
    return True


def renewed_scope(scope: Mapping[str, Any], user: Any, handshake: Request) -> dict[str, Any]:
    """The scope of a handshake that was accepted, as if the client made it again now.

    Session and user are read again when somebody asks for them, also where a middleware had put them into the scope:
    ``user`` is the one that it had put there, if any. ``handshake`` is DRF's request of back then, which credentials
    that are good only once may ask for, see :func:`accepted_request`.
    """
    renewed = {name: value for name, value in scope.items() if name not in ("session", "user")}
    renewed[_ACCEPTED_KEY] = handshake
    former = scope.get("session")
    session = None if former is None else session_store(former.session_key)
    if session is not None:
        renewed["session"] = session
    if user is not None:
        renewed["user"] = SimpleLazyObject(lambda: _read_again(user, former, session))
    return renewed


def accepted_request(request: Any) -> Request | None:
    """DRF's request of the accepted handshake that ``request`` repeats; None when ``request`` is a handshake itself.

    An authentication class whose credentials can be used only once finds here, in ``user`` and ``auth``, what it has
    answered back then.
    """
    found: Request | None = getattr(request, "scope", {}).get(_ACCEPTED_KEY)
    return found


def is_repeated(scope: Mapping[str, Any]) -> bool:
    """Whether a scope is a renewed one."""
    return _ACCEPTED_KEY in scope


def selected_subprotocol(scope: Mapping[str, Any]) -> str | None:
    """The subprotocol to accept with: ours when the client offers it; never one that holds a credential."""
    return SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", ()) else None


def offers_to_resume(scope: Mapping[str, Any]) -> bool:
    """Whether the client will say, once it is let in, what it has seen of its groups before."""
    return RESUME_SUBPROTOCOL in scope.get("subprotocols", ())


def origin_is_allowed(origin: str, host: str) -> bool:
    """Whether pages of ``origin`` may use cookies with the server that the client calls ``host``."""
    try:
        parsed = urlsplit(origin)
        parsed.port  # noqa: B018 - raises ValueError for a malformed port
    except ValueError:
        return False
    if not parsed.scheme or not parsed.hostname or parsed.path or parsed.query or parsed.fragment:
        return False
    if chanx_settings.ALLOWED_ORIGINS is not None:
        return _matches(origin, chanx_settings.ALLOWED_ORIGINS)
    if _matches(origin, settings.CSRF_TRUSTED_ORIGINS):
        return True
    allowed_hosts = settings.ALLOWED_HOSTS
    if settings.DEBUG and not allowed_hosts:
        allowed_hosts = [".localhost", "127.0.0.1", "[::1]"]
    if "*" in allowed_hosts:
        # Every Host header is accepted, which says nothing about foreign pages: only the server's own may.
        return parsed.netloc == host
    hostname = f"[{parsed.hostname}]" if ":" in parsed.hostname else parsed.hostname
    return validate_host(hostname, allowed_hosts)


def session_store(key: str | None) -> SessionBase:
    """The session with a key; a store reads nothing before it is used."""
    engine = import_module(settings.SESSION_ENGINE)
    store: SessionBase = engine.SessionStore(key)
    return store


def _matches(origin: str, patterns: Iterable[str]) -> bool:
    origin = origin.lower()
    parsed = urlsplit(origin)
    for pattern in map(str.lower, patterns):
        if pattern in ("*", origin):
            return True
        scheme, wildcard, domain = pattern.partition("://*")
        if wildcard and parsed.scheme == scheme and is_same_domain(parsed.netloc, domain):
            return True
    return False


def _check_origin(scope: dict[str, Any]) -> None:
    """Refuses a foreign Origin; takes away cookies, and what was read from them, where there is no Origin."""
    origins, hosts, cookies = (_header_values(scope, name) for name in (b"origin", b"host", b"cookie"))
    if origins:
        if len(origins) > 1 or not origin_is_allowed(origins[0], hosts[0] if hosts else ""):
            logger.warning("WebSocket refused: Origin %.200r is not allowed", origins[0])
            raise PermissionDenied("Origin not allowed.")
    elif cookies:
        logger.info("Cookies of a WebSocket handshake are ignored: it has no Origin header")
        scope["headers"] = [(name, value) for name, value in scope["headers"] if name.lower() != b"cookie"]
        for name in ("cookies", "session", "user"):
            scope.pop(name, None)


def _move_credential(scope: dict[str, Any]) -> None:
    """Makes an Authorization header of the credential among the subprotocols, if there is one."""
    offered = scope.get("subprotocols", ())
    credentials = list(filter(_is_credential, offered))
    if not credentials:
        return
    if len(credentials) > 1 or _header_values(scope, b"authorization"):
        raise AuthenticationFailed("More than one credential.")
    (credential,) = credentials
    if credential.startswith(BEARER_PREFIX):
        value = b"Bearer " + credential.removeprefix(BEARER_PREFIX).encode()
    else:
        encoded = credential.removeprefix(AUTHORIZATION_PREFIX)
        try:
            value = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            raise AuthenticationFailed("The credential among the subprotocols is not base64url.") from None
    scope["headers"].append((b"authorization", value))


def _is_credential(subprotocol: str) -> bool:
    return subprotocol.startswith((AUTHORIZATION_PREFIX, BEARER_PREFIX))


def _header_values(scope: Mapping[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin1") for key, value in scope["headers"] if key.lower() == name]


def _user(request: ASGIRequest) -> Any:
    session = getattr(request, "session", None)
    return AnonymousUser() if session is None else SimpleLazyObject(lambda: _user_of(session))


def _user_of(session: SessionBase) -> Any:
    # Not with the request, which holds its user: it would only be free when the garbage collector comes round.
    return auth.get_user(cast("Any", SimpleNamespace(session=session)))


def _read_again(user: Any, former: SessionBase | None, session: SessionBase | None) -> Any:
    """The user that a middleware has found, as the database knows it now; an anonymous one if it no longer may."""
    if session is not None and former is not None and SESSION_KEY in former:
        return _user_of(session)
    if not isinstance(user, Model):
        return user
    try:
        # Not of type(user): a middleware may have wrapped it.
        found: Any = user._meta.model._default_manager.get(pk=user.pk)
    except ObjectDoesNotExist:
        return AnonymousUser()
    is_the_same = password_hash(found) == password_hash(user)
    return found if is_the_same and getattr(found, "is_active", True) else AnonymousUser()


def password_hash(user: Any) -> str | None:
    """Django's session hash of a user, which changes with the password; None for a user without one."""
    session_hash = getattr(user, "get_session_auth_hash", None)
    return None if session_hash is None else str(session_hash())


def session_key_of(request: Any) -> str | None:
    """The key of the session that has authenticated a request of DRF's; None when something else has. No I/O."""
    session = getattr(request, "session", None)
    # One that nobody has looked into has authenticated nobody.
    if session is None or not session.accessed or session.get(SESSION_KEY) != str(getattr(request.user, "pk", None)):
        # A ticket knows the session in which it was issued.
        key: str | None = getattr(request.auth, "session_key", None)
        return key
    return str(session.session_key)


def _no_view(*args: Any, **kwargs: Any) -> None:
    """Stands in ResolverMatch for the view that a WebSocket does not have."""
