"""Progress: for who waits at a terminal, and for nobody else."""

import threading
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper

from chanx_asyncapi.management import progress
from chanx_asyncapi.management.commands import generate_asyncapi
from chanx_asyncapi.management.progress import Progress

ERASE = "\r\x1b[K"


class Screen(StringIO):
    """What a terminal, or else a file, is sent. Somebody may wait until it is sent something."""

    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal
        self.sent = threading.Event()
        self.flushed = ""

    def isatty(self) -> bool:
        return self._terminal

    def flush(self) -> None:
        self.flushed = self.getvalue()
        if self.flushed:
            self.sent.set()

    @property
    def visible(self) -> str:
        """What is left in the line."""
        return self.getvalue().rpartition(ERASE)[2]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0.01)
    monkeypatch.setattr(progress, "_INTERVAL", 0.01)


@pytest.mark.usefixtures("impatient")
def test_a_terminal_shows_what_is_being_done_and_in_the_end_nothing() -> None:
    screen = Screen(terminal=True)

    with Progress(OutputWrapper(screen), "Describing") as shown:
        assert screen.sent.wait(5)
        assert screen.visible == "Describing (0 s)"
        shown.stage = "Validating"
        screen.sent.clear()
        assert screen.sent.wait(5)
        assert screen.visible == "Validating (0 s)"

    assert screen.visible == ""
    assert "\n" not in screen.getvalue()
    assert screen.flushed == screen.getvalue()


@pytest.mark.usefixtures("impatient")
def test_the_line_is_gone_after_a_failure() -> None:
    screen = Screen(terminal=True)

    def fail() -> None:
        with Progress(OutputWrapper(screen), "Describing"):
            assert screen.sent.wait(5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    assert screen.visible == ""


def test_what_goes_fast_shows_nothing() -> None:
    screen = Screen(terminal=True)

    with Progress(OutputWrapper(screen), "Describing"):
        pass

    assert screen.getvalue() == ""


@pytest.mark.usefixtures("impatient")
def test_a_pipe_is_sent_nothing() -> None:
    screen = Screen(terminal=False)

    with Progress(OutputWrapper(screen), "Describing"):
        assert not screen.sent.wait(0.1)

    assert screen.getvalue() == ""


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("terminal", [True, False])
def test_the_command_shows_it_before_the_problems(monkeypatch: pytest.MonkeyPatch, terminal: bool) -> None:
    err = Screen(terminal=terminal)

    def slow(*_: Any, **__: Any) -> Any:
        if terminal:
            assert err.sent.wait(5)
        raise CommandError("in the end")

    monkeypatch.setattr(generate_asyncapi, "describe", slow)

    with pytest.raises(CommandError):
        call_command("generate_asyncapi", stdout=StringIO(), stderr=err, force_color=True)

    assert ("Describing the service (0 s)" in err.getvalue()) == terminal
    assert err.visible == ""
