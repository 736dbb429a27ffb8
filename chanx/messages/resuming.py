"""Messages by which a client learns where it is in the history of its groups, and gets what it has missed."""

from typing import Annotated, Final, Literal

from pydantic import BaseModel, Field, StringConstraints

from chanx.messages.base import BaseMessage

#: Characters of an epoch, of a client's id and of a group's id.
MAX_ID_LENGTH: Final = 64
#: Groups in one frame: each is asked for in the history. As many as a connection is a member of by default
#: (MAX_GROUPS_PER_CONNECTION): with 60 bytes for each, such a frame just fits into MAX_MESSAGE_SIZE.
MAX_GROUPS: Final = 1000

ShortText = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID_LENGTH)]
#: The id of a group: opaque, and the same for every client at any time.
GroupId = ShortText


class GroupPosition(BaseModel):
    """A place in the history of one group."""

    epoch: ShortText = Field(description="Changes when the numbering has begun anew.")
    seq: int = Field(ge=0, le=2**53 - 1, description="The message with this number, and all before it, have been seen.")


class Positions(BaseModel):
    """Where a client is in the history of its groups."""

    client: ShortText = Field(description="Names the client: who brings it back does not get its own messages again.")
    groups: dict[GroupId, GroupPosition | None] = Field(
        description="By the `group` of their messages; null for a group that the client has left."
    )


class PositionsMessage(BaseMessage):
    """Follows the authentication frame: where the histories of the client's groups are at this moment.

    Also sent when the client has joined a group later, or has left one.
    """

    action: Literal["positions"] = "positions"
    payload: Positions


class ResumeRequest(BaseModel):
    """What a client has seen before it was away."""

    client: ShortText | None = Field(default=None, description="As the first `positions` frame said it.")
    groups: Annotated[dict[GroupId, GroupPosition], Field(max_length=MAX_GROUPS)] = Field(
        description="The last message seen of each group, by the `group` of its messages."
    )


class ResumeMessage(BaseMessage):
    """Asks for what was sent to the client's groups while it was away."""

    action: Literal["resume"] = "resume"
    payload: ResumeRequest


#: Why what was missed cannot be told. ``denied``: the client is no member of the group. ``late``: newer messages are
#: on their way already.
ResumeFailure = Literal["epoch", "trimmed", "future", "late", "denied"]


class ResumedGroup(BaseModel):
    """How resuming one group has ended."""

    recovered: bool = Field(description="Everything that was missed has been sent, in order, before this frame.")
    position: GroupPosition | None = Field(
        default=None, description="From where on group messages follow; null when the client is no member."
    )
    reason: ResumeFailure | None = Field(
        default=None,
        description="Why not: the numbering has begun anew (`epoch`), too much was missed (`trimmed`), no message has "
        "this number yet (`future`), the client has resumed too late (`late`), or it is no member of the group "
        "(`denied`).",
    )


class Resumed(BaseModel):
    """How resuming has ended, group by group."""

    groups: dict[GroupId, ResumedGroup]


class ResumedMessage(BaseMessage):
    """Answers `resume`, behind all that was missed. Also sent when messages were lost, or `resume` comes too late."""

    action: Literal["resumed"] = "resumed"
    payload: Resumed
