"""``operations``: one for each message that a channel receives, and for each that it sends of its own accord."""

from collections.abc import Iterator, Sequence

from chanx.registry import ConsumerSpec
from chanx_asyncapi.describe.conversations import Conversation, Direction, Frame, Received, Sent
from chanx_asyncapi.describe.names import reference
from chanx_asyncapi.describe.spec_fields import present
from chanx_asyncapi.describe.texts import summary
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import Operation, OperationReply, Reference


def describe_operations(
    channel: str, talk: Conversation, security: Sequence[Reference]
) -> Iterator[tuple[str, Operation]]:
    """Key and operation for everything that the server receives and sends over a channel."""
    here = reference("channels", channel)

    def messages(*frames: Frame) -> tuple[Reference, ...]:
        return tuple(reference("channels", channel, "messages", talk.keys[frame]) for frame in frames)

    def name(direction: Direction, frame: Frame) -> str:
        return f"{channel}.{'receive' if direction == 'received' else 'send'}.{talk.keys[frame]}"

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
                channel=here,
                summary=summary(received.description),
                description=received.description or f"Receives the message {_quoted(received.frame)}.",
                messages=messages(received.frame),
                reply=reply,
                **present(security=tuple(security)),
            ),
        )
    for sent in talk.sent:
        yield (
            name("sent", sent.frame),
            Operation(
                action="send",
                channel=here,
                summary=summary(sent.description),
                description=sent.description or f"Sends the message {_quoted(sent.frame)}.",
                messages=messages(sent.frame),
                **present(security=tuple(security)),
            ),
        )


def undescribed(where: Sequence[str], talk: Conversation) -> Iterator[Problem]:
    """A problem for each operation that no docstring describes."""
    operations: list[Received | Sent] = [*talk.received, *talk.sent]
    for each in operations:
        if each.description is None:
            yield Problem(
                code=Code.UNDESCRIBED_MESSAGE,
                where=(*where, talk.keys[each.frame]),
                text=f"no docstring says what the {each.frame.direction} message {_quoted(each.frame)} is for.",
                way_out=f"Write one for {each.frame.message.__name__}, or for its handler.",
            )


def undeclared(spec: ConsumerSpec) -> Iterator[Problem]:
    """A problem for a consumer that leaves open what it sends."""
    if not (spec.message_handlers or spec.declares_sent):
        yield Problem(
            code=Code.UNDECLARED_REPLIES,
            where=(spec.path,),
            text="nothing says what receive_message() sends, so the document knows of no reply.",
            way_out="Name the messages in outgoing_messages, or write a @handler for each received message.",
        )


def _quoted(frame: Frame) -> str:
    return " or ".join(map(repr, frame.message.discriminator_values()))
