"""``operations``: one for each message that a channel receives, and for each that it sends of its own accord."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chanx.registry import ConsumerSpec
from chanx_asyncapi.describe.conversations import Conversation, Direction, Frame, Received, Sent
from chanx_asyncapi.describe.names import class_path, reference
from chanx_asyncapi.describe.overridden import General, extensions_of, fields_of
from chanx_asyncapi.describe.schemas import FrameSchema
from chanx_asyncapi.describe.spec_fields import present
from chanx_asyncapi.describe.texts import summary
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import Operation, OperationReply, Reference


def describe_operations(
    channel: str,
    talk: Conversation,
    schemas: Mapping[Frame, FrameSchema],
    security: Sequence[Reference],
    general: General,
) -> Iterator[tuple[str, Operation]]:
    """Key and operation for everything that the server receives and sends over a channel."""
    here = reference("channels", channel)

    def messages(*frames: Frame) -> tuple[Reference, ...]:
        return tuple(reference("channels", channel, "messages", talk.keys[frame]) for frame in frames)

    def name(direction: Direction, frame: Frame) -> str:
        return f"{channel}.{'receive' if direction == 'received' else 'send'}.{talk.keys[frame]}"

    def common(each: Received | Sent) -> dict[str, Any]:
        override = each.override
        deprecated = override.deprecated
        if deprecated is None:
            deprecated = general.deprecated or each.deprecated or schemas[each.frame].deprecated
        return {
            "channel": here,
            "summary": override.summary or summary(each.description),
            "messages": messages(each.frame),
            "extensions": {**_deduplication(each), **extensions_of(override, deprecated=deprecated)},
            **fields_of(override, general.tags if override.tags is None else override.tags),
            **present(security=tuple(security)),
        }

    for received in talk.received:
        reply = OperationReply(
            channel=here,
            messages=messages(*received.replies),
            extensions={"x-stream": True} if received.streams else {},
        )
        yield (
            name("received", received.frame),
            Operation(
                action="receive",
                description=received.description or f"Receives the message {_quoted(received.frame)}.",
                reply=reply,
                **common(received),
            ),
        )
    for sent in talk.sent:
        yield (
            name("sent", sent.frame),
            Operation(
                action="send",
                description=sent.description or f"Sends the message {_quoted(sent.frame)}.",
                **common(sent),
            ),
        )


def undescribed(spec: ConsumerSpec, talk: Conversation) -> Iterator[Problem]:
    """A problem for each operation that no docstring describes."""
    operations: list[Received | Sent] = [*talk.received, *talk.sent]
    for each in operations:
        if each.description is None:
            yield Problem(
                code=Code.UNDESCRIBED_MESSAGE,
                where=("routing", class_path(spec.consumer), talk.keys[each.frame]),
                text=f"no docstring says what the {each.frame.direction} message {_quoted(each.frame)} is for.",
                way_out=f"Write one for {each.frame.message.__name__}, or for its handler.",
            )


def undeclared(spec: ConsumerSpec) -> Iterator[Problem]:
    """A problem for a consumer that leaves open what it sends."""
    if not (spec.message_handlers or spec.declares_sent):
        yield Problem(
            code=Code.UNDECLARED_REPLIES,
            where=("routing", class_path(spec.consumer)),
            text="nothing says what receive_message() sends, so the document knows of no reply.",
            way_out="Name the messages in outgoing_messages, or write a @handler for each received message.",
        )


def _deduplication(each: Received | Sent) -> dict[str, Any]:
    """How a client says that it sends a message again, where that is safe."""
    if isinstance(each, Sent) or each.repeatable_for is None:
        return {}
    return {"x-deduplication": {"window": each.repeatable_for}}


def _quoted(frame: Frame) -> str:
    return " or ".join(map(repr, frame.message.discriminator_values()))
