"""The turn of a received message: what it answers, and how its handling is ended from outside."""

import asyncio
from contextvars import ContextVar
from enum import Enum, auto

from chanx.frame_ids import FrameId


class Interruption(Enum):
    """Why a handler is cancelled."""

    #: The client has gone.
    GONE = auto()
    #: The handler has sent nothing for longer than it may.
    TIMEOUT = auto()


class Turn:
    """The handling of one event of the socket, as a rule a received message, in a task of the connection."""

    __slots__ = ("interruption", "is_ending", "quiet_since", "reply_to", "task")

    def __init__(self, task: "asyncio.Task[object]") -> None:
        self.task = task
        #: The ``id`` of the frame; each frame that the handler sends carries it.
        self.reply_to: FrameId | None = None
        #: When the watchdog first saw that the handler sends nothing; None after each frame that it sends.
        self.quiet_since: float | None = None
        self.interruption: Interruption | None = None
        #: What is being sent is the last frame, after which the task waits for the next event.
        self.is_ending = False

    def interrupt(self, why: Interruption) -> None:
        """Cancels the handling, once."""
        if self.interruption is None:
            self.interruption = why
            self.task.cancel()


#: The turn whose handler runs, also in the tasks that a handler starts.
current_turn: ContextVar[Turn | None] = ContextVar("chanx_turn", default=None)
