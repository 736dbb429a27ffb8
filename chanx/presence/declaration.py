"""How a consumer class says that its groups know who is in them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupPresence:
    """Lets the members of a consumer's groups see who is there: ``presence = GroupPresence(ttl=30)``.

    Raises ValueError for numbers that make no sense.
    """

    #: Seconds after which the members of a process that was killed are gone. The process says three times in this time
    #: that it lives, for all its members at once.
    ttl: float = 30.0
    #: Seconds for which a member whose connection is lost is still there, so that a page may be reloaded.
    grace: float = 5.0
    #: Seconds between two messages about the same group, at least: who comes and goes in between is told together.
    interval: float = 0.5
    #: Members that are told by name. Of a larger group, only their number is told.
    max_listed: int = 100
    #: Members that a group may have; who comes then is not counted.
    max_members: int = 100_000
    #: Bytes of the JSON of what is told about a member.
    max_info_bytes: int = 1024

    def __post_init__(self) -> None:
        if self.ttl < 1 or self.grace < 0 or self.interval < 0:
            raise ValueError(f"{self}: ttl is at least 1 second, grace and interval are not negative.")
        if not 0 <= self.max_listed <= self.max_members or self.max_members < 1 or self.max_info_bytes < 2:
            raise ValueError(
                f"{self}: max_listed is 0 to max_members, max_members at least 1, and max_info_bytes at least 2."
            )
