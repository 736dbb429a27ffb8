"""The WebSocket route of the notifications, below the prefix that the project chooses."""

from chanx.routing import URLRouter, path
from notifications.consumers import NotificationsConsumer

router = URLRouter([path("", NotificationsConsumer, name="notifications")])
