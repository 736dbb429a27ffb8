"""The typed dictionaries that travel through the channel layer."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

#: How a group message is relayed: ``message`` through the consumer's OG type, ``json`` as it is.
GroupMessageKind = Literal["json", "message"]


class GroupMemberEvent(TypedDict):
    """A group message on its way to one member; the handler of its ``type`` is ``send_group_member``.

    Every value survives msgpack, which the Redis layers use: text, numbers, booleans, lists and dictionaries.
    """

    type: Literal["send_group_member"]
    #: The message with Python names: keys of data are never recased on the way.
    content: dict[str, Any]
    kind: GroupMessageKind
    exclude_current: bool
    #: ``channel_name`` of the connection that sent it.
    from_channel: str
    #: Primary key of the user who sent it, as text; None for an anonymous one.
    from_user_pk: str | None
    #: Where it is in the history of the group, if that has one.
    epoch: NotRequired[str]
    seq: NotRequired[int]
    #: The id by which clients know the group; only where it has a history.
    group: NotRequired[str]


class EventPayload(TypedDict):
    """A channel event on its way to one member; the handler of its ``type`` is ``handle_channel_event``."""

    type: Literal["handle_channel_event"]
    #: The event in JSON form, its ``handler`` included.
    event_data: dict[str, Any]
