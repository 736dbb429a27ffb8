"""How a consumer class says that its groups have a history."""

from dataclasses import dataclass

from chanx.history.base import Bounds


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHistory:
    """Switches the history of a consumer's groups on: ``history = GroupHistory(size=1000, ttl=3600)``.

    Group messages are numbered and kept, and a client that comes back gets what it has missed. Raises ValueError for
    bounds that keep nothing.
    """

    #: Messages that are kept of each group. A client that has missed more is told that it has.
    size: int = 1000
    #: Seconds after its last message for which a group's messages are kept.
    ttl: float = 3600.0

    def __post_init__(self) -> None:
        if self.size < 1 or self.ttl <= 0:
            raise ValueError(f"{self} keeps nothing: size is at least 1, and ttl more than 0 seconds.")

    @property
    def bounds(self) -> Bounds:
        """The same for an engine."""
        return Bounds(size=self.size, ttl=self.ttl)
