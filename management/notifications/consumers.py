"""The WebSocket of one user. Written with ``match`` in place of handlers, for those who like it better."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.permissions import IsAuthenticated

from chanx.authentication import TicketAuthentication
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import PongMessage
from notifications.messages import (
    MarkRead,
    NotificationCreated,
    NotificationData,
    NotificationsIncoming,
    Notified,
    ReadElsewhere,
    Unread,
    UnreadPayload,
)
from notifications.models import Notification


class NotificationsConsumer(AsyncJsonWebsocketConsumer[NotificationsIncoming, NotificationCreated, ReadElsewhere]):
    """Learn what happens to you, on every device at once.

    Each connection belongs to the user who is logged in, and receives that user's notifications only.
    """

    #: Also for clients that can put nothing but an address together: /api/ws-ticket/ issues tickets.
    authentication_classes = (TokenAuthentication, SessionAuthentication, TicketAuthentication)
    permission_classes = (IsAuthenticated,)
    #: With ``match``, nothing but this says what is sent besides group messages.
    outgoing_messages = (Unread, Notified, PongMessage)

    @staticmethod
    def group_of(user_pk: Any) -> str:
        """The group of every connection of one user."""
        return f"notifications.user.{user_pk}"

    async def build_groups(self) -> list[str]:
        return [self.group_of(self.user.pk)]

    async def post_authentication(self) -> None:
        await self.send_message(await self._unread_message())

    async def receive_message(self, message: NotificationsIncoming, **kwargs: Any) -> None:
        match message:
            case MarkRead(payload=payload):
                read = self._unread()
                if payload.ids is not None:
                    read = read.filter(pk__in=payload.ids)
                await read.aupdate(read_at=timezone.now())
                await self.send_group_message(ReadElsewhere(payload=payload))
                await self.send_message(await self._unread_message())
            case PingMessage():
                await self.send_message(PongMessage())

    async def receive_event(self, event: NotificationCreated) -> None:
        await self.send_message(Notified(payload=event.payload))

    def _unread(self) -> QuerySet[Notification]:
        return Notification.objects.filter(recipient=self.user.pk, read_at=None)

    async def _unread_message(self) -> Unread:
        latest = [NotificationData.of(each) async for each in self._unread()[:10]]
        return Unread(payload=UnreadPayload(count=await self._unread().acount(), latest=latest))
