"""What travels through ``/ws/assistant/``."""

from typing import Annotated, Literal, TypeAlias
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from chanx.messages.base import BaseChannelEvent, BaseMessage
from chanx.messages.incoming import PingMessage

Question = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=500),
    Field(description="Up to 500 characters.", examples=["How do I log in?"]),
]


class AskPayload(BaseModel):
    question: Question


class Ask(BaseMessage):
    """Asks something about this demo. The next question waits until this one is answered."""

    action: Literal["ask"] = "ask"
    payload: AskPayload


AssistantIncoming: TypeAlias = Ask | PingMessage


class ReadyPayload(BaseModel):
    session: UUID = Field(description="Names this connection: POST to `/api/assistant/{session}/stop/` to interrupt.")


class Ready(BaseMessage):
    """The assistant listens: the first message after authentication."""

    action: Literal["ready"] = "ready"
    payload: ReadyPayload


class TokenPayload(BaseModel):
    index: int = Field(ge=0, description="Position in the answer, from 0.")
    text: str = Field(description="To be appended to what came before.", examples=["Run "])


class Token(BaseMessage):
    """The next piece of an answer."""

    action: Literal["token"] = "token"
    payload: TokenPayload


class DonePayload(BaseModel):
    reason: Literal["complete", "stopped"]
    tokens: int = Field(ge=0, description="How many pieces were sent.")


class Done(BaseMessage):
    """The end of an answer."""

    action: Literal["done"] = "done"
    payload: DonePayload


class StopRequested(BaseChannelEvent):
    """The answer that is being given shall end."""

    handler: Literal["stop_requested"] = "stop_requested"
    payload: None = None
