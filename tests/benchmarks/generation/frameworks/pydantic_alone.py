"""The floor: the classes of the messages, and the JSON Schema of each in the direction in which it travels."""

from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from tests.benchmarks.generation.service import Consumer


class FrameError(BaseModel):
    """Part of what chanx sends itself, which is in its document too."""

    type: str
    loc: list[str | int]
    msg: str


class Failure(BaseModel):
    detail: str
    code: str
    error_id: str | None = Field(default=None, exclude_if=lambda value: value is None)


class ErrorMessage(BaseModel):
    action: Literal["error"] = "error"
    payload: list[FrameError] | Failure | Any


class AuthenticationPayload(BaseModel):
    status_code: int
    status_text: str
    data: Any = None


class AuthenticationMessage(BaseModel):
    action: Literal["authentication"] = "authentication"
    payload: AuthenticationPayload


def source(consumer: "Consumer") -> str:
    received = ", ".join(exchange.received for exchange in consumer.exchanges)
    sent = ", ".join(exchange.sent for exchange in consumer.exchanges)
    return "\n\n".join(
        (consumer.models, consumer.messages("BaseModel"), f"RECEIVED = ({received})\nSENT = ({sent})\n"),
    )


def set_up() -> None:
    """Everything is imported already."""


def generate(modules: "Sequence[ModuleType]") -> Any:
    directions = (("RECEIVED", "validation"), ("SENT", "serialization"))
    messages: list[Any] = [
        (message, mode) for module in modules for name, mode in directions for message in getattr(module, name)
    ]
    system: list[Any] = [(message, "serialization") for message in (ErrorMessage, AuthenticationMessage)]
    return models_json_schema(messages + system)[1]


def messages(document: Any) -> int:
    return sum("action" in schema.get("properties", ()) for schema in document["$defs"].values()) - 2
