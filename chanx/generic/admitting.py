"""Who may be connected: decided at the handshake, and again and again as long as the connection lives."""

import asyncio
import logging
import time
from copy import copy
from typing import Any, Final, Generic, cast

from channels.layers import BaseChannelLayer
from rest_framework.exceptions import APIException, AuthenticationFailed, Throttled
from rest_framework.request import Request

from chanx.blocking import may_block
from chanx.close_codes import CloseCode, close_code_for
from chanx.connection_log import HANDSHAKE
from chanx.connections import Admission, digest, user_key
from chanx.credentials import expiry_of
from chanx.generic.authenticator import (
    AuthenticationResult,
    ChanxWebsocketAuthenticator,
    HandshakeOptions,
    User,
    close_code_of,
    failed,
    refused,
)
from chanx.generic.receiving import ReceivingConsumer
from chanx.generic.typevars import IC, Event, M
from chanx.handshake import password_hash, renewed_scope, session_key_of
from chanx.rechecks import Rechecks, spread
from chanx.revocation import Hearing, reaches_others
from chanx.turns import Interruption

#: Seconds after which a user with too many connections may try again: nobody knows when one of them will end.
_RETRY_AFTER: Final = 30
#: Seconds for which a connection goes on undecided where nothing is rechecked but on demand.
_UNDECIDED: Final = 300.0


