"""What ``@asyncapi`` and ``@deprecated`` say is in the document, and what they exclude is not."""

from typing import Any, Literal

import pytest
from channels.routing import URLRouter
from rest_framework.permissions import AllowAny
from typing_extensions import deprecated

from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseChannelEvent, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.routing import path
from chanx_asyncapi import asyncapi
from chanx_asyncapi.describe import describe
from chanx_asyncapi.render import render
from chanx_asyncapi.validation import validate
from tests.chanx_asyncapi.describe.support import codes, described, service
from tests.contract.npm_parser import diagnostics

DOCS = "https://example.com/docs"


@asyncapi(
    title="A question",
    summary="For clients.",
    description="Asks *anything*.",
    tags=["questions"],
    examples=[{"action": "ask", "payload": "Why?"}],
    external_docs=DOCS,
    extensions={"x-audience": "all"},
)
class Ask(BaseMessage):
    """For colleagues."""

    action: Literal["ask"] = "ask"
    payload: str


class Answer(BaseMessage):
    """Answers."""

    action: Literal["answer"] = "answer"
    payload: str


@asyncapi(exclude=True)
class Internal(BaseMessage):
    action: Literal["internal"] = "internal"
    payload: str


@asyncapi(deprecated=True)
class Old(BaseMessage):
    """Nobody should send it."""

    action: Literal["old"] = "old"
    payload: str


class Told(BaseChannelEvent):
    handler: Literal["told"] = "told"
    payload: str


class News(BaseMessage):
    """What is new."""

    action: Literal["news"] = "news"
    payload: str


@asyncapi(
    title="Questions",
    summary="Ask here.",
    description="Ask, and be answered.",
    tags=["help", "chat"],
    external_docs=DOCS,
    extensions={"x-team": "support", "x-permissions": ["a member"]},
)
class Full(AsyncJsonWebsocketConsumer[Ask | Old | PingMessage, Told]):
    """For colleagues."""

    @asyncapi(
        title="Ask",
        summary="Asks.",
        description="Asks, and *waits*.",
        tags=["questions"],
        external_docs=DOCS,
        extensions={"x-cost": 1},
    )
    @handler
    async def ask(self, message: Ask) -> Answer:
        """For colleagues."""
        return Answer(payload=message.payload)

    @handler
    async def old(self, message: Old) -> None: ...

    @handler
    @asyncapi(description="Told to all.", tags=())
    async def told(self, event: Told) -> News:
        return News(payload=event.payload)


def test_a_consumer() -> None:
    channel = described(Full)["channels"]["c0"]

    assert (channel["title"], channel["summary"], channel["description"]) == (
        "Questions",
        "Ask here.",
        "Ask, and be answered.",
    )
    assert channel["tags"] == [{"name": "help"}, {"name": "chat"}]
    assert channel["externalDocs"] == {"url": DOCS}
    assert (channel["x-team"], channel["x-permissions"]) == ("support", ["a member"])
    assert "x-deprecated" not in channel


def test_a_handler() -> None:
    operations = described(Full)["operations"]

    ask = operations["c0.receive.ask"]
    assert (ask["title"], ask["summary"], ask["description"]) == ("Ask", "Asks.", "Asks, and *waits*.")
    assert (ask["tags"], ask["externalDocs"], ask["x-cost"]) == ([{"name": "questions"}], {"url": DOCS}, 1)
    # What the consumer says holds where the handler says nothing, also for chanx's own messages.
    for name in ("c0.receive.ping", "c0.send.error"):
        assert operations[name]["tags"] == [{"name": "help"}, {"name": "chat"}]
    assert "title" not in operations["c0.receive.ping"]


def test_a_handler_of_events_describes_what_it_makes_the_server_send() -> None:
    news = described(Full)["operations"]["c0.send.news"]

    assert news["description"] == "Told to all."
    assert "tags" not in news


