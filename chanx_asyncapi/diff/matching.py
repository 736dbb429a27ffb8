"""Which of the new things is which of the old ones."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, Self, TypeVar

_T = TypeVar("_T")


class Matching(Generic[_T]):
    """Pairs of old and new things, found step by step: each step looks only at what has no partner yet."""

    def __init__(self, old: Iterable[_T], new: Iterable[_T]) -> None:
        self._old = dict(enumerate(old))
        self._new = dict(enumerate(new))
        self._pairs: dict[int, tuple[_T, _T]] = {}

    @property
    def pairs(self) -> list[tuple[_T, _T]]:
        """The pairs in the order of the new things."""
        return [self._pairs[index] for index in sorted(self._pairs)]

    @property
    def removed(self) -> list[_T]:
        return [*self._old.values()]

    @property
    def added(self) -> list[_T]:
        return [*self._new.values()]

    def by(
        self,
        key: Callable[[_T], Hashable | None],
        *,
        once: bool = False,
        fits: Callable[[_T, _T], bool] | None = None,
    ) -> Self:
        """Pair things of equal keys, in their order; a key of None is none.

        :param once: leave keys alone that several old or several new things have.
        :param fits: whether an old and a new thing of one key may be a pair.
        """
        old, new = _grouped(self._old, key), _grouped(self._new, key)
        for value, indices in old.items():
            partners = new.get(value, [])
            if not once or len(indices) == len(partners) == 1:
                for before, after in zip(indices, partners, strict=False):
                    if fits is not None and not fits(self._old[before], self._new[after]):
                        continue
                    self._pairs[after] = self._old.pop(before), self._new.pop(after)
        return self

    def in_order(self, fits: Callable[[_T, _T], bool]) -> Self:
        """Pair what is left in its order, if it is as many on both sides and each two fit."""
        old, new = [*self._old.items()], [*self._new.items()]
        if len(old) == len(new) and all(fits(before[1], after[1]) for before, after in zip(old, new, strict=True)):
            for (before, _), (after, _) in zip(old, new, strict=True):
                self._pairs[after] = self._old.pop(before), self._new.pop(after)
        return self


def _grouped(things: dict[int, _T], key: Callable[[_T], Hashable | None]) -> dict[Hashable, list[int]]:
    groups: dict[Hashable, list[int]] = {}
    for index, thing in things.items():
        if (value := key(thing)) is not None:
            groups.setdefault(value, []).append(index)
    return groups
