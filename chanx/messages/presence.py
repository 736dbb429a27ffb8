"""Messages by which a client learns who else is in its groups."""

from typing import Annotated, Any, Generic, Literal

from pydantic import BaseModel, Field, StringConstraints
from typing_extensions import TypeVar

from chanx.messages.base import BaseMessage
from chanx.messages.resuming import GroupId

#: What a class tells about each member: a pydantic model, or None.
Info = TypeVar("Info", default=None)

MemberId = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class _Named:
    """Gives a generic class with its argument a name that no other has."""

    @classmethod
    def model_parametrized_name(cls, params: tuple[Any, ...]) -> str:
        """With the path of the argument: several applications may have a class of one name."""
        return f"{cls.__name__}[{', '.join(map(_path, params))}]".replace(" ", "")


def _path(argument: Any) -> str:
    if isinstance(argument, type) and argument is not type(None):
        return f"{argument.__module__}.{argument.__qualname__}"
    return str(argument)


class PresenceMember(_Named, BaseModel, Generic[Info]):
    """A member of a group who is there, over one connection or several."""

    id: MemberId = Field(description="Stands for the member in this group, at any time; it tells nothing else.")
    info: Info = Field(description="What the service tells about the member.")


class Presence(_Named, BaseModel, Generic[Info]):
    """Who is in a group at this moment."""

    group: GroupId = Field(description="Stands for the group; the same as in its numbered messages.")
    you: MemberId | None = Field(description="The `id` of this client; null where it looks on without being counted.")
    count: int = Field(ge=0, description="Members in the group.")
    members: list[PresenceMember[Info]] | None = Field(
        description="Those who have been there for longest come first; null where there are too many to be listed."
    )


class PresenceMessage(_Named, BaseMessage, Generic[Info]):
    """Who is in a group: sent once it is known, and again whenever `presence_changed` cannot tell what has changed."""

    action: Literal["presence"] = "presence"
    payload: Presence[Info]


class PresenceChange(_Named, BaseModel, Generic[Info]):
    """What is different from what was told before of the same group."""

    group: GroupId
    count: int = Field(ge=0, description="Members in the group now.")
    joined: list[PresenceMember[Info]] = Field(description="Who has come.")
    left: list[MemberId] = Field(description="Who has gone.")
    updated: list[PresenceMember[Info]] = Field(description="About whom something else is told now.")


class PresenceChangedMessage(_Named, BaseMessage, Generic[Info]):
    """Members have come or gone. In a group with too many members to be listed, only `count` tells it."""

    action: Literal["presence_changed"] = "presence_changed"
    payload: PresenceChange[Info]


def presence_messages(info: Any) -> "tuple[type[PresenceMessage[Any]], type[PresenceChangedMessage[Any]]]":
    """Both messages of a class that tells ``info``, a type, about each member."""
    return PresenceMessage[info], PresenceChangedMessage[info]
