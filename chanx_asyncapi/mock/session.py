"""One connection: which frames go out, and when. It speaks to a socket through :class:`Wire` only."""

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from typing import Any, Final, Protocol

from chanx_asyncapi.mock.making_frames import FrameError, Frames
from chanx_asyncapi.mock.reading_frames import Received, Refused, read_frame
from chanx_asyncapi.mock.script import Answer, ChannelScript, Rule, Step, fits
from chanx_asyncapi.mock.service import AUTHENTICATION, COMPLETE, ERROR, GROUP_COMPLETE, Kind, Line, Service

#: Steps of one connection that wait for their time.
MAX_LATER: Final = 100
#: docs/protocol.md, "The handshake": what the server closes with after it has told a status.
_CODES: Final = {401: 4401, 403: 4403, 404: 4404, 429: 4429, 500: 4500}


class ClientGoneError(Exception):
    """There is nobody left to send to."""


class Wire(Protocol):
    """What a session does to its socket."""

    async def send(self, text: str) -> None:
        """Send a text frame. Raises ClientGoneError."""
        ...

    async def close(self, code: int, reason: str) -> None:
        """Close the connection, and wait until the client has answered."""
        ...

    def drop(self) -> None:
        """Cut the connection off."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Who has connected, and how."""

    authorization: str | None
    query: Mapping[str, str]
    parameters: Mapping[str, str]

    def fits(self, answer: Answer) -> bool:
        when = answer.when
        return (
            when.authorization in (None, self.authorization)
            and fits(when.query, dict(self.query))
            and fits(when.parameters, dict(self.parameters))
        )


