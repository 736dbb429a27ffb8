"""The WebSocket routes of the chat, below the prefix that the project chooses."""

from channels.routing import URLRouter

from chanx.routing import path
from chat.consumers import ChatConsumer

router = URLRouter([path("<int:pk>/", ChatConsumer, name="chat")])
