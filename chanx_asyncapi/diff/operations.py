"""Two operations with the same messages: who may use them, and what answers."""

from collections.abc import Mapping
from typing import Final

from chanx_asyncapi.diff.bindings import bindings
from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.comparison import NOBODY_KNOWS, Comparison
from chanx_asyncapi.diff.inventory import Channel, Message, Operation, Reply
from chanx_asyncapi.diff.judgements import Opposites, both, breaking, unknown
from chanx_asyncapi.diff.security import security
from chanx_asyncapi.json_values import same
from chanx_asyncapi.validation.tree import Where

_REPLY: Final = Opposites(
    added=unknown("{server} answers, and {clients} wait for no answer."),
    removed=breaking("{clients} may wait for an answer, and {server} gives none."),
)
_REPLY_MESSAGE: Final = Opposites(
    added=breaking("{server} may answer with it, and {clients} do not expect it."),
    removed=unknown("{clients} know all answers that {server} gives, but this one never comes."),
)
_ELSEWHERE: Final = both(breaking("{clients} wait for the answer in another place than {server} sends it to."))
_STREAM: Final = both(breaking("{clients} wait for one answer where {server} sends several, or the reverse."))

_COMPARED: Final = ("action", "channel", "messages", "reply", "security", "bindings", "x-stream")


def operations(
    comparison: Comparison,
    where: Where,
    old: tuple[Channel, Operation],
    new: tuple[Channel, Operation],
    numbers: Mapping[int, int],
) -> None:
    """Compare two operations.

    :param old: the operation and the channel that it is on; so is ``new``.
    :param numbers: of messages, by their ``id``: the same message of both documents has the same number.
    """
    before, after = old[1], new[1]
    comparison.fields(where, before.value, after.value, compared=_COMPARED)
    optional = old[0].value.get("x-security-optional") is True, new[0].value.get("x-security-optional") is True
    security(comparison, where, before.value, after.value, optional=optional)
    bindings(comparison, where, before.value, after.value)
    first, second = before.value.get("x-stream", False), after.value.get("x-stream", False)
    if not same(first, second):
        what = changed("x-stream", before.value, after.value)
        comparison.add(Rule.STREAM_CHANGED, (*where, "x-stream"), _STREAM, what)
    _replies(comparison, (*where, "reply"), before.reply, after.reply, numbers)


def _replies(
    comparison: Comparison, where: Where, old: Reply | None, new: Reply | None, numbers: Mapping[int, int]
) -> None:
    if old is None and new is not None:
        what = Phrase.of("There is a reply now: {}.", [message.label for message in new.messages])
        comparison.add(Rule.REPLY_ADDED, where, _REPLY.when_added(), what)
    elif old is not None and new is None:
        what = Phrase.of("There is no reply any more; it was {}.", [message.label for message in old.messages])
        comparison.add(Rule.REPLY_REMOVED, where, _REPLY.when_removed(), what)
    elif old is not None and new is not None:
        _reply(comparison, where, old, new, numbers)


def _reply(comparison: Comparison, where: Where, old: Reply, new: Reply, numbers: Mapping[int, int]) -> None:
    comparison.fields(where, old.value, new.value, compared=("channel", "messages", "address"))
    if old.channel.label != new.channel.label and old.channel.key != new.channel.key:
        what = Phrase.of("Replies came over {} and come over {}.", old.channel.label, new.channel.label)
        comparison.add(Rule.REPLY_PLACE_CHANGED, (*where, "channel"), _ELSEWHERE, what)
    if not same(old.lost, new.lost):
        what = changed("channel", old.value, new.value)
        comparison.add(Rule.REFERENCE_CHANGED, (*where, "channel"), NOBODY_KNOWS, what)
    before, after = comparison.old.object(old.value.get("address")), comparison.new.object(new.value.get("address"))
    comparison.fields((*where, "address"), before, after, compared=("location",))
    if not same(before.get("location"), after.get("location")):
        what = changed("address", old.value, new.value)
        comparison.add(Rule.REPLY_PLACE_CHANGED, (*where, "address"), _ELSEWHERE, what)

    # Messages of another channel have no numbers.
    is_here = all(id(message) in numbers for message in (*old.messages, *new.messages))

    def keys(messages: list[Message]) -> dict[object, Message]:
        return {numbers[id(message)] if is_here else message.label: message for message in messages}

    first, second = keys(old.messages), keys(new.messages)
    for key in first:
        if key not in second:
            what = Phrase.of("The answer {} is gone.", first[key].label)
            comparison.add(Rule.REPLY_MESSAGE_REMOVED, where, _REPLY_MESSAGE.when_removed(), what)
    for key in second:
        if key not in first:
            what = Phrase.of("The answer {} is new.", second[key].label)
            comparison.add(Rule.REPLY_MESSAGE_ADDED, where, _REPLY_MESSAGE.when_added(), what)
