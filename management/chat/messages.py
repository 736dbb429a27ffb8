"""What travels through ``/ws/chat/<room>/``, and the events that views send to it."""

from datetime import datetime
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, Field, StringConstraints

from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx_asyncapi import asyncapi
from chat.models import Message

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    Field(description="Up to 2000 characters; space around them is cut off.", examples=["Hello, @bob!"]),
]
MessageId = Annotated[int, Field(ge=1, description="Primary key of a message; later ones are greater.", examples=[42])]


class ChatMessage(BaseModel):
    """A message of the room, as everybody sees it."""

    id: MessageId
    kind: Literal["message", "announcement"]
    author: str = Field(description="User name.", examples=["alice"])
    text: str = Field(examples=["Hello, @bob!"])
    created_at: datetime

    @classmethod
    def of(cls, message: Message) -> Self:
        """From the database; the author must have been fetched with the message."""
        return cls.model_validate(
            {
                "id": message.pk,
                "kind": message.kind,
                "author": message.author.get_username(),
                "text": message.text,
                "created_at": message.created_at,
            }
        )


class Visitor(BaseModel):
    """A member of the room who is there at this moment."""

    user: str = Field(description="User name.", examples=["alice"])


# -- received from clients -----------------------------------------------------------------------------------


class PostPayload(BaseModel):
    text: Text


class PostMessage(BaseMessage):
    """Writes a message into the room. A user name after an @ notifies that member."""

    action: Literal["post_message"] = "post_message"
    payload: PostPayload


class TypingPayload(BaseModel):
    typing: bool = Field(description="False when the user has stopped.", examples=[True])


class SetTyping(BaseMessage):
    """Tells the others that the user is writing. To be repeated every few seconds: nothing remembers it."""

    action: Literal["set_typing"] = "set_typing"
    payload: TypingPayload


class HistoryRequest(BaseModel):
    before: MessageId | None = Field(default=None, description="Only older ones than this message; null: the latest.")
    limit: int = Field(default=20, ge=1, le=100, description="At most this many.")


@asyncapi(
    examples=[
        {"action": "fetch_history", "payload": {}},
        {"action": "fetch_history", "payload": {"before": 42, "limit": 50}},
    ]
)
class FetchHistory(BaseMessage):
    """Asks for older messages of the room."""

    action: Literal["fetch_history"] = "fetch_history"
    payload: HistoryRequest = HistoryRequest()


ChatIncoming: TypeAlias = PostMessage | SetTyping | FetchHistory | PingMessage


# -- replies -------------------------------------------------------------------------------------------------


class Posted(BaseMessage):
    """The message was written, and the others have it."""

    action: Literal["posted"] = "posted"
    payload: ChatMessage


class Refusal(BaseModel):
    code: Literal["slow_mode"] = Field(description="`slow_mode`: members of this room wait between two messages.")
    detail: str = Field(examples=["Slow mode: wait 7 seconds."])
    retry_after: int = Field(ge=1, description="Seconds after which it may be tried again.", examples=[7])


class Refused(BaseMessage):
    """The message was not written."""

    action: Literal["refused"] = "refused"
    payload: Refusal


class HistoryPage(BaseModel):
    messages: list[ChatMessage] = Field(description="Oldest first.")
    has_more: bool = Field(description="Whether there are older ones.")


class History(BaseMessage):
    """Older messages of the room."""

    action: Literal["history"] = "history"
    payload: HistoryPage


# -- relayed to the other members ----------------------------------------------------------------------------


class MessagePosted(BaseGroupMessage):
    """Somebody wrote into the room. `is_mine`: from another connection of the same user."""

    action: Literal["message_posted"] = "message_posted"
    payload: ChatMessage


class TypingState(BaseModel):
    user: str = Field(description="User name.", examples=["alice"])
    typing: bool


class UserTyping(BaseGroupMessage):
    """Somebody is writing, or has stopped."""

    action: Literal["user_typing"] = "user_typing"
    payload: TypingState


ChatGroup: TypeAlias = MessagePosted | UserTyping


# -- sent by views through the channel layer, and what clients receive of it ---------------------------------


class AnnouncementMade(BaseChannelEvent):
    """The owner of the room has announced something."""

    handler: Literal["announcement_made"] = "announcement_made"
    payload: ChatMessage


class DeletedMessage(BaseModel):
    id: MessageId


class MessageDeleted(BaseChannelEvent):
    """A message is gone."""

    handler: Literal["message_deleted"] = "message_deleted"
    payload: DeletedMessage


ChatEvent: TypeAlias = AnnouncementMade | MessageDeleted


class Announcement(BaseMessage):
    """The owner speaks to the whole room: `POST /api/rooms/{id}/announcements/`."""

    action: Literal["announcement"] = "announcement"
    payload: ChatMessage


class Removed(BaseMessage):
    """A message is gone and should no longer be shown: `DELETE /api/rooms/{id}/messages/{message}/`."""

    action: Literal["removed"] = "removed"
    payload: DeletedMessage