class Session:
    """What a mock does on one connection.

    :param log: is told what somebody who watches the mock should know, in a sentence.
    """

    def __init__(
        self,
        wire: Wire,
        line: Line,
        *,
        service: Service,
        frames: Frames,
        script: ChannelScript,
        random: Random,
        log: Callable[[str], None],
    ) -> None:
        self._wire = wire
        self.line: Final = line
        self._service = service
        self._frames = frames
        self._script = script
        self._random = random
        self._log = log
        self._used: Counter[int] = Counter()
        self._later: set[asyncio.Task[None]] = set()

    async def authenticate(self, answer: Answer) -> bool:
        """Tell how authentication ended, and close where it is a refusal; whether the client is let in."""
        await asyncio.sleep(answer.after)
        phrase = _phrase(answer.status)
        is_in = answer.status == HTTPStatus.OK
        data = {"detail": answer.detail or ("OK" if is_in else phrase), **answer.data}
        if answer.retry_after is not None:
            data["retry_after"] = answer.retry_after
        await self.tell_authentication(answer.status, data)
        if not is_in:
            await self._wire.close(answer.code or _CODES.get(answer.status, 4400), "")
        return is_in

    async def tell_authentication(self, status: int, data: Mapping[str, Any]) -> None:
        """Send the authentication frame, if the document has one."""
        key = self._service.envelope.key
        if AUTHENTICATION in self.line.sent:
            payload = {key("status_code"): status, key("status_text"): _phrase(status), "data": data}
            await self._send(self._system(AUTHENTICATION, payload))

    def begin(self, push_every: float) -> None:
        """Let the script, and a push every so many seconds, take their course."""
        if self._script.connect:
            self._in_the_background(self._script.connect, None)
        if push_every > 0 and self.line.pushes:
            self._keep(self._push_at_random(push_every))

    async def handle(self, data: str | bytes) -> None:
        """Answer one frame of the client."""
        match read_frame(data, self.line, self._service):
            case Refused(errors, frame_id):
                self._log(f"refused a frame: {json.dumps(errors, ensure_ascii=False)}")
                await self._error(list(errors), frame_id)
                await self._complete(frame_id)
            case Received() as received:
                rule = self._rule(received)
                if rule is None:
                    await self._answer(received)
                else:
                    await self._run(rule.do, received)
                    self._in_the_background(rule.later, received)
                await self._complete(received.id)

    async def push(self, frame: str | Mapping[str, Any]) -> None:
        """Send a message that the client has not asked for: made from the document, or a frame that fits it.

        :raises FrameError: when it is none of this channel's, or does not fit.
        """
        action = frame if isinstance(frame, str) else frame.get(self._service.envelope.action)
        kind = self.line.sent.get(str(action))
        if kind is None:
            raise FrameError(f"{self.line.key} has no message {action!r} that the server sends")
        made = self._written(frame, kind, None, is_reply=False)
        await self._send(made)
        if self._service.envelope.key("is_mine") in made and GROUP_COMPLETE in self.line.sent:
            await self._send(self._system(GROUP_COMPLETE, None))

    def end(self) -> None:
        """Drop what would have been sent later."""
        for task in self._later:
            task.cancel()

    def _rule(self, received: Received) -> Rule | None:
        for rule in self._script.messages.get(received.exchange.kind.action, ()):
            used = self._used[id(rule)]
            if fits(rule.when, received.frame) and (rule.times is None or used < rule.times):
                self._used[id(rule)] += 1
                return rule
        return None

    async def _answer(self, received: Received) -> None:
        """As the document has it: the first reply, or a stream that ends with the last one."""
        kinds: Sequence[Kind] = received.exchange.replies
        if received.exchange.is_stream:
            *pieces, last = kinds or (None,)
            kinds = [kind for kind in pieces for _ in range(self._random.randint(2, 4))]
            kinds = [*kinds, last] if last is not None else kinds
        else:
            kinds = kinds[:1]
        for kind in kinds:
            await self._send(self._frames.make(kind, self._random, answers=received.id))

    async def _run(self, steps: Sequence[Step], received: Received | None) -> None:
        for step in steps:
            await asyncio.sleep(step.after)
            try:
                await self._do(step, received)
            except FrameError as error:
                # What the script says only now turns out to be wrong: to the client, a handler has failed.
                self._log(f"the script cannot be followed: {error}")
                await self._fail("Failed to process message", received)

    async def _do(self, step: Step, received: Received | None) -> None:
        if step.drop:
            self._wire.drop()
        elif step.close is not None:
            await self._wire.close(step.close, step.reason)
        elif step.raw is not None:
            await self._wire.send(step.raw)
        elif step.fail is not None:
            await self._fail(step.fail, received)
        elif (written := step.reply if step.reply is not None else step.send) is not None:
            action = written if isinstance(written, str) else written[self._service.envelope.action]
            kind = self.line.sent[str(action)]
            await self._send(self._written(written, kind, received, is_reply=step.reply is not None))

    def _written(
        self, frame: str | Mapping[str, Any], kind: Kind, received: Received | None, *, is_reply: bool
    ) -> dict[str, Any]:
        answers = received.id if received is not None and is_reply else None
        if isinstance(frame, str):
            return self._frames.make(kind, self._random, answers=answers)
        asked = None if received is None else received.frame
        return self._frames.complete(frame, kind, self._random, answers=answers, asked=asked)

    async def _fail(self, detail: str, received: Received | None) -> None:
        # Seeded like everything else.
        error_id = uuid.UUID(int=self._random.getrandbits(128), version=4).hex
        payload = {"detail": detail, "code": "handler_failed", self._service.envelope.key("error_id"): error_id}
        await self._error(payload, None if received is None else received.id)

    async def _error(self, payload: Any, frame_id: str | int | None) -> None:
        if ERROR in self.line.sent:
            await self._send(self._system(ERROR, payload, frame_id))

    async def _complete(self, frame_id: str | int | None) -> None:
        if COMPLETE in self.line.sent:
            await self._send(self._system(COMPLETE, None, frame_id))

    def _system(self, action: str, payload: Any, frame_id: str | int | None = None) -> dict[str, Any]:
        envelope = self._service.envelope
        tied = {} if frame_id is None else {envelope.reply_to: frame_id}
        return {envelope.action: action, envelope.payload: payload, **tied}

    async def _push_at_random(self, every: float) -> None:
        while True:
            await asyncio.sleep(every * self._random.uniform(0.5, 1.5))
            action = self._random.choice(self.line.pushes)
            try:
                await self.push(action)
            except FrameError as error:
                self._log(str(error))

    def _in_the_background(self, steps: Sequence[Step], received: Received | None) -> None:
        if not steps:
            return
        if len(self._later) >= MAX_LATER:
            self._log(f"{MAX_LATER} sequences of steps wait already: another one is dropped")
            return
        self._keep(self._run(steps, received))

    def _keep(self, work: Any) -> None:
        task: asyncio.Task[None] = asyncio.create_task(work)
        self._later.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._later.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, ClientGoneError):
            self._log(f"a step has failed: {type(error).__name__}: {error}")

    async def _send(self, frame: Mapping[str, Any]) -> None:
        await self._wire.send(json.dumps(frame, ensure_ascii=False, separators=(",", ":")))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
