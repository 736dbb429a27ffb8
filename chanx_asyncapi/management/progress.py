"""Tells somebody who waits at a terminal that something is being done."""

import threading
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final

from django.core.management.base import OutputWrapper

#: Whoever gets an answer within this many seconds has not begun to wonder.
_PATIENCE: Final = 1.0
_INTERVAL: Final = 0.2

#: Back to the start of the line, and erase it (ECMA-48, CR and EL).
_ERASE: Final = "\r\x1b[K"


class Progress(AbstractContextManager["Progress"]):
    """While the block lasts, shows :attr:`stage` and the seconds, in a line that is gone at its end.

    Nothing is written to what is no terminal, nor when all goes fast.
    """

    def __init__(self, output: OutputWrapper, stage: str) -> None:
        #: What is being done.
        self.stage = stage
        self._output = output
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True) if output.isatty() else None

    def __enter__(self) -> "Progress":
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _tell(self) -> None:
        begun = time.monotonic()
        if self._ended.wait(_PATIENCE):
            return
        while True:
            self._show(f"{_ERASE}{self.stage} ({time.monotonic() - begun:.0f} s)")
            if self._ended.wait(_INTERVAL):
                break
        self._show(_ERASE)

    def _show(self, text: str) -> None:
        # Neither the colour of errors nor the end of a line.
        self._output.write(text, style_func=str, ending="")
        self._output.flush()
