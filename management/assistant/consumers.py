"""The WebSocket of the assistant: one question, an answer of many messages."""

import asyncio
import uuid
from collections.abc import AsyncIterator

from django.conf import settings
from rest_framework.permissions import AllowAny

from assistant.answers import answer, tokens
from assistant.messages import (
    Ask,
    AssistantIncoming,
    Done,
    DonePayload,
    Ready,
    ReadyPayload,
    StopRequested,
    Token,
    TokenPayload,
)
from assistant.throttling import ConnectThrottle
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer


class AssistantConsumer(AsyncJsonWebsocketConsumer[AssistantIncoming, StopRequested]):
    """Ask about this demo, and read the answer while it is being given.

    Open to everybody, but not too often in a minute.
    """

    permission_classes = (AllowAny,)
    throttle_classes = (ConnectThrottle,)
    outgoing_messages = (Ready,)

    _stop_requested = False

    @staticmethod
    def group_of(session: uuid.UUID) -> str:
        """The group of one connection: how a view that knows the session reaches it, in whatever process it is."""
        return f"assistant.{session}"

    async def build_groups(self) -> list[str]:
        self._session = uuid.uuid4()
        return [self.group_of(self._session)]

    async def post_authentication(self) -> None:
        await self.send_message(Ready(payload=ReadyPayload(session=self._session)))

    @handler
    async def ask(self, message: Ask) -> AsyncIterator[Token | Done]:
        """Answers piece by piece. When the client disconnects, this is cancelled where it stands."""
        self._stop_requested = False
        sent = 0
        for text in tokens(answer(message.payload.question)):
            await asyncio.sleep(settings.ASSISTANT_TOKEN_DELAY)
            if self._stop_requested:
                break
            yield Token(payload=TokenPayload(index=sent, text=text))
            sent += 1
        yield Done(payload=DonePayload(reason="stopped" if self._stop_requested else "complete", tokens=sent))

    @handler
    async def stop_requested(self, event: StopRequested) -> None:
        """Ends the answer. Channel events do not wait for the message that is being handled, messages do."""
        self._stop_requested = True
