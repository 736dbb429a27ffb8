"""Findings: what is wrong with a service's description or with a document, where, and the way out.

A code is stable: it never gets another meaning, so a project can search for it and silence it. ``E`` is an error:
somebody who trusts the document is misled. ``W`` is a warning: somebody learns less than they could.

===== ==========================================================================
001-  describing the code: consumers, handlers, routing, authentication
101-  the document as a whole: official schema, references, components, info
201-  servers, channels and their parameters, bindings, security
301-  operations, replies, messages and their examples
401-  JSON Schemas
501-  what clients that are generated from the document lack
===== ==========================================================================
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Code(StrEnum):
    """Every code, with its meaning above it."""

    #: A route, or the consumer on it, cannot be described; the document lacks it.
    UNDESCRIBED_CHANNEL = "asyncapi.E001"
    #: No schema can be made of a message, or of query parameters; the document says nothing about the data.
    UNDESCRIBED_SCHEMA = "asyncapi.E002"
    #: Two classes have the same dotted path, which is what the document names them by.
    AMBIGUOUS_CLASS = "asyncapi.E003"
    #: What SERVERS or WEBSOCKET_BASE_URL give is no address of a WebSocket server; the document lacks it.
    SERVER_URL = "asyncapi.E004"
    #: AsyncAPI cannot hold what a setting says about the API; the document lacks it.
    UNREADABLE_INFO = "asyncapi.E005"
    #: drf-spectacular cannot describe a part of a serializer.
    SERIALIZER_ERROR = "asyncapi.E006"
    #: A hook of the project's cannot be imported, fails, or does not return what it should; it has no effect.
    HOOK = "asyncapi.E007"
    #: The credential comes as a query parameter that the consumer forbids: nobody can connect with it.
    REFUSED_CREDENTIAL = "asyncapi.E008"
    #: A route leads to an application that is no chanx consumer; the document lacks it.
    FOREIGN_APPLICATION = "asyncapi.W001"
    #: Two routes have one name or one address, so one of their channels has a key that is less readable.
    AMBIGUOUS_ROUTE = "asyncapi.W002"
    #: A parameter of an address has no name, or the route has one that its address lacks.
    ROUTE_PARAMETER = "asyncapi.W003"
    #: No docstring describes what is received or sent.
    UNDESCRIBED_MESSAGE = "asyncapi.W004"
    #: No extension of drf-spectacular describes an authentication class.
    UNDESCRIBED_AUTHENTICATION = "asyncapi.W005"
    #: AsyncAPI cannot say what an authentication class demands.
    INEXPRESSIBLE_AUTHENTICATION = "asyncapi.W006"
    #: Two authentication classes give one name to different security schemes.
    AMBIGUOUS_AUTHENTICATION = "asyncapi.W007"
    #: A declared example is no valid message, or does not fit the schema that it is in; the document lacks it.
    DECLARED_EXAMPLE = "asyncapi.W008"
    #: A consumer does not declare what it sends.
    UNDECLARED_REPLIES = "asyncapi.W009"
    #: A default has no form in JSON; the document lacks it.
    UNDESCRIBED_DEFAULT = "asyncapi.W010"
    #: The class that an extension is for cannot be found.
    EXTENSION_TARGET = "asyncapi.W011"
    #: The filters of a document leave nothing of the service.
    EMPTY_SELECTION = "asyncapi.W012"
    #: drf-spectacular warns that the schema of a serializer may say less, or something else, than its data.
    SERIALIZER_WARNING = "asyncapi.W013"
    #: ``@asyncapi`` decorates a method of which no operation is made.
    OVERRIDE_WITHOUT_EFFECT = "asyncapi.W014"
    #: A choice of a union cannot be described; the document lacks it.
    UNDESCRIBED_CHOICE = "asyncapi.W015"

    #: The document is of a version of AsyncAPI that we do not know.
    UNKNOWN_VERSION = "asyncapi.E101"
    #: The official JSON Schema of AsyncAPI documents is violated.
    OFFICIAL_SCHEMA = "asyncapi.E102"
    #: A reference leads nowhere.
    UNRESOLVED_REFERENCE = "asyncapi.E103"
    #: A reference leads out of the document; readers without network cannot follow it.
    EXTERNAL_REFERENCE = "asyncapi.E104"
    #: A reference has siblings, which readers ignore.
    REFERENCE_SIBLINGS = "asyncapi.E105"
    #: The key of a component holds a character that is not allowed there.
    COMPONENT_KEY = "asyncapi.E106"
    #: Traits are used; some tools lose the messages of operations and messages that use them.
    TRAITS = "asyncapi.E107"
    #: Two tags have the same name.
    DUPLICATE_TAG = "asyncapi.E108"
    #: A component to which nothing leads.
    UNUSED_COMPONENT = "asyncapi.W101"
    #: ``info`` lacks a description, a contact, a licence or tags.
    INCOMPLETE_INFO = "asyncapi.W102"

    #: No server: nobody can tell where to connect.
    NO_SERVERS = "asyncapi.E201"
    #: The host of a server holds a scheme, a path or a trailing slash.
    SERVER_HOST = "asyncapi.E202"
    #: The protocol of a server is neither ``ws`` nor ``wss``.
    SERVER_PROTOCOL = "asyncapi.E203"
    #: The key of a channel holds ``?`` or ``#``.
    CHANNEL_KEY = "asyncapi.E204"
    #: The address of a channel is missing, or it holds ``?`` or ``#``.
    CHANNEL_ADDRESS = "asyncapi.E205"
    #: A name in the address has no parameter.
    MISSING_PARAMETER = "asyncapi.E206"
    #: A parameter is not in the address.
    UNKNOWN_PARAMETER = "asyncapi.E207"
    #: A channel's server is not one of the document's servers.
    CHANNEL_SERVER = "asyncapi.E208"
    #: A security requirement is no reference to ``components.securitySchemes``.
    SECURITY_REFERENCE = "asyncapi.E209"
    #: A ``ws`` binding without version, or whose query or headers are no object schema with properties.
    WEBSOCKET_BINDING = "asyncapi.E210"

    #: The channel of an operation is not one of the document's channels.
    OPERATION_CHANNEL = "asyncapi.E301"
    #: An operation names a message that its channel does not have.
    OPERATION_MESSAGE = "asyncapi.E302"
    #: A reply names a message that its channel does not have.
    REPLY_MESSAGE = "asyncapi.E303"
    #: A reply travels over another channel than what it answers.
    REPLY_CHANNEL = "asyncapi.E304"
    #: A reply has an address.
    REPLY_ADDRESS = "asyncapi.E305"
    #: A message says ``deprecated``, which the specification does not know.
    DEPRECATED_MESSAGE = "asyncapi.E306"
    #: The correlation id of a message is not in its payload.
    CORRELATION_LOCATION = "asyncapi.E307"
    #: An example does not fit the payload that it is an example of.
    EXAMPLE = "asyncapi.E308"
    #: The payload of a message does not require its action with a constant.
    ACTION = "asyncapi.E309"
    #: The payload or the headers of a message are wrapped with a ``schemaFormat``.
    SCHEMA_FORMAT = "asyncapi.E310"
    #: An operation without description.
    UNDESCRIBED_OPERATION = "asyncapi.W301"
    #: A message of a channel that no operation receives, sends or replies with.
    UNUSED_MESSAGE = "asyncapi.W302"

    #: Definitions are left inside of a schema.
    LEFTOVER_DEFINITIONS = "asyncapi.E401"
    #: A keyword of a JSON Schema draft after draft-07, which readers ignore.
    LATER_KEYWORD = "asyncapi.E402"
    #: A regular expression that JavaScript refuses.
    REGULAR_EXPRESSION = "asyncapi.E403"
    #: An inline enum or object without a title: generators have to invent a name.
    UNTITLED_SCHEMA = "asyncapi.W401"

    #: No constant says which message a frame is; clients can neither send nor recognise the message.
    NAMELESS_MESSAGE = "asyncapi.E501"
    #: A schema cannot be expressed as a type; clients take any value in its place.
    INEXPRESSIBLE_SCHEMA = "asyncapi.W501"
    #: A schema is stricter than any type; the types of clients allow more than the service does.
    WIDER_TYPE = "asyncapi.W502"


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One finding. ``str()`` forms one line: code, where, what, and what to do about it."""

    #: One of :class:`Code`, or one's own in the same form: a namespace, a dot, ``E`` or ``W``, digits.
    code: str
    #: The way to the place, outermost first: keys of the document, or ``("urls", "ChatConsumer", "ping")``.
    where: tuple[str, ...]
    #: What is wrong: a sentence.
    text: str
    #: What to do about it: a sentence.
    way_out: str

    @property
    def severity(self) -> Literal["error", "warning"]:
        """Whether somebody who trusts the document is misled, or only learns less than they could."""
        return "warning" if self.code.rpartition(".")[2].startswith("W") else "error"

    def __str__(self) -> str:
        where = f"[{' > '.join(self.where)}] " if self.where else ""
        return one_line(f"{self.code} {where}{self.text} {self.way_out}".rstrip())


def one_line(text: str) -> str:
    """Return ``text`` with escapes for what breaks the line or steers a terminal.

    A document's keys and texts are anybody's.
    """
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )
