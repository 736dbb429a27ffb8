"""The REST routes of the notifications."""

from django.urls import path

from notifications.views import NotificationListView

urlpatterns = [path("notifications/", NotificationListView.as_view(), name="notification-list")]
