"""Notifications in the REST API."""

from django.contrib.auth.models import User
from rest_framework import serializers

from notifications.models import Notification


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    recipient = serializers.SlugRelatedField(slug_field="username", queryset=User.objects.filter(is_active=True))

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride]  # DRF's Meta inherits nothing
        model = Notification
        fields = ("id", "recipient", "title", "text", "created_at", "read_at")
        read_only_fields = ("read_at",)
