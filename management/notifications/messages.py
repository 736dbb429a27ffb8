"""What travels through ``/ws/notifications/``."""

from datetime import datetime
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import BaseModel, Field

from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from notifications.models import Notification

NotificationId = Annotated[int, Field(ge=1, description="Primary key of a notification.", examples=[7])]


class NotificationData(BaseModel):
    """A notification, as its recipient sees it."""

    id: NotificationId
    title: str = Field(examples=["alice mentioned you in Lobby"])
    text: str = Field(examples=["Hello, @bob!"])
    created_at: datetime

    @classmethod
    def of(cls, notification: Notification) -> Self:
        """From the database."""
        return cls.model_validate(
            {
                "id": notification.pk,
                "title": notification.title,
                "text": notification.text,
                "created_at": notification.created_at,
            }
        )


class ReadPayload(BaseModel):
    ids: list[NotificationId] | None = Field(
        default=None, min_length=1, max_length=100, description="Which ones; null: all of them."
    )


class MarkRead(BaseMessage):
    """The user has read notifications."""

    action: Literal["mark_read"] = "mark_read"
    payload: ReadPayload = ReadPayload()


NotificationsIncoming: TypeAlias = MarkRead | PingMessage


class UnreadPayload(BaseModel):
    count: int = Field(ge=0, description="How many are unread.")
    latest: list[NotificationData] = Field(description="The latest ten of them, newest first.")


class Unread(BaseMessage):
    """What is unread now: the first message after authentication, and the answer to `mark_read`."""

    action: Literal["unread"] = "unread"
    payload: UnreadPayload


class Notified(BaseMessage):
    """There is a new notification."""

    action: Literal["notified"] = "notified"
    payload: NotificationData


class ReadElsewhere(BaseGroupMessage):
    """The user has read notifications on another connection."""

    action: Literal["read_elsewhere"] = "read_elsewhere"
    payload: ReadPayload


class NotificationCreated(BaseChannelEvent):
    """A notification was created."""

    handler: Literal["notification_created"] = "notification_created"
    payload: NotificationData
