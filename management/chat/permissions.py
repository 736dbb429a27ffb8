"""Who may do what with a room. The REST views and the consumer share these classes."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from chat.models import Message, Room


class IsRoomMember(BasePermission):
    """Only members enter a room."""

    message = "You are not a member of this room."

    def has_object_permission(self, request: Request, view: Any, obj: Room) -> bool:
        return obj.has_member(request.user)


class IsRoomOwner(BasePermission):
    """Only its owner changes a room, or speaks to all of it."""

    message = "Only the owner of the room may do this."

    def has_object_permission(self, request: Request, view: Any, obj: Room) -> bool:
        return obj.owner == request.user


class IsAuthorOrRoomOwner(BasePermission):
    """A message belongs to its author, and to the owner of the room."""

    message = "Only the author and the owner of the room may do this."

    def has_object_permission(self, request: Request, view: Any, obj: Message) -> bool:
        return request.user in (obj.author, obj.room.owner)
