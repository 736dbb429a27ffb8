"""What a comparison finds: one change, where it is, and what it means for either side."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from chanx_asyncapi.diff.judgements import Level, Verdict
from chanx_asyncapi.json_values import shown
from chanx_asyncapi.problems import one_line
from chanx_asyncapi.validation.tree import Where

#: A name that needs no quotes.
_PLAIN: Final = re.compile(r"[\w$-]{1,40}", re.ASCII)


class Rule(StrEnum):
    """Every kind of change, with its meaning above it. A name is stable: it never gets another meaning."""

    #: A text for people, an example or a label is another one.
    TEXT_CHANGED = "text-changed"
    #: Something is deprecated now, or is no longer.
    DEPRECATION_CHANGED = "deprecation-changed"
    #: A field that the specification does not know, or that does not concern WebSockets.
    FIELD_CHANGED = "field-changed"
    #: A component that nothing refers to.
    UNUSED_COMPONENT_CHANGED = "unused-component-changed"
    #: A key that generators make a name of: of a server, channel, message, operation, parameter or component.
    RENAMED = "renamed"

    SERVER_ADDED = "server-added"
    SERVER_REMOVED = "server-removed"
    #: The host, protocol or path of a server.
    SERVER_CHANGED = "server-changed"
    CHANNEL_ADDED = "channel-added"
    CHANNEL_REMOVED = "channel-removed"
    ADDRESS_CHANGED = "address-changed"
    #: The method of the handshake, or a binding of another protocol.
    BINDING_CHANGED = "binding-changed"

    #: A message that the server receives.
    RECEIVE_ADDED = "receive-added"
    RECEIVE_REMOVED = "receive-removed"
    #: A message that the server sends.
    SEND_ADDED = "send-added"
    SEND_REMOVED = "send-removed"
    #: A message of a channel that no operation names.
    UNUSED_MESSAGE_CHANGED = "unused-message-changed"
    #: What was one operation is several, or the reverse; the same messages travel.
    OPERATION_REGROUPED = "operation-regrouped"
    REPLY_ADDED = "reply-added"
    REPLY_REMOVED = "reply-removed"
    #: One message among those that may answer.
    REPLY_MESSAGE_ADDED = "reply-message-added"
    REPLY_MESSAGE_REMOVED = "reply-message-removed"
    #: The channel or the address that replies come over.
    REPLY_PLACE_CHANGED = "reply-place-changed"
    #: One frame answers, or a stream of them (``x-stream``).
    STREAM_CHANGED = "stream-changed"
    CORRELATION_ADDED = "correlation-added"
    CORRELATION_REMOVED = "correlation-removed"
    CORRELATION_CHANGED = "correlation-changed"
    CONTENT_TYPE_CHANGED = "content-type-changed"

    #: Credentials are demanded where none were.
    SECURITY_DEMANDED = "security-demanded"
    SECURITY_DROPPED = "security-dropped"
    #: One way to authenticate among others.
    SECURITY_ADDED = "security-added"
    SECURITY_REMOVED = "security-removed"
    #: How a security scheme works.
    SECURITY_CHANGED = "security-changed"
    SCOPE_ADDED = "scope-added"
    SCOPE_REMOVED = "scope-removed"
    PERMISSION_ADDED = "permission-added"
    PERMISSION_REMOVED = "permission-removed"

    #: A key of the envelope (``x-envelope``).
    ENVELOPE_CHANGED = "envelope-changed"
    CLOSE_CODE_ADDED = "close-code-added"
    CLOSE_CODE_REMOVED = "close-code-removed"
    #: What a client may do after a close code.
    CLOSE_CODE_CHANGED = "close-code-changed"

    PROPERTY_ADDED = "property-added"
    PROPERTY_REMOVED = "property-removed"
    PROPERTY_REQUIRED = "property-required"
    PROPERTY_OPTIONAL = "property-optional"
    #: Which keys an object may have besides those that it declares.
    ADDITIONAL_CHANGED = "additional-changed"
    TYPE_CHANGED = "type-changed"
    #: ``enum`` and ``const``.
    VALUES_CHANGED = "values-changed"
    #: A lower or upper bound, ``multipleOf`` or ``uniqueItems``.
    LIMIT_CHANGED = "limit-changed"
    PATTERN_CHANGED = "pattern-changed"
    FORMAT_CHANGED = "format-changed"
    ENCODING_CHANGED = "encoding-changed"
    DEFAULT_CHANGED = "default-changed"
    #: One of ``anyOf`` or ``oneOf``.
    ALTERNATIVE_ADDED = "alternative-added"
    ALTERNATIVE_REMOVED = "alternative-removed"
    #: ``oneOf`` has changed, and a value may fit two of its alternatives.
    ALTERNATIVES_OVERLAP = "alternatives-overlap"
    DISCRIMINATOR_CHANGED = "discriminator-changed"
    #: One of ``allOf``.
    PART_ADDED = "part-added"
    PART_REMOVED = "part-removed"
    #: ``not``, ``if``, ``dependencies`` and what else cannot be compared part by part.
    CONDITION_CHANGED = "condition-changed"
    #: A schema that allows nothing (``false``), or no longer does; an item of an array that has no schema.
    SCHEMA_CHANGED = "schema-changed"
    #: A reference that leads out of the document, or nowhere.
    REFERENCE_CHANGED = "reference-changed"
    #: There is more to compare than is compared.
    TOO_LARGE = "too-large"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence, its values from the documents kept apart: each output escapes them its own way."""

    #: Ours, with a place ``{}`` for each value.
    template: str
    values: tuple[str, ...] = ()

    @classmethod
    def of(cls, template: str, *values: Any) -> "Phrase":
        """A phrase about JSON values."""
        return cls(template, tuple(map(shown, values)))

    def __str__(self) -> str:
        return one_line(self.template.format(*self.values))


def changed(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Phrase:
    """That the field ``name`` of an object is new, gone, or another one."""
    called = name if _PLAIN.fullmatch(name) else shown(name)
    if name not in old:
        return Phrase("{} is new: {}.", (called, shown(new.get(name))))
    if name not in new:
        return Phrase("{} is gone; it was {}.", (called, shown(old[name])))
    return Phrase("{} was {} and is {}.", (called, shown(old[name]), shown(new[name])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference between two documents."""

    rule: Rule
    #: The way to it, outermost first: ``("channels", "/ws/chat/", "receive", "ask", "payload", "text")``.
    where: Where
    #: Other places that the same change has effect in, because they share what has changed.
    also: tuple[Where, ...] = ()
    #: The key of the innermost component that the change is in.
    component: str | None = None
    what: Phrase
    #: For existing clients of the new server.
    client: Verdict
    #: For the old server and new clients.
    server: Verdict

    @property
    def level(self) -> Level:
        """The class of the change: what it means to the clients that exist."""
        return self.client.level
