"""What arrives on a channel of the channel layer, also when the layer is away for a while."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final, NoReturn
from weakref import WeakSet

from channels.layers import BaseChannelLayer

logger = logging.getLogger("chanx.groups")

LayerMessage = dict[str, Any]

#: Called in the event loop, one message after the other. It may be a coroutine function; the messages behind wait
#: while it runs, so it must not wait for a client.
Receiver = Callable[[LayerMessage], Awaitable[None] | None]

#: Seconds before a layer that has failed is asked again: at once where it only hiccuped, and at last so seldom that
#: thousands of connections do not keep it down.
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
#: Seconds after which a failure is no outage yet: a connection has timed out, or was lost, while there was nothing to
#: receive. Whether the layer is away, the next attempt shows.
_HAS_WAITED: Final = 1.0
#: Messages that a channel may hand out before other tasks get a turn.
_MESSAGES_IN_A_ROW: Final = 16

#: Layers that have failed and not answered since: an outage is logged once, however many listen.
_away: WeakSet[BaseChannelLayer] = WeakSet()


async def listen(layer: BaseChannelLayer, channel: str, receiver: Receiver) -> NoReturn:
    """Hands the messages of a channel to ``receiver``, whose failures are logged, until the task is cancelled.

    When the layer fails to receive, it is asked again after a pause.
    """
    clock = asyncio.get_running_loop()
    pause, handed_out = FIRST_PAUSE, 0
    while True:
        begun = clock.time()
        try:
            message = await layer.receive(channel)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # Nobody cancels this task: the layer has awaited something of its own that was cancelled.
            report_outage(layer)
        except Exception:
            if clock.time() - begun < _HAS_WAITED:
                report_outage(layer)
            else:
                logger.debug("The channel layer has failed while it waited; it is asked again", exc_info=True)
                pause = FIRST_PAUSE
        else:
            pause = FIRST_PAUSE
            if _away:
                report_return(layer)
            await _hand_out(message, receiver)
            # Thousands who wait for their next message would keep as many that are long forgotten.
            del message
            handed_out += 1
            if handed_out % _MESSAGES_IN_A_ROW == 0:
                await asyncio.sleep(0)
            continue
        # Spread, so that all processes do not come back at the same moment.
        await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - no secret
        pause = min(2 * pause, LONGEST_PAUSE)


async def _hand_out(message: LayerMessage, receiver: Receiver) -> None:
    try:
        if (waiting := receiver(message)) is not None:
            await waiting
    except Exception:
        kind = message.get("type")
        logger.exception("A message of type %.100r from the channel layer could not be handed out", kind)


def report_outage(layer: BaseChannelLayer) -> None:
    """Logs the exception that is being handled, unless the layer is known to be away."""
    if layer not in _away:
        _away.add(layer)
        logger.warning("The channel layer %s fails; it is asked again", type(layer).__name__, exc_info=True)


def report_return(layer: BaseChannelLayer) -> None:
    """Notes that the layer answers."""
    if layer in _away:
        _away.discard(layer)
        logger.warning("The channel layer %s answers again", type(layer).__name__)
