"""Examples of chanx's own messages: the same for every service, and they say more than a schema can give away."""

from collections.abc import Mapping
from typing import Final

from chanx.messages.base import BaseMessage
from chanx.messages.outgoing import (
    AuthenticationMessage,
    AuthenticationPayload,
    ErrorMessage,
    Failure,
    FrameError,
)
from chanx_asyncapi.describe.example_forms import Given

SYSTEM_EXAMPLES: Final[Mapping[type[BaseMessage], tuple[Given, ...]]] = {
    AuthenticationMessage: (
        Given(
            name="accepted",
            summary="The client was let in.",
            value=AuthenticationMessage(
                payload=AuthenticationPayload(status_code=200, status_text="OK", data={"detail": "OK"})
            ),
        ),
        Given(
            name="refused",
            summary="The client was not let in. The server closes the connection next.",
            value=AuthenticationMessage(
                payload=AuthenticationPayload(
                    status_code=401,
                    status_text="Unauthorized",
                    data={"detail": "Authentication credentials were not provided."},
                )
            ),
        ),
    ),
    ErrorMessage: (
        Given(
            name="refused",
            summary="A frame was refused: what is wrong with it, and where.",
            value=ErrorMessage(
                payload=[FrameError(type="missing", loc=["say", "payload", "text"], msg="Field required")]
            ),
        ),
        Given(
            name="failed",
            summary="The handler of a frame failed. The error id finds the traceback in the server's log.",
            value=ErrorMessage(
                payload=Failure(
                    detail="Failed to process message",
                    code="handler_failed",
                    error_id="5f0c1e3b8f7a4d2c9b6e1a3d5c7f9e0b",
                )
            ),
        ),
        Given(
            name="throttled",
            summary="A frame was not handled because there were too many. The client may go on after so many seconds.",
            value=ErrorMessage(payload=Failure(detail="Too many frames", code="throttled", retry_after=1)),
        ),
    ),
}
