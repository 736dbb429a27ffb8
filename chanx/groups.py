"""What travels through the channel layer: group messages and channel events, as plain JSON-ready dictionaries."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any, Generic, TypeVar, cast

from django.utils.crypto import salted_hmac
from pydantic import BaseModel
from pydantic_core import SchemaValidator, to_json, to_jsonable_python

from chanx.messages.base import BaseChannelEvent
from chanx.messages.serialized import made_by_serializers
from chanx.types import EventPayload, GroupMemberEvent, GroupMessageKind
from chanx.wire_format import WireFormat, union_validator

Model = TypeVar("Model", bound=BaseModel)


class LayerUnion(Generic[Model]):
    """The classes that one consumer takes from the layer, told apart by the key ``discriminator``.

    Content travels in Python names, whatever the wire format of clients is.
    """

    def __init__(self, models: Mapping[str, type[Model]], discriminator: str) -> None:
        self._models = models
        self._discriminator = discriminator

    @cached_property
    def _validator(self) -> SchemaValidator:
        return union_validator(self._models, self._discriminator)

    def validate(self, content: Mapping[str, Any]) -> Model:
        """The model that ``content`` is; raises pydantic's ValidationError when it is none of them."""
        # As JSON, because that is what it was: strict models take a UUID from text, but not from a Python str.
        # By name, because that is how it travels; by alias too, for dictionaries that an application has written.
        with made_by_serializers():
            return cast("Model", self._validator.validate_json(to_json(content), by_name=True, by_alias=True))


def layer_content(model: BaseModel, *, exclude: set[str] | None = None) -> dict[str, Any]:
    """A message or event as it travels: by name and without computed fields, so that every model arrives.

    An alias may differ between the directions, and a model that forbids other keys does not take what it computes.
    """
    return model.model_dump(mode="json", by_alias=False, round_trip=True, exclude=exclude)


def member_event(
    content: Mapping[str, Any],
    *,
    kind: GroupMessageKind,
    exclude_current: bool,
    from_channel: str,
    from_user_pk: str | None,
) -> GroupMemberEvent:
    """The layer event of a group message; ``content`` may hold anything that pydantic can turn into JSON."""
    return GroupMemberEvent(
        type="send_group_member",
        content=to_jsonable_python(content),
        kind=kind,
        exclude_current=exclude_current,
        from_channel=from_channel,
        from_user_pk=from_user_pk,
    )


@lru_cache(maxsize=4096)
def group_id(group: str) -> str:
    """The id by which clients know a group: it says nothing about its name, and stays the same as long as SECRET_KEY
    does."""
    digest = salted_hmac("chanx.group", group, algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:15]).decode()


def place_of(event: Mapping[str, Any], wire: WireFormat) -> str:
    """Where a group message is in the history of its group, as the end of its text frame; empty without a history."""
    if "group" not in event:
        return ""
    keys = {wire.key("group"): event["group"], wire.key("seq"): event["seq"]}
    return f",{to_json(keys).decode()[1:]}"


def with_place(text: str, place: str) -> str:
    """A text frame, which is a JSON object that is not empty, with what :func:`place_of` has told."""
    return text[:-1] + place if place else text


def event_payload(event: BaseChannelEvent) -> EventPayload:
    """The layer event of a channel event."""
    return EventPayload(type="handle_channel_event", event_data=layer_content(event))
