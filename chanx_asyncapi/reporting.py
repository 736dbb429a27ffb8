"""What is told of problems: all but the silenced ones, and how many there are."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chanx_asyncapi.problems import Code, Problem

_NAMESPACE: Final = "asyncapi"
#: As :attr:`Problem.code` is described.
_FORM: Final = re.compile(r"(?P<namespace>\w+(\.\w+)*)\.[EW]\d+")


class UnknownCodeError(ValueError):
    """Something to silence that is the code of no problem."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"{self.code!r} is the code of no problem; the codes are in chanx_asyncapi/problems.py."


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Problems without the silenced ones. ``str()`` counts them."""

    problems: tuple[Problem, ...]
    silenced: int

    def fails(self, *, on_warnings: bool) -> bool:
        """Whether a command that tells the problems fails; warnings are a failure only when asked for."""
        return bool(self.problems) if on_warnings else self._errors > 0

    @property
    def _errors(self) -> int:
        return sum(problem.severity == "error" for problem in self.problems)

    def __str__(self) -> str:
        counts = f"Errors: {self._errors}, warnings: {len(self.problems) - self._errors}"
        return f"{counts}, silenced: {self.silenced}." if self.silenced else f"{counts}."


def report(problems: Iterable[Problem], silence: Iterable[str] = ()) -> Report:
    """What is told of ``problems`` when some codes are silenced.

    Raises :class:`UnknownCodeError` for a code that no problem can have, which would otherwise silence nothing.
    """
    silence = frozenset(silence)
    for code in sorted(silence):
        if not is_code(code):
            raise UnknownCodeError(code)
    found = tuple(problems)
    told = tuple(problem for problem in found if problem.code not in silence)
    return Report(problems=told, silenced=len(found) - len(told))


def is_code(text: str) -> bool:
    """Whether a problem may have this code: one of ours, or one of a project's own in the same form."""
    form = _FORM.fullmatch(text)
    return form is not None and (form["namespace"] != _NAMESPACE or text in set(Code))
