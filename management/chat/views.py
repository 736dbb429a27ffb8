"""The REST API of the chat. What it changes, connected clients learn through the consumer's channel events."""

from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, status
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from chat.consumers import ChatConsumer
from chat.messages import AnnouncementMade, ChatMessage, DeletedMessage, MessageDeleted
from chat.models import Message, Room
from chat.permissions import IsAuthorOrRoomOwner, IsRoomMember, IsRoomOwner
from chat.serializers import MemberSerializer, MessageSerializer, RoomSerializer
from notifications.models import Notification


@extend_schema(tags=["chat"])
class RoomListView(generics.ListCreateAPIView[Room]):
    """The rooms that the user may enter; creating one makes the user its owner and first member."""

    queryset = Room.objects.select_related("owner").prefetch_related("members")
    serializer_class = RoomSerializer

    def get_queryset(self) -> QuerySet[Room]:
        return super().get_queryset().filter(members=self.request.user.pk)

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        with transaction.atomic():
            room = serializer.save(owner=self.request.user)
            room.members.add(room.owner)


@extend_schema(tags=["chat"])
@extend_schema_view(patch=extend_schema(description="Changes the room; only its owner may."))
class RoomView(generics.RetrieveUpdateAPIView[Room]):
    """One room."""

    http_method_names = ("get", "patch", "head", "options")
    queryset = Room.objects.select_related("owner").prefetch_related("members")
    serializer_class = RoomSerializer

    def get_permissions(self) -> list[Any]:
        return [IsAuthenticated(), IsRoomOwner() if self.request.method == "PATCH" else IsRoomMember()]


@extend_schema(tags=["chat"])
class MemberListView(generics.GenericAPIView[Any]):
    """The members of a room."""

    queryset = Room.objects.select_related("owner")
    serializer_class = MemberSerializer
    permission_classes = (IsAuthenticated, IsRoomOwner)

    @extend_schema(responses={201: MemberSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Lets a user in, and notifies that user. Only the owner of the room may do so."""
        room = self.get_object()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        member: User = serializer.validated_data["username"]
        if not room.has_member(member):
            room.members.add(member)
            title = f"{room.owner.get_username()} let you into {room.name}"
            Notification.objects.create(recipient=member, title=title, text=f"Connect to /ws/chat/{room.pk}/.")
        return Response({"username": member.get_username()}, status=status.HTTP_201_CREATED)


@extend_schema(tags=["chat"])
class AnnouncementListView(generics.GenericAPIView[Any]):
    """Announcements to everybody in a room."""

    queryset = Room.objects.select_related("owner")
    serializer_class = MessageSerializer
    permission_classes = (IsAuthenticated, IsRoomOwner)

    @extend_schema(responses={201: MessageSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Announces something: every connection to the room receives it. Only the owner of the room may do so."""
        room = self.get_object()
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        announcement = serializer.save(room=room, author=room.owner, kind=Message.Kind.ANNOUNCEMENT)
        ChatConsumer.send_channel_event(room.group_name, AnnouncementMade(payload=ChatMessage.of(announcement)))
        return Response(serializer.data, status=status.HTTP_201_CREATED)


@extend_schema(tags=["chat"])
class MessageListView(generics.ListAPIView[Message]):
    """The messages of a room, oldest first."""

    queryset = Message.objects.select_related("author")
    serializer_class = MessageSerializer
    permission_classes = (IsAuthenticated, IsRoomMember)

    def get_queryset(self) -> QuerySet[Message]:
        room = get_object_or_404(Room, pk=self.kwargs["pk"])
        self.check_object_permissions(self.request, room)
        return super().get_queryset().filter(room=room)


@extend_schema(tags=["chat"])
class MessageView(generics.DestroyAPIView[Message]):
    """One message of a room."""

    queryset = Message.objects.select_related("author", "room__owner")
    serializer_class = MessageSerializer
    permission_classes = (IsAuthenticated, IsAuthorOrRoomOwner)

    def get_queryset(self) -> QuerySet[Message]:
        return super().get_queryset().filter(room=self.kwargs["room_pk"])

    def perform_destroy(self, instance: Any) -> None:
        """Deletes it, and tells every connection to the room."""
        event = MessageDeleted(payload=DeletedMessage(id=instance.pk))
        instance.delete()
        ChatConsumer.send_channel_event(instance.room.group_name, event)
