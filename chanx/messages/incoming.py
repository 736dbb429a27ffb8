"""Messages that clients send, ready for use in a consumer's IC parameter."""

from typing import Literal

from chanx.messages.base import BaseMessage


class PingMessage(BaseMessage):
    """Asks whether the connection works; the answer is a pong."""

    action: Literal["ping"] = "ping"
    payload: None = None


#: What a consumer receives that has nothing of its own to receive yet.
IncomingMessage = PingMessage
