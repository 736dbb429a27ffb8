"""Messages that chanx itself sends."""

from typing import Any, Final, Literal

from pydantic import BaseModel, Field

from chanx.messages.base import BaseMessage

#: ``action`` of the frame that ends the handling of a received message or channel event.
ACTION_COMPLETE: Final = "complete"
#: ``action`` of the frame that ends the relaying of a group message.
GROUP_ACTION_COMPLETE: Final = "group_complete"


class PongMessage(BaseMessage):
    """Answers a ping."""

    action: Literal["pong"] = "pong"
    payload: None = None


class FrameError(BaseModel):
    """One thing that is wrong with a received frame; never holds a value that the client sent."""

    #: Stable code: one of chanx's, pydantic's error type, or the code of a DRF serializer's error.
    type: str
    #: Where: keys and indexes that lead to the wrong value, beginning with the action.
    loc: list[str | int]
    #: A sentence for developers.
    msg: str


class Failure(BaseModel):
    """A frame was not handled, or not to the end, for a reason that does not lie in the frame."""

    detail: str
    #: Stable code.
    code: str
    #: Finds the traceback in the server's log.
    error_id: str | None = Field(default=None, exclude_if=lambda value: value is None)
    #: Seconds after which the client may go on, where there were too many frames.
    retry_after: int | None = Field(default=None, exclude_if=lambda value: value is None)


class ErrorMessage(BaseMessage):
    """Tells that a frame was refused (a list of errors), or that handling it failed (a failure).

    A handler that sends one itself may put anything else into the payload.
    """

    action: Literal["error"] = "error"
    payload: list[FrameError] | Failure | Any


class AuthenticationPayload(BaseModel):
    """How authentication ended, in the words of HTTP."""

    status_code: int
    status_text: str
    data: Any = None


class AuthenticationMessage(BaseMessage):
    """The first frame of a connection: whether the client was let in."""

    action: Literal["authentication"] = "authentication"
    payload: AuthenticationPayload


class CompleteMessage(BaseMessage):
    """Ends the handling of a received message or of a channel event, where completion frames are switched on."""

    action: Literal["complete"] = ACTION_COMPLETE
    payload: None = None


class GroupCompleteMessage(BaseMessage):
    """Ends the relaying of a group message, where completion frames are switched on."""

    action: Literal["group_complete"] = GROUP_ACTION_COMPLETE
    payload: None = None
