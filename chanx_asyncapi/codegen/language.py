"""What a target language is to those who generate clients."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chanx_asyncapi.codegen.files import GeneratedFile
from chanx_asyncapi.codegen.model import Api, Channel, Sending


class OptionsError(Exception):
    """A client cannot be made as it is wanted; ``str()`` says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a client is wanted."""

    #: Name of a package to make of it; None: source files that become part of somebody's own.
    package: str | None = None
    #: The parts that are wanted besides the client itself, of those that the language has.
    extras: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """Code that uses a client for one operation, around the place where the payload goes."""

    #: Up to the payload.
    before: str
    #: The payload, as the language writes the message's example; empty when the message has none.
    payload: str
    #: From the payload on.
    after: str

    def __str__(self) -> str:
        return f"{self.before}{self.payload}{self.after}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """A target language."""

    #: As the command line calls it.
    name: str
    #: As people call it.
    title: str
    #: The files of a client, in the order of their paths. Raises OptionsError.
    render: Callable[[Api, Options], Sequence[GeneratedFile]]
    #: How to send one message over a channel.
    snippet: Callable[[Api, Channel, Sending], Snippet]
    #: The extras that it has, each with one line about it.
    extras: Mapping[str, str] = field(default_factory=dict[str, str])