def test_a_message() -> None:
    document = described(Full)

    message = document["components"]["messages"][f"{__name__}.Ask"]
    assert (message["title"], message["summary"], message["description"]) == (
        "A question",
        "For clients.",
        "Asks *anything*.",
    )
    assert (message["tags"], message["externalDocs"]) == ([{"name": "questions"}], {"url": DOCS})
    assert message["x-audience"] == "all"
    assert [example["payload"] for example in message["examples"]] == [{"action": "ask", "payload": "Why?"}]
    schema = document["components"]["schemas"][f"{__name__}.Ask"]
    # The words for colleagues are nowhere; the schema keeps the name of the class, which generators use.
    assert (schema["title"], schema["description"]) == ("Ask", "Asks *anything*.")
    assert "For colleagues" not in str(document)


def test_a_wrong_example_is_reported() -> None:
    @asyncapi(examples=[{"action": "wrong", "payload": 1}])
    class Wrong(BaseMessage):
        """Wrong."""

        action: Literal["wrong"] = "wrong"
        payload: str

    class Consumer(AsyncJsonWebsocketConsumer[Wrong]):
        @handler
        async def wrong(self, message: Wrong) -> None: ...

    assert codes(describe(service(Consumer))) == ["asyncapi.W008"]


def test_a_summary_alone_describes() -> None:
    @asyncapi(summary="Brief.")
    class Brief(BaseMessage):
        action: Literal["brief"] = "brief"
        payload: str

    class Consumer(AsyncJsonWebsocketConsumer[Brief | Internal]):
        @handler
        async def brief(self, message: Brief) -> None: ...

        @handler
        async def internal(self, message: Internal) -> None: ...

    operation = described(Consumer)["operations"]["c0.receive.brief"]

    assert operation["description"] == "Brief."


# -- deprecated ----------------------------------------------------------------------------------------------


def deprecated_operations(document: dict[str, Any]) -> set[str]:
    return {name for name, operation in document["operations"].items() if operation.get("x-deprecated")}


def test_the_operation_of_a_deprecated_message_is_deprecated() -> None:
    document = described(Full)

    assert document["components"]["messages"][f"{__name__}.Old"]["x-deprecated"] is True
    assert deprecated_operations(document) == {"c0.receive.old"}


def test_a_deprecated_handler() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[Ask | PingMessage]):
        @handler
        @asyncapi(deprecated=True)
        async def ask(self, message: Ask) -> None: ...

        @handler
        @deprecated("Do not.", category=None)
        async def ping(self, message: PingMessage) -> None: ...

    assert deprecated_operations(described(Consumer)) == {"c0.receive.ask", "c0.receive.ping"}


def by_override(cls: type[Any]) -> type[Any]:
    return asyncapi(deprecated=True)(cls)


def by_python(cls: type[Any]) -> type[Any]:
    return deprecated("Do not.", category=None)(cls)


@pytest.mark.parametrize("decorate", [by_override, by_python])
def test_a_deprecated_consumer(decorate: Any) -> None:
    class Consumer(AsyncJsonWebsocketConsumer[Ask | PingMessage]):
        @handler
        @asyncapi(deprecated=False)
        async def ask(self, message: Ask) -> None: ...

    class Heir(decorate(Consumer)): ...  # type: ignore[misc]  # a class that was decorated by a function

    document = described(Consumer, Heir)

    assert document["channels"]["c0"]["x-deprecated"] is True
    assert deprecated_operations(document) == {
        name for name in document["operations"] if name.startswith("c0.") and name != "c0.receive.ask"
    }
    assert "x-deprecated" not in document["channels"]["c1"]


# -- exclude -------------------------------------------------------------------------------------------------


class Asking(AsyncJsonWebsocketConsumer[Ask | PingMessage]):
    @handler
    async def ask(self, message: Ask) -> Answer:
        """Asks."""
        return Answer(payload="")


@asyncapi(exclude=True)
class Excluded(Asking):
    permission_classes = (AllowAny,)


class Heir(Excluded): ...


