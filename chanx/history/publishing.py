"""How a message gets into the history of a group, and to those who are connected."""

from collections.abc import Mapping
from typing import Any

from channels.layers import BaseChannelLayer
from pydantic_core import to_json

from chanx.arrivals import report_outage, report_return
from chanx.history.base import Bounds
from chanx.history.engines import engine_beside


async def publish(
    layer: BaseChannelLayer, group: str, event: Mapping[str, Any], bounds: Bounds, *, key: str | None = None
) -> None:
    """Appends a group message to the history of a group, and has it sent to the members.

    Raises whatever the history raises: then the message was not published, or may not have been. What is in the
    history reaches everybody, also when the channel layer is away at this moment.
    """
    appended = await engine_beside(layer).append(group, to_json(event).decode(), bounds, key=key)
    if not appended.is_new:
        return
    place = {"epoch": appended.position.epoch, "seq": appended.position.seq}
    try:
        await layer.group_send(group, {**event, **place})
    except Exception:
        # Members look into the history now and then.
        report_outage(layer)
    else:
        report_return(layer)
