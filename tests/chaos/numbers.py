"""What the messages of the service hold."""

from pydantic import BaseModel


class Number(BaseModel):
    number: int
