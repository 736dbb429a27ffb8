"""The WebSocket route of the assistant, below the prefix that the project chooses."""

from channels.routing import URLRouter

from assistant.consumers import AssistantConsumer
from chanx.routing import path

router = URLRouter([path("", AssistantConsumer, name="assistant")])
