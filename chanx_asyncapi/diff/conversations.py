"""Who sends which message over a channel: messages, operations and replies.

Messages are told apart by what is on the wire, operations by their messages. So a component, a message or an operation
with another name is not a thing gone and another one new.
"""

from collections.abc import Iterable
from typing import Final

from chanx_asyncapi.diff.changes import Phrase, Rule
from chanx_asyncapi.diff.comparison import SAME_WIRE, SAME_WIRE_OTHER_NAME, Comparison
from chanx_asyncapi.diff.inventory import Channel, Message, Operation
from chanx_asyncapi.diff.judgements import Opposites, breaking, safe, unknown
from chanx_asyncapi.diff.matching import Matching
from chanx_asyncapi.diff.messages import messages
from chanx_asyncapi.diff.operations import operations
from chanx_asyncapi.diff.schemas import Direction
from chanx_asyncapi.validation.tree import Where

_RECEIVE: Final = Opposites(
    added=safe("{clients} do not send it."),
    removed=breaking("{clients} may send it, and {server} refuses it."),
)
_SEND: Final = Opposites(
    added=unknown("{clients} do not know it: some pass over such messages, and some fail."),
    removed=breaking("{clients} may wait for it, and {server} never sends it."),
)

#: What is the same message in both documents has the same number.
Numbers = dict[int, int]


def conversations(comparison: Comparison, where: Where, old: Channel, new: Channel) -> None:
    """Compare what travels over two channels."""
    matching = _matched(old, new)
    numbers: Numbers = {}
    for number, pair in enumerate(matching.pairs):
        numbers.update((id(message), number) for message in pair)
    for number, message in enumerate((*matching.removed, *matching.added), len(matching.pairs)):
        numbers[id(message)] = number
    before, after = _exchanges(old, numbers), _exchanges(new, numbers)
    for key, exchange in before.items():
        if key not in after:
            _report(comparison, where, *exchange, added=False)
    for key, exchange in after.items():
        if key not in before:
            _report(comparison, where, *exchange, added=True)
    _unused(comparison, where, matching.removed, added=False)
    _unused(comparison, where, matching.added, added=True)
    for pair in matching.pairs:
        messages(comparison, where, *pair)
    _operations(comparison, where, old, new, numbers, before.keys() & after.keys())


def _matched(old: Channel, new: Channel) -> Matching[Message]:
    matching = Matching(old.messages.values(), new.messages.values())
    matching.by(lambda message: (message.tag, frozenset(message.directions)) if message.tag else None)
    matching.by(lambda message: message.tag or None)
    # The envelope may call the action something else now.
    matching.by(lambda message: frozenset(value for _, value in message.tag) or None)

    # A key or a name says something only where the wire says nothing.
    def fits(before: Message, after: Message) -> bool:
        return not (before.tag and after.tag)

    return matching.by(lambda message: message.key, fits=fits).by(lambda message: message.label, fits=fits)


_Key = tuple[str, int | None]


def _exchanges(channel: Channel, numbers: Numbers) -> dict[_Key, tuple[Operation, Message | None]]:
    """Each message that an operation of the channel receives or sends, and the first such operation."""
    found: dict[_Key, tuple[Operation, Message | None]] = {}
    for operation in channel.operations:
        for key, message in zip(_keys(operation, numbers), operation.messages or (None,), strict=True):
            found.setdefault(key, (operation, message))
    return found


def _keys(operation: Operation, numbers: Numbers) -> list[_Key]:
    messages: Iterable[Message | None] = operation.messages or (None,)
    return [(operation.action, None if message is None else numbers[id(message)]) for message in messages]


def _report(
    comparison: Comparison, where: Where, operation: Operation, message: Message | None, *, added: bool
) -> None:
    label = operation.key if message is None else message.label
    place = (*where, operation.action, label)
    if operation.direction is Direction.RECEIVED:
        meaning, does, rules = _RECEIVE, "receives", (Rule.RECEIVE_ADDED, Rule.RECEIVE_REMOVED)
    else:
        meaning, does, rules = _SEND, "sends", (Rule.SEND_ADDED, Rule.SEND_REMOVED)
    if added:
        comparison.add(rules[0], place, meaning.when_added(), Phrase.of(f"The server {does} {{}} now.", label))
    else:
        what = Phrase.of(f"The server no longer {does} {{}}.", label)
        comparison.add(rules[1], place, meaning.when_removed(), what)


def _unused(comparison: Comparison, where: Where, messages: list[Message], *, added: bool) -> None:
    for message in messages:
        if not message.directions:
            how = "new" if added else "gone"
            what = Phrase.of(f"The message {{}}, which no operation has, is {how}.", message.label)
            comparison.add(Rule.UNUSED_MESSAGE_CHANGED, (*where, "messages", message.label), SAME_WIRE, what)


def _operations(
    comparison: Comparison, where: Where, old: Channel, new: Channel, numbers: Numbers, common: Iterable[_Key]
) -> None:
    def keys(operation: Operation) -> tuple[_Key, ...]:
        return tuple(sorted(_keys(operation, numbers), key=str))

    matching = Matching(old.operations, new.operations)
    matching.by(lambda operation: (operation.key, keys(operation))).by(keys)
    matching.by(lambda operation: (operation.key, operation.action)).by(lambda operation: keys(operation)[:1])
    for before, after in matching.pairs:
        place = (*where, after.action, after.messages[0].label if after.messages else after.key)
        if before.key != after.key:
            what = Phrase.of("The operation {} is called {} now.", before.key, after.key)
            comparison.add(Rule.RENAMED, place, SAME_WIRE_OTHER_NAME, what)
        operations(comparison, place, (old, before), (new, after), numbers)
    known = {*common}
    for operation in (*matching.removed, *matching.added):
        # What no other operation receives or sends has been reported.
        if known.issuperset(_keys(operation, numbers)):
            how = "new" if operation in matching.added else "gone"
            what = Phrase.of(f"The operation {{}} is {how}; another one has its messages.", operation.key)
            place = (*where, operation.action, operation.key)
            comparison.add(Rule.OPERATION_REGROUPED, place, SAME_WIRE_OTHER_NAME, what)
