"""The REST API of the notifications."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics
from rest_framework.throttling import BaseThrottle, UserRateThrottle

from notifications.models import Notification
from notifications.serializers import NotificationSerializer


class NotifyThrottle(UserRateThrottle):
    """How many notifications one user may send."""

    scope = "notify"


@extend_schema(tags=["notifications"])
@extend_schema_view(post=extend_schema(description="Notifies a user, on each of that user's connections."))
class NotificationListView(generics.ListCreateAPIView[Notification]):
    """The notifications of the user, newest first."""

    queryset = Notification.objects.select_related("recipient")
    serializer_class = NotificationSerializer

    def get_queryset(self) -> QuerySet[Notification]:
        return super().get_queryset().filter(recipient=self.request.user.pk)

    def get_throttles(self) -> list[BaseThrottle]:
        return [NotifyThrottle()] if self.request.method == "POST" else []
