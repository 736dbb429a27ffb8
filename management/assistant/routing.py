"""The WebSocket route of the assistant, below the prefix that the project chooses."""

from assistant.consumers import AssistantConsumer
from chanx.routing import URLRouter, path

router = URLRouter([path("", AssistantConsumer, name="assistant")])
