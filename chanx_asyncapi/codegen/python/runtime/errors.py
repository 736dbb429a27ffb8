"""What can go wrong, one root for all.

- ClientError
    - NotOpen: nothing can be sent now
        - QueueFull: and no more can wait until it can
    - SocketClosed: the connection has ended, and what it was needed for with it
    - RequestTimeout: no answer came in time (also a TimeoutError)
    - RequestFailed: the server has answered with an error message
    - InvalidFrame: the server has sent what its document does not describe
    - MessagesLost: messages came faster than they were read
"""

from typing import Any, Generic, Self

from typing_extensions import TypeVar

E_co = TypeVar("E_co", covariant=True, default=Any)


class ClientError(Exception):
    """Root of all exceptions of this package."""


class NotOpen(ClientError):
    """Nothing can be sent: the connection is not open, and no queue was asked for (``Options.queue``)."""

    def __str__(self) -> str:
        return "The connection is not open. Connect first, or give Options(queue=…) for messages that may wait."


class QueueFull(NotOpen):
    """``Options.queue`` messages wait for the connection already."""

    def __str__(self) -> str:
        return "The connection is not open, and the queue of messages that wait for it is full."


class SocketClosed(ClientError):
    """The connection has ended, with a code and a reason (RFC 6455, 7.4); 1006 when there was no close at all."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(code, reason)
        self.code = code
        self.reason = reason

    def __str__(self) -> str:
        return f"The connection was closed with {self.code}{f': {self.reason}' if self.reason else ''}."


class RequestTimeout(ClientError, TimeoutError):
    """No answer came within ``timeout`` seconds. The server may have handled the message all the same."""

    def __init__(self, action: str, timeout: float) -> None:
        super().__init__(action, timeout)
        self.action = action
        self.timeout = timeout

    def __str__(self) -> str:
        return f"No answer to {self.action!r} came within {self.timeout:g} seconds."


class RequestFailed(ClientError, Generic[E_co]):
    """The server has answered with an error message: ``error``."""

    def __init__(self, error: E_co) -> None:
        super().__init__(error)
        self.error = error

    def __str__(self) -> str:
        return f"The server answered with an error: {self.error!r}"


class InvalidFrame(ClientError):
    """The server has sent what the document does not describe: ``text``, shortened."""

    _LONGEST = 200

    def __init__(self, text: str, problem: str) -> None:
        super().__init__(text, problem)
        self.text = text
        self.problem = problem

    @classmethod
    def of(cls, data: str | bytes, problem: str) -> Self:
        """For a frame of any length."""
        start = data[: cls._LONGEST]
        return cls(start if isinstance(start, str) else repr(start), problem)

    def __str__(self) -> str:
        return f"The server sent what its document does not describe: {self.problem} In: {self.text!r}"


class MessagesLost(ClientError):
    """``count`` messages were dropped, the oldest ones, because more than ``Options.buffer`` waited to be read.

    Whoever iterates may go on after it, with what has come since.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count

    def __str__(self) -> str:
        return f"{self.count} messages were dropped: they came faster than they were read (Options.buffer)."
