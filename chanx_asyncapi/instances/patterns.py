"""Texts that a regular expression matches."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from chanx_asyncapi.instances.pattern_tree import Characters, Choice, Node, Repeat, Sequence, UnreadableError, read

#: Steps to a text, and so about its length.
_MAX_STEPS: Final = 2_000


def matching(pattern: str, least: int = 0) -> Iterator[str]:
    """A few texts for a regular expression, the most readable first; none where it cannot be read.

    Lookarounds and word boundaries have no say in them: an engine has to check the texts.

    :param least: how long a text should be, in characters.
    """
    try:
        node = read(pattern)
    except UnreadableError:
        return
    seen: set[str] = set()
    # Three of a kind show that it may be more than one.
    for run in dict.fromkeys((3, 1, 2, 0, least, -(-least // 2), -(-least // 3))):
        for optional in (False, True):
            for option in range(3):
                try:
                    text = _Writer(run, optional=optional, option=option).write(node)
                except UnreadableError:
                    continue
                if text not in seen:
                    seen.add(text)
                    yield text


class _Writer:
    """Writes one text.

    :param run: how many of what may be repeated at will.
    :param optional: whether what may be there or not is there.
    :param option: which of several alternatives.
    """

    def __init__(self, run: int, *, optional: bool, option: int) -> None:
        self._run = run
        self._optional = optional
        self._option = option
        self._written: Counter[str] = Counter()
        self._steps = 0

    def write(self, node: Node) -> str:
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise UnreadableError
        match node:
            case Characters(choices):
                return self._character(choices)
            case Sequence(parts):
                return "".join(map(self.write, parts))
            case Choice(options):
                return self.write(options[self._option % len(options)])
            case Repeat(part, least, most):
                return "".join(self.write(part) for _ in range(self._count(part, least, most)))

    def _character(self, choices: str) -> str:
        if not choices:
            raise UnreadableError
        # The next one each time: abc and 123 are easier to read than aaa and 111.
        self._written[choices] += 1
        return choices[(self._written[choices] - 1) % len(choices)]

    def _count(self, part: Node, least: int, most: int | None) -> int:
        if (least, most) == (0, 1):
            return int(self._optional)
        wanted = self._run if isinstance(part, Characters) else min(self._run, 1)
        return max(least, wanted if most is None else min(wanted, most))
