"""``components.messages``: a message for each frame, shared by all channels over which it travels."""

from typing import Final

from chanx_asyncapi.describe.conversations import Frame, message_name
from chanx_asyncapi.describe.names import reference
from chanx_asyncapi.describe.overridden import description_of, extensions_of, fields_of
from chanx_asyncapi.describe.schemas import FrameSchema
from chanx_asyncapi.describe.spec_fields import present
from chanx_asyncapi.describe.texts import summary
from chanx_asyncapi.overrides import override_of
from chanx_asyncapi.spec import CorrelationId, Message

_CORRELATIONS: Final = {
    "received": "Chosen by the client; what answers the message carries it.",
    "sent": "The id of the message that this one answers; absent when it answers none, or one without id.",
}


def describe_message(frame: Frame, schema: FrameSchema) -> Message:
    """The message that a frame is; described by its class."""
    override = override_of(frame.message)
    description = description_of(frame.message)
    return Message(
        name=message_name(frame.message),
        summary=override.summary or summary(description),
        description=description,
        content_type="application/json",
        correlation_id=_correlation_id(frame, schema),
        payload={"$ref": reference("components", "schemas", schema.key).ref},
        extensions=extensions_of(override, deprecated=schema.deprecated),
        **{"title": schema.title, **fields_of(override, override.tags)},
        **present(examples=schema.examples),
    )


def _correlation_id(frame: Frame, schema: FrameSchema) -> CorrelationId | None:
    if schema.correlation_key is None:
        return None
    return CorrelationId(
        location=f"$message.payload#/{schema.correlation_key}",
        description=_CORRELATIONS[frame.direction],
    )
