"""Whether what one side writes is what the other side reads, and what that means for who writes.

A schema may travel in either direction, so comparing two of them says only how the values of the one fit the other one.
Two words: the *writer* follows the one schema, the *reader* the other one.
"""

from dataclasses import dataclass
from enum import Enum

from chanx_asyncapi.diff.changes import Phrase, Rule
from chanx_asyncapi.diff.judgements import Judgement, Sides, breaking, either, safe, unknown
from chanx_asyncapi.validation.tree import Where


class Fit(Enum):
    """How the writer's values fit the reader: a judgement where clients write, and one where the server writes."""

    #: The values are the same; only what people and generators see is not.
    UNCHANGED = (safe("the same values travel."), safe("the same values travel."))
    #: The reader's schema allows all that the writer's does.
    ACCEPTED = (
        safe("{server} accepts all that {clients} send."),
        safe("{clients} know all that {server} sends."),
    )
    #: It does not.
    REFUSED = (
        breaking("{server} refuses some of what {clients} may send."),
        breaking("{server} may send what {clients} do not know."),
    )
    #: Nobody can tell.
    UNDECIDED = (
        unknown("whether {server} accepts all that {clients} send cannot be told from the documents."),
        unknown("whether {clients} know all that {server} sends cannot be told from the documents."),
    )
    #: The writer writes a key that the reader does not know, and that the reader's schema lets pass.
    IGNORED = (
        unknown("{server} ignores it where {clients} send it, so it no longer does what it is for."),
        safe("{clients} ignore it."),
    )
    #: The writer writes a key that the reader's schema refuses.
    UNDECLARED = (
        breaking("{clients} may send a key that {server} does not know and refuses."),
        breaking("{server} may send a key that {clients} do not know and may refuse."),
    )
    #: The writer does not know a key that the reader requires.
    MISSING = (
        breaking("{clients} do not send it, and {server} demands it."),
        breaking("{server} does not send it, and {clients} rely on it."),
    )
    #: The writer may leave out a key that the reader requires.
    MAY_BE_MISSING = (
        breaking("{clients} may leave it out, and {server} demands it."),
        breaking("{server} may leave it out, and {clients} rely on it."),
    )
    #: The writer does not know a key that the reader can do without.
    LEFT_OUT = (
        safe("{server} does without it."),
        unknown("{clients} can do without it, but {server} never sends it."),
    )
    #: The writer leaves a value out, and the reader assumes another one than was meant.
    ASSUMED = (
        unknown("where {clients} leave it out, {server} assumes another value than they know of."),
        unknown("where {server} leaves it out, {clients} assume another value than it means."),
    )

    @property
    def from_client(self) -> Judgement:
        return self.value[0]

    @property
    def from_server(self) -> Judgement:
        return self.value[1]


class Direction(Enum):
    """Who sends a schema's values, seen from the server."""

    RECEIVED = "received"
    SENT = "sent"
    #: No operation says so.
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class LocalChange:
    """A change at one place of two schemas."""

    rule: Rule
    #: From the schemas to the place.
    steps: Where
    what: Phrase
    #: How what the old schema allows fits the new one.
    forth: Fit
    #: How what the new schema allows fits the old one.
    back: Fit

    def sides(self, direction: Direction) -> Sides:
        """What the change means for existing clients, and for the old server."""
        # Existing clients write by the old schema and read what is written by the new one; the old server reads by the
        # old one what new clients write.
        received = self.forth.from_client, self.back.from_client
        sent = self.back.from_server, self.forth.from_server
        match direction:
            case Direction.RECEIVED:
                return received
            case Direction.SENT:
                return sent
            case Direction.EITHER:
                return either(received[0], sent[0]), either(received[1], sent[1])