class AdmittingConsumer(ReceivingConsumer[IC, Event], HandshakeOptions, Generic[IC, Event, M]):
    """The part of a consumer that lets clients in, and shows them out."""

    authenticator_class: type[Any] = ChanxWebsocketAuthenticator

    #: Each overrides the setting of the same name, None follows it.
    session_recheck_seconds: float | None = None
    max_connections_per_user: int | None = None

    #: The object of the connection.
    obj: M
    authenticator: Any

    #: The user that a middleware has found.
    _user_in_scope: Any = None
    #: By which Connections knows the user; None before authentication, and for an anonymous one.
    _user_key: str | None = None
    #: When the credential expires, as POSIX time.
    _expires_at: float | None = None
    _hearing: Hearing | None = None
    #: Since when nobody could tell whether the client would still be let in, in the loop's time.
    _undecided_since: float | None = None

    # -- at the handshake ------------------------------------------------------------------------------------

    async def _authenticate(self) -> AuthenticationResult:
        began = asyncio.get_running_loop().time()
        self.authenticator = self._new_authenticator(self)
        result: AuthenticationResult = await self.authenticator.authenticate(self.scope)
        if result.is_authenticated and self.spec.query_params_class is not None:
            # Not before: whoever is not let in learns nothing about the parameters.
            result = await self._with_query_params(result)
        if result.is_authenticated:
            if (found := self.scope.get("user")) is not None:
                self._user_in_scope = found
            self.user = cast("User", result.user)
            self.obj = cast("M", result.obj)
            self.request = cast("Request", result.request)
            # Channels' own name for the same user, for code that knows only the scope.
            self.scope["user"] = cast("Any", result.user)
            result = await self._admit(result, began)
        return result

    def _new_authenticator(self, source: Any) -> Any:
        authenticator = self.authenticator_class()
        authenticator.follow(self)
        if self.spec.looks_up_object:
            authenticator.source, authenticator.wants_object = source, True
        return authenticator

    async def _with_query_params(self, result: AuthenticationResult) -> AuthenticationResult:
        """``result``, or the refusal of a query string that is not as declared."""
        try:
            await may_block(getattr, self, "query_params")
        except APIException as refusal:
            return refused(refusal)
        except Exception:
            # A validator of the application's has raised something else than ValueError.
            self._log.failure(HANDSHAKE, "failed to read the query string of a handshake")
            return failed()
        return result

    async def _admit(self, result: AuthenticationResult, began: float) -> AuthenticationResult:
        """Makes the connection known as one of its user, who may lose the right to it.

        ``began`` is when the authentication began. Returns ``result``, or the refusal of a user who has lost it since.
        """
        user = user_key(self.user)
        self._log.identify(user)
        if user is not None:
            limit = self._options.max_connections_per_user
            if limit is not None and self._connections.count_of_user(user) >= limit:
                self._log.write(HANDSHAKE, logging.WARNING, "refuses %s, who has %d connections already", user, limit)
                return refused(Throttled(_RETRY_AFTER, "Too many connections."))
            admission = Admission(
                user=user,
                session=digest(session_key_of(self.request)),
                password=digest(password_hash(self.user)),
            )
            self._connections.admit(self, admission)
            if (revocation := self._connections.revoked_since(began, admission)) is not None:
                if revocation.code is not None:
                    return refused(AuthenticationFailed())
                Rechecks.of(self._task.get_loop()).hurry(self)
            self._user_key = user
            # The type stubs do not know that there may be none.
            layer = cast("BaseChannelLayer | None", self.channel_layer)
            if layer is not None and reaches_others(layer):
                self._hearing = Hearing.of(layer)
                self._hearing.begin()
        if (expiry := expiry_of(getattr(self.request, "auth", None))) is not None:
            self._expires_at = expiry
        if (delay := self._until_next_recheck()) is not None:
            Rechecks.of(self._task.get_loop()).plan(self, delay)
        return result

    # -- as long as it lives ---------------------------------------------------------------------------------

    async def recheck_connection(self) -> float | None:
        """Authenticates the client again, and closes unless it would still be let in (see Rechecked).

        Nobody else notices: ``user``, ``obj`` and ``request`` stay what they were.
        """
        if self._closed:
            return None
        reason = await self._reason_to_close()
        if reason is None:
            self._undecided_since = None
            return self._until_next_recheck()
        if reason is CloseCode.HANDSHAKE_FAILURE:
            return self._wait_for_a_decision()
        self._show_out(reason)
        return None

    async def _may_still_hear(self) -> bool:
        """Whether the client may have what the channel layer brings; closes if not (see recheck_group_events)."""
        reason = await self._reason_to_close()
        # Where nobody can decide, nothing is told, and the rechecks see to the rest.
        if reason is not None and reason is not CloseCode.HANDSHAKE_FAILURE:
            self._show_out(reason)
        return reason is None

    async def _reason_to_close(self) -> CloseCode | None:
        """Why the client would not be let in any more, HANDSHAKE_FAILURE where the server cannot tell; None if it
        would."""
        now = time.time()
        if self._expires_at is not None and now >= self._expires_at:
            # No more than a matter of time: until then the client may come back with another credential.
            return None if now < self._expires_at + self._options.expiry_grace_seconds else CloseCode.NOT_AUTHENTICATED
        result = await self._authenticate_again()
        if not result.is_authenticated:
            if result.status_code >= 500:
                return CloseCode.HANDSHAKE_FAILURE
            return result.close_code or close_code_of(None, result.status_code)
        return None if user_key(result.user) == self._user_key else CloseCode.NOT_AUTHENTICATED

    async def _authenticate_again(self) -> AuthenticationResult:
        # What the application's methods set on the consumer while they look the object up, this one must not see.
        source = copy(self)
        authenticator = source.authenticator = self._new_authenticator(source)
        try:
            result: AuthenticationResult = await authenticator.authenticate(
                renewed_scope(self.scope, self._user_in_scope, self.request)
            )
        finally:
            del source.authenticator
        return result

    def _until_next_recheck(self) -> float | None:
        """Seconds."""
        delays: list[float] = []
        if self._options.recheck_seconds is not None:
            delays.append(spread(self._options.recheck_seconds))
        if self._expires_at is not None:
            delays.append(max(0, self._expires_at + self._options.expiry_grace_seconds - time.time()))
        return min(delays, default=None)

    def _wait_for_a_decision(self) -> float | None:
        """The server has failed to authenticate: that says nothing about the client, but it must not go on for ever."""
        now = asyncio.get_running_loop().time()
        limit = self._options.recheck_seconds or _UNDECIDED
        if self._undecided_since is None:
            self._undecided_since = now
        if now - self._undecided_since >= limit:
            self._show_out(CloseCode.HANDSHAKE_FAILURE)
            return None
        return limit / 5

    def _show_out(self, code: CloseCode) -> None:
        self._log.write(HANDSHAKE, logging.INFO, "closes with %d: the client would not be let in any more", code)
        self._connections.end(self, code)

    async def end_connection(self, code: int) -> None:
        """Closes the connection for a reason that lies outside of it, whatever it is doing (see Connection)."""
        # First: a client that does not read holds up the close frame, and nothing may be handled meanwhile.
        self._interrupt_turns(Interruption.ENDED)
        try:
            await self.close(close_code_for(self.scope, code))
        except OSError:
            pass  # it is gone, and its disconnect event on the way
        except Exception:
            # A server that could not send it, because it is still sending what the client does not take.
            self._on_silence(code)

    async def _end(self) -> None:
        if self._hearing is not None:
            self._hearing.end()
            self._hearing = None
        await super()._end()
        # It holds the consumer, where that has an object (see ReceivingConsumer._end).
        vars(self).pop("authenticator", None)
