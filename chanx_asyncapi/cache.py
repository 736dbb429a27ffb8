"""A bounded cache whose values are made once, also when many threads want the same one at the same time."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock, RLock
from typing import Generic

from typing_extensions import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Cache(Generic[K, V]):
    """Values by their keys; the one that was asked for longest ago makes room for a new one.

    Bounded, because parts of a key may be anybody's: a Host header, for instance.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._places: OrderedDict[K, _Place[V]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of ``key``, which ``make`` makes if there is none. What it raises is raised and not kept."""
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            if len(self._places) > self._size:
                self._places.popitem(last=False)
        return place.get(make)

    def clear(self) -> None:
        """Forgets all values."""
        with self._lock:
            self._places.clear()

    def __len__(self) -> int:
        return len(self._places)


class _Place(Generic[V]):
    """Where one value is, or will be. Other values can be had while it is made."""

    def __init__(self) -> None:
        # Making a value may lead to the same one again: a hook of the user's may do anything.
        self._lock = RLock()
        self._value: tuple[()] | tuple[V] = ()

    def get(self, make: Callable[[], V]) -> V:
        with self._lock:
            if not self._value:
                self._value = (make(),)
            return self._value[0]
