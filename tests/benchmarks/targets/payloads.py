"""What the messages of all targets carry, and frames that clients send."""

import json
from typing import Final

from pydantic import BaseModel, Field


class Text(BaseModel):
    text: str = Field(max_length=100_000)
    tags: list[str] = []


class Address(BaseModel):
    street: str
    city: str
    postcode: str


class Line(BaseModel):
    sku: str
    quantity: int = Field(ge=1)
    price: float
    tags: list[str]
    attributes: dict[str, str]


class Order(BaseModel):
    """About 10 KB of JSON with :func:`order_frame`."""

    number: int
    customer: str
    ship_to: Address
    lines: list[Line]


def say_frame(text: str = "Hello, how are you today?") -> str:
    """A small message."""
    return json.dumps({"action": "say", "payload": {"text": text, "tags": ["a", "b"]}})


def order_frame() -> str:
    """A message of about 10 KB, nested."""
    lines = [
        {
            "sku": f"SKU-{number:05}",
            "quantity": number % 7 + 1,
            "price": number * 1.25,
            "tags": ["fragile", "express", f"batch-{number}"],
            "attributes": {"colour": "blue", "size": "XL", "origin": f"warehouse {number % 9}"},
        }
        for number in range(62)
    ]
    address = {"street": "1 High Street", "city": "Springfield", "postcode": "12345"}
    payload = {"number": 1, "customer": "Jane Doe", "ship_to": address, "lines": lines}
    return json.dumps({"action": "order", "payload": payload})


#: A message that is wrong in two places.
INVALID_FRAME: Final = json.dumps({"action": "say", "payload": {"text": 5, "tags": "none"}})
