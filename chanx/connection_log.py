"""What is logged about one connection: each record with the same fields, and no more records than a bound.

Whoever reads the log of many connections wants to see one of them, and no client may fill the disk of the server,
whatever it sends and for however long.
"""

import logging
import time
import uuid
from typing import Final

from chanx.settings import chanx_settings

#: Seconds in which as many records are written as the setting allows.
WINDOW: Final = 60.0
#: As how many records one with a traceback counts, which is as long as them.
TRACEBACK_COST: Final = 10

#: The loggers of connections, by what they tell of. Their names are public: people switch them off.
RECEIVED: Final = logging.getLogger("chanx.received")
SENT: Final = logging.getLogger("chanx.sent")
HANDLERS: Final = logging.getLogger("chanx.handlers")
GROUPS: Final = logging.getLogger("chanx.groups")
HANDSHAKE: Final = logging.getLogger("chanx.handshake")


class ConnectionLog:
    """Writes the records of one connection.

    ``consumer`` is the dotted path of its class. At most ``LOG_RECORDS_PER_MINUTE`` records are written in a minute,
    of which one with a traceback counts as ten; how many were left out is told with the first record of a later
    minute, or at the end.
    """

    __slots__ = ("_connection", "_consumer", "_left_out", "_since", "_user", "_written")

    def __init__(self, consumer: str) -> None:
        self._consumer = consumer
        self._connection: str | None = None
        #: Who the user is, None for an anonymous one; empty before that is known.
        self._user: str | None = ""
        self._since = 0.0
        self._written = 0
        self._left_out = 0

    @property
    def connection(self) -> str:
        """The name of this connection in the log; chosen when it is first asked for."""
        if self._connection is None:
            self._connection = uuid.uuid4().hex[:16]
        return self._connection

    def identify(self, user: str | None) -> None:
        """Adds who the user is, None for an anonymous one, to what is written from now on."""
        self._user = user

    def write(self, logger: logging.Logger, level: int, text: str, *args: object, **fields: object) -> None:
        """Writes that the consumer does what ``text`` says, with ``fields`` besides the common ones, if the logger
        wants it and the bound allows it."""
        if logger.isEnabledFor(level) and self._has_room(1):
            self._write(logger, level, text, args, fields)

    def failure(self, logger: logging.Logger, text: str, *args: object, **fields: object) -> None:
        """Writes an error with the traceback of the exception that is being handled."""
        if logger.isEnabledFor(logging.ERROR) and self._has_room(TRACEBACK_COST):
            self._write(logger, logging.ERROR, text, args, fields, exc_info=True)

    def finish(self) -> None:
        """Tells what was left out in the last minute. To be called when the connection ends."""
        if self._left_out:
            self._tell()

    def _has_room(self, cost: int) -> bool:
        limit = chanx_settings.LOG_RECORDS_PER_MINUTE
        if limit is None:
            return True
        if self._written == 0:
            self._since = time.monotonic()
        elif self._written + cost > limit:
            # Only now the clock matters: most connections never come so far.
            now = time.monotonic()
            if now - self._since < WINDOW:
                self._left_out += 1
                return False
            self._since, self._written = now, 0
            if self._left_out:
                self._tell()
        self._written += cost
        return True

    def _tell(self) -> None:
        left_out, self._left_out = self._left_out, 0
        text = "left out %d records about a connection, more than LOG_RECORDS_PER_MINUTE allows"
        self._write(RECEIVED, logging.WARNING, text, (left_out,), {"left_out": left_out})

    def _write(
        self,
        logger: logging.Logger,
        level: int,
        text: str,
        args: tuple[object, ...],
        fields: dict[str, object],
        *,
        exc_info: bool | None = None,
    ) -> None:
        known = {} if self._user == "" else {"user": self._user}
        extra = {"consumer": self._consumer, "connection": self.connection, **known, **fields}
        # Where it was written is in whoever called write() or failure().
        logger.log(level, f"%s {text}", self._consumer, *args, exc_info=exc_info, extra=extra, stacklevel=3)