def test_an_excluded_consumer_leaves_nothing_behind_and_renames_nothing() -> None:
    def routes(first: type[Any]) -> URLRouter:
        return URLRouter([path("a/", first, name="same"), path("b/", Asking), path("c/", Heir)])

    description = describe(routes(Excluded))

    assert description.problems == ()
    assert list(description.document.channels) == ["b", "c"]
    wire, other = description.document.to_wire(), describe(routes(Asking)).document.to_wire()
    assert wire["channels"].items() <= other["channels"].items()
    assert wire["operations"].items() <= other["operations"].items()


def test_an_excluded_consumer_has_no_problems() -> None:
    @asyncapi(exclude=True)
    class Bad(AsyncJsonWebsocketConsumer[PingMessage]):
        permission_classes = 7  # type: ignore[assignment]  # that is the case

    @asyncapi(exclude=True)
    class Base(AsyncJsonWebsocketConsumer[PingMessage], abstract=True): ...

    assert describe(service(Bad, Base)).problems == ()


def test_an_excluded_handler_takes_with_it_what_nothing_else_uses() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[Ask | PingMessage]):
        @asyncapi(exclude=True)
        @handler
        async def ask(self, message: Ask) -> Answer | News:
            return Answer(payload="")

    class Telling(Consumer):
        outgoing_messages = (News,)

    document = described(Consumer, Telling)

    assert list(document["channels"]["c0"]["messages"]) == ["ping", "pong", "error", "authentication"]
    assert "news" in document["channels"]["c1"]["messages"]
    assert {"c0.receive.ask", "c1.receive.ask"}.isdisjoint(document["operations"])
    assert not any(key.endswith(("Ask", "Answer")) for key in document["components"]["schemas"])


def test_an_excluded_handler_of_events() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[PingMessage, Told]):
        @asyncapi(exclude=True)
        @handler
        async def told(self, event: Told) -> News:
            return News(payload=event.payload)

    assert "news" not in described(Consumer)["channels"]["c0"]["messages"]


def test_an_excluded_message_is_nowhere() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[Internal | Ask]):
        outgoing_messages = (Internal,)

        @handler
        async def internal(self, message: Internal) -> None: ...

        @handler
        async def ask(self, message: Ask) -> Answer | Internal:
            """Asks."""
            return Answer(payload="")

    document = described(Consumer)

    assert "nternal" not in str(document)
    assert [
        each["$ref"].rpartition("/")[2] for each in document["operations"]["c0.receive.ask"]["reply"]["messages"]
    ] == [
        "answer",
        "error",
    ]


# -- what is wrong -------------------------------------------------------------------------------------------


def test_an_override_of_what_is_no_handler_is_reported() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[PingMessage]):
        @asyncapi(title="Helps")
        async def help(self, message: PingMessage) -> None: ...

    assert [str(problem) for problem in describe(service(Consumer)).problems] == [
        "asyncapi.W014 [routing > tests.chanx_asyncapi.describe.test_overridden."
        "test_an_override_of_what_is_no_handler_is_reported.Consumer > help] @asyncapi decorates it, but it is no "
        "handler, so the document does not show it. Add @handler, or remove @asyncapi."
    ]


def test_attributes_are_not_looked_into() -> None:
    class Anything:
        def __getattr__(self, name: str) -> Any:
            if name == "_chanx_asyncapi":
                raise RuntimeError("nobody needs it")
            raise AttributeError(name)

    class Consumer(AsyncJsonWebsocketConsumer[PingMessage]):
        """Has an attribute of any kind."""

        anything = Anything()

    described(Consumer)


def test_an_override_that_a_subclass_takes_back_is_not_reported() -> None:
    class Base(AsyncJsonWebsocketConsumer[PingMessage], abstract=True):
        @asyncapi(title="Helps")
        async def help(self, message: PingMessage) -> None: ...

    class Consumer(Base):
        """Helps otherwise."""

        async def help(self, message: PingMessage) -> None: ...

    described(Consumer)


def test_overridden_consumers_make_a_valid_document() -> None:
    description = describe(service(Full, Asking, Excluded))

    assert description.problems == ()
    assert validate(description.document) == []
    assert diagnostics(render(description.document)) == []
