"""The WebSocket route of the notifications, below the prefix that the project chooses."""

from channels.routing import URLRouter

from chanx.routing import path
from notifications.consumers import NotificationsConsumer

router = URLRouter([path("", NotificationsConsumer, name="notifications")])
