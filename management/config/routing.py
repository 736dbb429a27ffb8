"""Where the WebSocket services are: each application brings its own router."""

from channels.routing import URLRouter

from chanx.routing import include, path

router = URLRouter(
    [
        path("ws/chat/", include("chat.routing")),
        path("ws/assistant/", include("assistant.routing")),
        path("ws/notifications/", include("notifications.routing")),
    ]
)
