"""Rooms and their messages."""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db import models


class Room(models.Model):
    """A place where its members talk."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(unique=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="owned_rooms")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="rooms", blank=True)
    slow_mode_seconds = models.PositiveSmallIntegerField(
        default=0, help_text="How long a member waits between two messages; 0 for not at all."
    )

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def group_name(self) -> str:
        """The group of everybody who is connected to the room: the consumer joins it, views send to it."""
        return f"chat.room.{self.pk}"

    def has_member(self, user: AbstractBaseUser | AnonymousUser) -> bool:
        """Whether the user may enter. Asks the database."""
        return user.pk is not None and self.members.filter(pk=user.pk).exists()


class Message(models.Model):
    """Something that was written in a room."""

    class Kind(models.TextChoices):
        MESSAGE = "message"
        ANNOUNCEMENT = "announcement"

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="messages")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.MESSAGE)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("room", "-id"), name="chat_message_history"),)

    def __str__(self) -> str:
        return f"{self.author}: {self.text[:40]}"
