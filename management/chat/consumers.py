"""The WebSocket of a room. Handlers are the recommended way: what they return is what the document says."""

import math
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.authentication import SessionAuthentication, TokenAuthentication
from rest_framework.permissions import IsAuthenticated

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.history import GroupHistory
from chanx.presence import GroupPresence
from chanx_asyncapi import asyncapi
from chat.mentions import notify_mentioned
from chat.messages import (
    Announcement,
    AnnouncementMade,
    ChatEvent,
    ChatGroup,
    ChatIncoming,
    ChatMessage,
    FetchHistory,
    History,
    HistoryPage,
    MessageDeleted,
    MessagePosted,
    Posted,
    PostMessage,
    Refusal,
    Refused,
    Removed,
    SetTyping,
    TypingState,
    UserTyping,
    Visitor,
)
from chat.models import Message, Room
from chat.permissions import IsRoomMember


class ChatConsumer(AsyncJsonWebsocketConsumer[ChatIncoming, ChatEvent, ChatGroup, Room]):
    """Talk with the other members of a room, and see who is there.

    The address names the room. Members alone may connect, with a session or with a token.
    """

    authentication_classes = (TokenAuthentication, SessionAuthentication)
    permission_classes = (IsAuthenticated, IsRoomMember)
    queryset = Room.objects.all()
    #: Whoever was away for a while gets what was written meanwhile.
    history = GroupHistory(size=500, ttl=3600)
    presence = GroupPresence(grace=3)

    async def build_groups(self) -> list[str]:
        return [self.obj.group_name]

    async def presence_info(self, group: str) -> Visitor:
        return Visitor(user=self._member.get_username())

    @handler
    async def post_message(self, message: PostMessage) -> Posted | Refused:
        """Writes a message into the room, and passes it on to everybody else who is connected."""
        if wait := await self._slow_mode_wait():
            detail = f"Slow mode: wait {wait} seconds."
            return Refused(payload=Refusal(code="slow_mode", detail=detail, retry_after=wait))
        written = await Message.objects.acreate(room=self.obj, author=self._member, text=message.payload.text)
        payload = ChatMessage.of(written)
        await self.send_group_message(MessagePosted(payload=payload))
        await notify_mentioned(written)
        return Posted(payload=payload)

    @handler
    async def set_typing(self, message: SetTyping) -> None:
        """Tells the others that the user is writing, or has stopped."""
        state = TypingState(user=self._member.get_username(), typing=message.payload.typing)
        await self.send_group_message(UserTyping(payload=state))

    @handler
    async def fetch_history(self, message: FetchHistory) -> History:
        """Answers with older messages of the room."""
        wanted = message.payload
        messages = Message.objects.filter(room=self.obj).select_related("author").order_by("-pk")
        if wanted.before is not None:
            messages = messages.filter(pk__lt=wanted.before)
        # One more than asked for tells whether there are more.
        found = [ChatMessage.of(each) async for each in messages[: wanted.limit + 1]]
        page = HistoryPage(messages=found[: wanted.limit][::-1], has_more=len(found) > wanted.limit)
        return History(payload=page)

    @handler
    @asyncapi(tags=["chat", "moderation"])
    async def announcement_made(self, event: AnnouncementMade) -> Announcement:
        """Passes on what the owner of the room has announced."""
        return Announcement(payload=event.payload)

    @handler
    @asyncapi(tags=["chat", "moderation"])
    async def message_deleted(self, event: MessageDeleted) -> Removed:
        """Tells that a message is gone."""
        return Removed(payload=event.payload)

    @property
    def _member(self) -> User:
        assert isinstance(self.user, User)  # IsAuthenticated has let nobody else in
        return self.user

    async def _slow_mode_wait(self) -> int:
        """Seconds until the user may write again; the setting is read afresh, for the room may have changed it."""
        await self.obj.arefresh_from_db(fields=("slow_mode_seconds",))
        if not self.obj.slow_mode_seconds:
            return 0
        since = timezone.now() - timedelta(seconds=self.obj.slow_mode_seconds)
        recent = Message.objects.filter(room=self.obj, author=self._member, created_at__gt=since)
        last = await recent.order_by("-pk").afirst()
        return 0 if last is None else math.ceil((last.created_at - since).total_seconds())
