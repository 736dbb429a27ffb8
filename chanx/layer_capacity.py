"""Has it heard when ``RedisChannelLayer`` drops messages.

It keeps at most ``capacity`` messages for each process. What a group is sent beyond that is dropped for this process,
and told in a record of the level INFO only, which Python shows to nobody by default.
"""

import logging
import time
from typing import Final

#: Says so, and nothing else.
_quiet: Final = logging.getLogger("channels_redis.core")
#: Seconds between two warnings: a layer that is over capacity drops many messages.
_INTERVAL: Final = 60.0

logger = logging.getLogger("chanx.groups")


class OverCapacityFilter(logging.Filter):
    """Turns what is said of dropped messages into a warning, at most one a minute."""

    def __init__(self) -> None:
        super().__init__()
        self._silent_until = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if "over capacity" in str(record.msg) and time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + _INTERVAL
            logger.warning(
                "The channel layer drops messages: %s. More wait for a process than the capacity in CHANNEL_LAYERS "
                "allows. Members of groups with a history get them a little later. This is told once a minute.",
                record.getMessage(),
            )
        # As if nobody had listened.
        parent = _quiet.parent
        return parent is None or record.levelno >= parent.getEffectiveLevel()


def hear_of_dropped_messages() -> None:
    """Called once, when the application begins. Who has chosen the level of that logger hears what they have chosen."""
    if _quiet.level == logging.NOTSET and not any(isinstance(each, OverCapacityFilter) for each in _quiet.filters):
        _quiet.addFilter(OverCapacityFilter())
        _quiet.setLevel(logging.INFO)
