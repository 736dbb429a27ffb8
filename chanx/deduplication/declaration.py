"""How a consumer class says that clients may send its requests again."""

from dataclasses import dataclass

from chanx.deduplication.base import GRACE, Limits
from chanx.messages.base import BaseMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduplication:
    """Makes requests safe to be sent again: ``deduplication = Deduplication(window=300)``.

    A frame with an ``id`` that a client repeats, after it has lost its connection, is not handled a second time: the
    client gets the replies to the first one. Raises ValueError for values that remember nothing.
    """

    #: Seconds for which a client may repeat a request.
    window: float = 300.0
    #: Requests of one client that are remembered in that time. One more is refused as ``throttled``.
    requests: int = 1000
    #: Bytes of replies that are kept for one client. Those of the oldest requests make room for new ones.
    size: int = 256 * 1024
    #: The messages that it is about; None: all that the class receives, apart from chanx's own.
    only: tuple[type[BaseMessage], ...] | None = None

    def __post_init__(self) -> None:
        if self.window <= 0 or self.requests < 1 or self.size < 0:
            raise ValueError(
                f"{self} remembers nothing: window is more than 0 seconds, requests at least 1, and size not negative."
            )

    @property
    def limits(self) -> Limits:
        """The same for a ledger."""
        return Limits(window=self.window + GRACE, requests=self.requests, size=self.size)
