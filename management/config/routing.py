"""Where the WebSocket services are: each application brings its own router."""

from chanx.routing import URLRouter, include, path

router = URLRouter(
    [
        path("ws/chat/", include("chat.routing")),
        path("ws/assistant/", include("assistant.routing")),
        path("ws/notifications/", include("notifications.routing")),
    ]
)
