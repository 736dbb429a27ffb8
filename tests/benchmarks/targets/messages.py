"""The messages of the targets that call pydantic by hand; chanx and its peer have base classes of their own."""

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from tests.benchmarks.targets.payloads import Order, Text


class Say(BaseModel):
    action: Literal["say"] = "say"
    payload: Text


class Said(BaseModel):
    action: Literal["said"] = "said"
    payload: Text


class Place(BaseModel):
    action: Literal["order"] = "order"
    payload: Order


class Placed(BaseModel):
    action: Literal["ordered"] = "ordered"
    payload: Order


class Posted(BaseModel):
    action: Literal["posted"] = "posted"
    payload: Text


class Refusal(BaseModel):
    action: Literal["error"] = "error"
    payload: list[dict[str, Any]]


RECEIVED: Final[TypeAdapter[Say | Place]] = TypeAdapter(Annotated[Say | Place, Field(discriminator="action")])


def answer(message: Say | Place) -> Said | Placed:
    """The echo of a message."""
    return Said(payload=message.payload) if isinstance(message, Say) else Placed(payload=message.payload)


def refusal(error: ValidationError) -> Refusal:
    """What a client is told of a message that is not valid."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return Refusal(payload=[{"type": each["type"], "loc": each["loc"], "msg": each["msg"]} for each in details])
