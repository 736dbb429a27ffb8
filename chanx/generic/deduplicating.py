"""Requests that are handled once: a client that sends one again gets the replies to the first."""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, cast

from pydantic_core import to_json

from chanx.close_codes import CloseCode
from chanx.codec import Decision, Invoke, Reject
from chanx.connection_log import RECEIVED
from chanx.connections import user_key
from chanx.deduplication import names
from chanx.deduplication.base import LEASE, RENEWAL, Claim, Ledger, Limits, Request, Standing
from chanx.deduplication.declaration import Deduplication
from chanx.deduplication.frames import (
    MAX_NAME_LENGTH,
    RETRY_KEY,
    ReceivedRequest,
    content_of,
    digest_of,
    mentions_retry,
    recorded,
    request_id,
)
from chanx.generic.limiting import LimitingConsumer
from chanx.generic.typevars import Event
from chanx.history.engines import engine_beside
from chanx.messages.base import BaseMessage
from chanx.messages.outgoing import ErrorMessage, Failure, FrameError
from chanx.messages.resuming import GroupPosition, PositionsMessage
from chanx.turns import Turn, current_turn

#: Seconds between two looks at a request that somebody else handles: the first time, and at most.
_FIRST_LOOK: Final = 0.05
_LONGEST_LOOK: Final = 1.0

#: Why a request is not handled, by how it stands.
_REFUSALS: Final[Mapping[Standing, tuple[str, str]]] = {
    Standing.FORGOTTEN: ("replies_not_kept", "The request was handled; its replies are not kept"),
    Standing.UNKNOWN: ("outcome_unknown", "The request may have been handled, or a part of it"),
    Standing.CONFLICT: ("id_reused", "Another request had this id"),
}

#: Claims that are given up while nobody waits for it.
_farewells: Final[set["asyncio.Task[None]"]] = set()


