"""The turn of a received message: what it answers, and how its handling is ended from outside."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum, auto
from typing import TYPE_CHECKING

from chanx.frame_ids import FrameId

if TYPE_CHECKING:
    from chanx.deduplication.frames import ReceivedRequest


class Interruption(Enum):
    """Why a handler is cancelled."""

    #: The client has gone.
    GONE = auto()
    #: The server ends the connection.
    ENDED = auto()
    #: The handler has sent nothing for longer than it may.
    TIMEOUT = auto()


class Turn:
    """The handling of one event of the socket, as a rule a received message, in a task of the connection."""

    __slots__ = ("interruption", "is_ending", "quiet_since", "reply_to", "request", "task")

    def __init__(self, task: "asyncio.Task[object]") -> None:
        self.task = task
        #: The ``id`` of the frame; each frame that the handler sends carries it.
        self.reply_to: FrameId | None = None
        #: The frame is a request that is handled once.
        self.request: ReceivedRequest | None = None
        #: When the watchdog first saw that the handler sends nothing; None after each frame that it sends.
        self.quiet_since: float | None = None
        self.interruption: Interruption | None = None
        #: What is being sent is the last frame, after which the task waits for the next event.
        self.is_ending = False

    def interrupt(self, why: Interruption) -> None:
        """Cancels the handling, once. A request that is handled once does not end because its client has gone."""
        if why is Interruption.GONE and self.request is not None and self.request.is_held:
            return
        if self.interruption is None:
            self.interruption = why
            self.task.cancel()


#: The turn whose handler runs, also in the tasks that a handler starts.
current_turn: ContextVar[Turn | None] = ContextVar("chanx_turn", default=None)


@contextmanager
def outside_of_turns() -> Generator[None]:
    """What is sent inside of the block answers no frame, whatever is being handled."""
    token = current_turn.set(None)
    try:
        yield
    finally:
        current_turn.reset(token)
