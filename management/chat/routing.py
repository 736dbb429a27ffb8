"""The WebSocket routes of the chat, below the prefix that the project chooses."""

from chanx.routing import URLRouter, path
from chat.consumers import ChatConsumer

router = URLRouter([path("<int:pk>/", ChatConsumer, name="chat")])