class DeduplicatingConsumer(LimitingConsumer[Event], Generic[Event]):
    """The part of a consumer that knows requests again."""

    #: Switches it on: ``deduplication = Deduplication(window=300)``.
    deduplication: ClassVar[Deduplication | None] = None

    #: It is switched on; classes without it never look any further.
    _deduplicates: ClassVar[bool] = False

    #: What this connection has told its client as its name.
    _client: names.ClientName
    _own_name: str

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._deduplicates = cls.deduplication is not None

    if TYPE_CHECKING:
        # Of AdmittingConsumer and AsyncJsonWebsocketConsumer.
        obj: Any
        query_params: Any

        async def _reason_to_close(self) -> CloseCode | None: ...
        def _show_out(self, code: CloseCode) -> None: ...

        # Of ReceivingConsumer.
        async def _invoke(self, message: BaseMessage, arguments: Mapping[str, Any]) -> None: ...

    # -- names -----------------------------------------------------------------------------------------------

    async def _name_client(self) -> None:
        """Gives the client its name; called once it is authenticated. Raises whatever the ledger raises."""
        ledger = self._ledger()
        try:
            epoch = await ledger.epoch()
        except Exception:
            self._layer_is_away = True
            raise
        name = names.issue(epoch, self._place())
        self._client = cast("names.ClientName", names.read(name, self._place()))
        # Where there is a history, it is the same name.
        self._signature = self._own_name = name

    def _positions(self, groups: dict[str, GroupPosition | None]) -> PositionsMessage:
        message = super()._positions(groups)
        if self._deduplicates:
            # Also when the client has resumed under an older one: what it asks now, it asks under this one.
            message.payload.client = self._own_name
        return message

    async def _send_name(self) -> None:
        """Tells the client its name, where no positions do."""
        if self.spec.history is None:
            await self.send_message(self._positions({}))

    def _place(self) -> str:
        """Everything that decides who may have replies to the requests of this connection."""
        parameters = None if self.spec.query_params_class is None else to_json(self.query_params).decode()
        return to_json(
            [self.spec.path, user_key(self.user), self.scope.get("path"), user_key(self.obj), parameters]
        ).decode()

    def _ledger(self) -> Ledger:
        return engine_beside(self.channel_layer).ledger()

    # -- reading ---------------------------------------------------------------------------------------------

    def _decode_request(self, text: str) -> Decision:
        """As the codec does it; notes at the turn which request it is, if it is one."""
        retry: object = None
        if mentions_retry(text) and (content := content_of(text)) is not None and RETRY_KEY in content:
            # What is wrong with the text itself would be lost with the key.
            if self._codec.refusal(text) is not None:
                return self._codec.decode(text)
            retry = content.pop(RETRY_KEY)
            text = to_json(content).decode()
        decision = self._codec.decode(text)
        if not isinstance(decision, Invoke):
            return decision
        is_request = decision.reply_to is not None and type(decision.message) in self.spec.deduplicated
        if retry is not None and not (is_request and isinstance(retry, str) and len(retry) <= MAX_NAME_LENGTH):
            what = f"Only a request of this channel can be sent again, under a name of {MAX_NAME_LENGTH} characters"
            return Reject([FrameError(type="invalid_retry", loc=[RETRY_KEY], msg=what)], decision.reply_to)
        if decision.reply_to is not None and is_request:
            cast("Turn", current_turn.get()).request = ReceivedRequest(
                frame_id=decision.reply_to,
                digest=digest_of(content_of(text) or {}),
                retry=retry if isinstance(retry, str) else None,
                limit=self._limits.size,
            )
        return decision

    # -- handling --------------------------------------------------------------------------------------------

    async def _invoke_once(self, received: ReceivedRequest, message: BaseMessage, arguments: Mapping[str, Any]) -> None:
        """Has a request handled unless it was before, and answers it in any case."""
        request = self._request(received)
        if request is None:
            await self._refuse_request(Standing.UNKNOWN)
            return
        holder = secrets.token_urlsafe(12)
        limits, ledger = self._limits, self._ledger()
        # From here on a disconnect cancels nothing: a request that is cancelled midway can never be answered.
        received.is_held = True
        try:
            found = await self._claim(ledger, request, holder, received)
            if found is None:
                await self._tell("unavailable", "The request cannot be handled at this moment")
            elif found.standing is Standing.NEW:
                await self._run(ledger, request, holder, received, partial(self._invoke, message, arguments))
            elif found.standing is Standing.DONE:
                await self._repeat(found.replies)
            elif found.standing is Standing.FULL:
                await self._report_throttled(found.wait)
            else:
                await self._refuse_request(found.standing)
        except BaseException:
            # Nobody can say how far it got. Where this is not heard, the lease lapses.
            _part(ledger.renew(request, holder, limits, lease=0))
            raise
        finally:
            received.is_held = False

    def _withdraw_request(self) -> None:
        """The frame was refused before its handler ran: the client may send it again."""
        turn = current_turn.get()
        if turn is not None and turn.request is not None:
            turn.request.is_withdrawn = True

    @property
    def _limits(self) -> Limits:
        return cast("Deduplication", self.spec.deduplication).limits

    def _request(self, received: ReceivedRequest) -> Request | None:
        """What the ledger knows the frame as; None for a repeat under a name that is not good here."""
        number = request_id(received.frame_id)
        if received.retry is None:
            return Request(self._client.client, number, received.digest)
        name = names.read(received.retry, self._place())
        return None if name is None else Request(name.client, number, received.digest, known_since=name.epoch)

    async def _claim(self, ledger: Ledger, request: Request, holder: str, received: ReceivedRequest) -> Claim | None:
        """How the request stands, once nobody else handles it; None when the ledger cannot tell."""
        turn = cast("Turn", current_turn.get())
        pause = _FIRST_LOOK
        while True:
            try:
                found = await ledger.claim(request, holder, self._limits)
            except Exception:
                self._log.failure(RECEIVED, "cannot find out whether a request was handled before")
                return None
            if found.standing is not Standing.RUNNING:
                return found
            # Somebody else sees to it: who waits here may be cancelled, and is not silent.
            received.is_held, turn.quiet_since = False, None
            await asyncio.sleep(pause)
            received.is_held = True
            pause = min(2 * pause, _LONGEST_LOOK)

    async def _run(
        self,
        ledger: Ledger,
        request: Request,
        holder: str,
        received: ReceivedRequest,
        handle: Callable[[], Awaitable[None]],
    ) -> None:
        """Handles a request that was claimed, and keeps its replies."""
        renewing = _Renewal(partial(ledger.renew, request, holder, self._limits))
        received.is_recorded = True
        try:
            await handle()
        finally:
            received.is_recorded = False
            renewing.end()
        end = (
            partial(ledger.release, request, holder)
            if received.is_withdrawn
            else partial(ledger.finish, request, holder, self._limits, received.replies())
        )
        try:
            await end()
        except Exception:
            # Repeats are told that nobody knows: the client has its replies, if it is still there.
            self._log.failure(RECEIVED, "cannot keep the replies to a request")

    async def _repeat(self, replies: str) -> None:
        """Sends replies again, if the client may still have them."""
        reason = await self._reason_to_close()
        if reason is CloseCode.HANDSHAKE_FAILURE:
            await self._tell("unavailable", "The request cannot be answered at this moment")
            return
        if reason is not None:
            self._show_out(reason)
            return
        for text in recorded(replies):
            if self._hooks_sending:
                await self.send(text_data=text)
            else:
                await self._send_event({"type": "websocket.send", "text": text})

    async def _refuse_request(self, standing: Standing) -> None:
        code, detail = _REFUSALS[standing]
        self._log.write(RECEIVED, logging.INFO, "does not handle a request: %s", code)
        await self._tell(code, detail)

    async def _tell(self, code: str, detail: str) -> None:
        await self._send_last(ErrorMessage(payload=Failure(detail=detail, code=code)))


class _Renewal:
    """Keeps a claim alive while its handler runs. Costs one timer until it has run for a while."""

    def __init__(self, renew: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._renew = renew
        self._timer = asyncio.get_running_loop().call_later(RENEWAL, self._go_on)

    def end(self) -> None:
        self._timer.cancel()

    def _go_on(self) -> None:
        _part(self._renew())
        self._timer = asyncio.get_running_loop().call_later(RENEWAL, self._go_on)


def _part(work: Coroutine[Any, Any, None]) -> None:
    """Does something that nobody waits for, and that may fail."""
    task = asyncio.get_running_loop().create_task(_quietly(work))
    _farewells.add(task)
    task.add_done_callback(_farewells.discard)


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    with suppress(Exception):
        async with asyncio.timeout(LEASE):
            await work
