"""The type parameters of consumers."""

from django.db.models import Model
from typing_extensions import TypeVar

from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage

IC = TypeVar("IC", bound=BaseMessage)
Event = TypeVar("Event", bound=BaseChannelEvent | None, default=None)
OG = TypeVar("OG", bound=BaseGroupMessage | None, default=None)
M = TypeVar("M", bound=Model | None, default=None)
