"""The frames of the protocol that chanx sends itself, byte by byte."""

import pytest

from chanx.messages.base import BaseMessage
from chanx.messages.outgoing import (
    ACTION_COMPLETE,
    GROUP_ACTION_COMPLETE,
    AuthenticationMessage,
    AuthenticationPayload,
    CompleteMessage,
    ErrorMessage,
    Failure,
    FrameError,
    GroupCompleteMessage,
    PongMessage,
)


@pytest.mark.parametrize(
    ("message", "frame"),
    [
        (PongMessage(), '{"action":"pong","payload":null}'),
        (CompleteMessage(), '{"action":"complete","payload":null}'),
        (GroupCompleteMessage(), '{"action":"group_complete","payload":null}'),
        (
            AuthenticationMessage(
                payload=AuthenticationPayload(status_code=200, status_text="OK", data={"detail": "OK"})
            ),
            '{"action":"authentication","payload":{"status_code":200,"status_text":"OK","data":{"detail":"OK"}}}',
        ),
        (
            ErrorMessage(
                payload=[FrameError(type="missing", loc=["new_chat", "payload", "chat_text"], msg="Field required")]
            ),
            '{"action":"error","payload":[{"type":"missing","loc":["new_chat","payload","chat_text"],'
            '"msg":"Field required"}]}',
        ),
        (
            ErrorMessage(payload=Failure(detail="It failed", code="handler_failed", error_id="1f")),
            '{"action":"error","payload":{"detail":"It failed","code":"handler_failed","error_id":"1f"}}',
        ),
        (ErrorMessage(payload=Failure(detail="d", code="c")), '{"action":"error","payload":{"detail":"d","code":"c"}}'),
        # An application of its own may answer so.
        (ErrorMessage(payload={"detail": "No"}), '{"action":"error","payload":{"detail":"No"}}'),
        (ErrorMessage(payload="No"), '{"action":"error","payload":"No"}'),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_frame_is_the_protocols(message: BaseMessage, frame: str) -> None:
    assert message.model_dump_json() == frame
    assert type(message).model_validate_json(frame) == message


def test_the_constants_are_the_actions() -> None:
    assert (ACTION_COMPLETE, GROUP_ACTION_COMPLETE) == ("complete", "group_complete")
    assert (CompleteMessage().action, GroupCompleteMessage().action) == (ACTION_COMPLETE, GROUP_ACTION_COMPLETE)
