"""The names of chanx's own in consumers."""

from pathlib import Path
from types import new_class
from typing import Any

import pytest
from channels.generic.websocket import AsyncJsonWebsocketConsumer as ChannelsConsumer

from chanx.exceptions import ConsumerDefinitionError
from chanx.generic.handlers import handler
from chanx.generic.own_names import SHARED_NAMES, own_names
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from tests.chanx.support import Said, Say

ROOT: Any = AsyncJsonWebsocketConsumer
DOCS = Path(__file__).parents[3] / "docs"


def test_a_handler_with_the_name_of_a_method_of_chanxs_is_refused() -> None:
    @handler
    async def look(self: Any, message: Say) -> Said:
        return Said(payload="nothing")

    with pytest.raises(ConsumerDefinitionError, match=r"Game defines 'look', a name that chanx uses itself"):
        new_class("Game", (ROOT[Say],), exec_body=lambda namespace: namespace.update(look=look))


def test_so_is_a_private_name_in_a_mixin() -> None:
    class Mixin:
        _handle = "mine"

    with pytest.raises(ConsumerDefinitionError, match=r"Mixin defines '_handle'"):
        new_class("Mixed", (Mixin, ROOT[PingMessage]))


@pytest.mark.parametrize("name", ["_chatrooms", "__private", "see", "receive", "log"])
def test_any_other_name_is_free(name: str) -> None:
    free = new_class("Free", (ROOT[PingMessage],), {"abstract": True}, lambda namespace: namespace.update({name: None}))
    assert name in vars(free)


def test_the_attributes_of_a_connection_are_known() -> None:
    """Somebody's attribute of the class would be hidden by them."""

    class Pings(AsyncJsonWebsocketConsumer[PingMessage]):
        pass

    private = {name for name in vars(Pings()) if name.startswith("_")}
    assert private <= own_names(ROOT)


def test_each_public_name_is_channels_or_documented_or_chanxs_own() -> None:
    pages = "\n".join(page.read_text() for page in DOCS.rglob("*.md"))
    public = {name for name in dir(ROOT) if not name.startswith("_") and not hasattr(ChannelsConsumer, name)}
    # Hooks that no page needs to explain: the reference lists them.
    told = {name for name in public - SHARED_NAMES if name in pages} | {"add_groups", "handle_channel_event"}
    assert public - told == SHARED_NAMES
