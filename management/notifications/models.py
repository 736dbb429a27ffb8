"""What a user should know."""

from django.conf import settings
from django.db import models


class Notification(models.Model):
    """A note to one user. Saving a new one sends it to every connection of that user (see ``signals``)."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("recipient",), condition=models.Q(read_at=None), name="notification_unread"),)

    def __str__(self) -> str:
        return self.title
