"""From the database to the socket: a saved notification becomes a channel event."""

from typing import Any

from django.db import transaction
from django.db.models.signals import post_save

from notifications.consumers import NotificationsConsumer
from notifications.messages import NotificationCreated, NotificationData
from notifications.models import Notification


def connect() -> None:
    """Connects the receivers; calling it again changes nothing."""
    post_save.connect(send_created, sender=Notification, dispatch_uid="notifications.send_created")


def send_created(sender: type[Notification], instance: Notification, created: bool, **kwargs: Any) -> None:
    """Sends a new notification to its recipient, wherever it was created: a view, a consumer, the admin, a shell."""
    if not created:
        return
    event = NotificationCreated(payload=NotificationData.of(instance))
    group = NotificationsConsumer.group_of(instance.recipient.pk)

    def send() -> None:
        NotificationsConsumer.send_channel_event(group, event)

    # After the commit: nobody learns of what a rollback takes back. Robust: the notification is saved, and a
    # channel layer that cannot be reached is no reason to fail.
    transaction.on_commit(send, robust=True)
