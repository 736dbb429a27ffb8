"""Rooms and messages in the REST API."""

from django.contrib.auth.models import User
from rest_framework import serializers

from chat.models import Message, Room


class RoomSerializer(serializers.ModelSerializer[Room]):
    owner = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    members = serializers.SlugRelatedField[User](slug_field="username", many=True, read_only=True)

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride]  # DRF's Meta inherits nothing
        model = Room
        fields = ("id", "name", "slug", "owner", "members", "slow_mode_seconds")


class MemberSerializer(serializers.Serializer[User]):
    """Names the user who shall become a member."""

    username = serializers.SlugRelatedField(slug_field="username", queryset=User.objects.all())


class MessageSerializer(serializers.ModelSerializer[Message]):
    author = serializers.SlugRelatedField[User](slug_field="username", read_only=True)
    text = serializers.CharField(max_length=2000)

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride]  # DRF's Meta inherits nothing
        model = Message
        fields = ("id", "kind", "author", "text", "created_at")
        read_only_fields = ("kind",)
