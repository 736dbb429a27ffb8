"""What the metaclass reads of a consumer class, and what it refuses."""

import types
from typing import Annotated, Any, Generic, Literal

import pytest
from django.contrib.auth.models import Group, User
from pydantic import BaseModel, Field
from rest_framework.authentication import BasicAuthentication
from rest_framework.permissions import IsAdminUser
from rest_framework.throttling import AnonRateThrottle
from typing_extensions import TypeAliasType, TypeVar

from chanx.exceptions import ConsumerDefinitionError
from chanx.generic.handlers import handler
from chanx.generic.system_messages import SYSTEM_MESSAGES
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.messages.incoming import PingMessage
from chanx.messages.outgoing import ErrorMessage, PongMessage
from chanx.registry import ConsumerSpec, HandlerSpec, Registry
from tests.chanx.support import Alarmed, Count, News, Noticed, OpenMixin, Said, Say

pytestmark = pytest.mark.usefixtures("registry")

IC = TypeVar("IC", bound=BaseMessage)
Event = TypeVar("Event", bound=BaseChannelEvent | None, default=None)
OG = TypeVar("OG", bound=BaseGroupMessage | None, default=None)
Data = TypeVar("Data")

Incoming = TypeAliasType("Incoming", Say | Count)
HERE = "tests.chanx.support"

#: A consumer class that is generic over anything, so that a test can break its rules.
Anything: Any = AsyncJsonWebsocketConsumer


class OtherSay(BaseMessage):
    action: Literal["say"] = "say"
    payload: int


class OtherSaid(BaseMessage):
    action: Literal["said"] = "said"
    payload: int


class SaidGroup(BaseGroupMessage):
    action: Literal["said"] = "said"
    payload: int


class OtherNoticed(BaseChannelEvent):
    handler: Literal["noticed"] = "noticed"
    payload: int


class Nameless(BaseMessage):
    payload: int


class NamelessGroup(BaseGroupMessage):
    payload: int


class NamelessEvent(BaseChannelEvent):
    payload: int


class Carrier(BaseMessage, Generic[Data]):
    action: Literal["carrier"] = "carrier"
    payload: Data


class Item(BaseModel):
    name: str


class Reading(OpenMixin):
    """What makes a class with any messages concrete."""

    async def receive_message(self, message: Any, **kwargs: Any) -> None: ...


def define(*bases: Any, abstract: bool = False, **namespace: Any) -> Any:
    """A class as the statement would make it, its bases subscripted at run time."""
    return types.new_class(
        "Consumer", bases, {"abstract": abstract}, lambda body: body.update(namespace, __module__="chat.consumers")
    )


def refusal(*bases: Any, **namespace: Any) -> str:
    with pytest.raises(ConsumerDefinitionError) as caught:
        define(*bases, **namespace)
    assert caught.value.owner.startswith("chat.consumers.Consumer")
    return str(caught.value)


def arguments(spec: ConsumerSpec) -> tuple[Any, Any, Any, Any]:
    return spec.incoming_type, spec.event_type, spec.outgoing_group_type, spec.model


# -- what is read --------------------------------------------------------------------------------------------


def test_the_spec_holds_everything_that_the_class_declares(registry: Registry) -> None:
    class Consumer(AsyncJsonWebsocketConsumer[Say | Count, Noticed | Alarmed, News, Group]):
        """Talks.

        A lot.
        """

        authentication_classes = (BasicAuthentication,)
        permission_classes = (IsAdminUser,)
        throttle_classes = (AnonRateThrottle,)
        groups = ["everybody"]  # noqa: RUF012 - as Channels documents it
        queryset = Group.objects.all()
        outgoing_messages = Said

        @handler
        async def both(self, message: Say | Count) -> Said | None: ...

        @handler
        async def noticed(self, event: Noticed) -> None: ...

        @handler
        async def alarmed(self, event: Alarmed) -> News: ...  # type: ignore[empty-body]  # never called

    spec = Consumer.spec
    assert registry[spec.path] is spec
    assert spec.path == f"{__name__}.{Consumer.__qualname__}"
    assert spec.consumer is Consumer
    assert not spec.abstract
    assert (spec.module, spec.doc) == (__name__, "Talks.\n\nA lot.")
    assert arguments(spec) == (Say | Count, Noticed | Alarmed, News, Group)
    assert dict(spec.messages) == {"say": Say, "count": Count}
    assert dict(spec.events) == {"noticed": Noticed, "alarmed": Alarmed}
    assert dict(spec.group_messages) == {"news": News}
    assert spec.outgoing_messages == (Said,)
    both = HandlerSpec(name="both", receives=(Say, Count), replies=(Said,), streams=False, doc="")
    assert dict(spec.message_handlers) == {Say: both, Count: both}
    assert {event: found.name for event, found in spec.event_handlers.items()} == {
        Noticed: "noticed",
        Alarmed: "alarmed",
    }
    assert spec.authentication_classes == (BasicAuthentication,)
    assert spec.permission_classes == (IsAdminUser,)
    assert spec.throttle_classes == (AnonRateThrottle,)
    assert spec.groups == ("everybody",)
    assert spec.declares_sent
    assert spec.looks_up_object
    assert spec.sent_messages == (Said, News)


def test_what_is_left_out_has_defaults() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[Say]):
        async def receive_message(self, message: Say, **kwargs: Any) -> None: ...

    spec = Consumer.spec
    assert not spec.abstract
    assert spec.doc == ""
    assert arguments(spec) == (Say, None, None, None)
    assert (spec.events, spec.group_messages, spec.outgoing_messages) == ({}, {}, ())
    assert (spec.message_handlers, spec.event_handlers, spec.sent_messages) == ({}, {}, ())
    assert (spec.authentication_classes, spec.permission_classes, spec.throttle_classes) == (None, None, None)
    assert (spec.groups, spec.declares_sent, spec.looks_up_object) == ((), False, False)


@pytest.mark.parametrize(
    "given",
    [
        (Say,),
        (Say, None),
        (Say, None, None),
        (Say, None, None, None),
        (Say, type(None), type(None), type(None)),
    ],
    ids=str,
)
def test_event_group_and_model_may_be_omitted_or_none(given: Any) -> None:
    spec = define(Reading, Anything[given]).spec
    assert (spec.events, spec.group_messages) == ({}, {})
    assert spec.model in (None, type(None))
    assert not spec.abstract


def test_an_object_is_looked_up_where_a_hook_says_so() -> None:
    assert not define(Reading, Anything[Say]).spec.looks_up_object
    for hook in ("get_object", "get_queryset"):
        own: dict[str, Any] = {hook: written}
        assert define(Reading, Anything[Say], **own).spec.looks_up_object
    assert define(Reading, Anything[Say], queryset=User.objects).spec.looks_up_object


class Annotating(Reading, AsyncJsonWebsocketConsumer[Annotated[Say | Count, Field(discriminator="action")]]): ...


class Aliased(Reading, AsyncJsonWebsocketConsumer[Incoming]): ...


class AliasedTwice(Reading, AsyncJsonWebsocketConsumer[Annotated[Incoming, "documented"]]): ...


class Quoted(Reading, AsyncJsonWebsocketConsumer["Say | Count"]): ...


class QuotedLater(Reading, AsyncJsonWebsocketConsumer["Say | Annotated[Count, 'documented']"]): ...


@pytest.mark.parametrize("consumer", [Annotating, Aliased, AliasedTwice, Quoted, QuotedLater])
def test_the_incoming_type_may_be_written_in_each_of_these_ways(consumer: Any) -> None:
    assert dict(consumer.spec.messages) == {"say": Say, "count": Count}
    assert not consumer.spec.abstract


def test_generic_messages_keep_their_argument() -> None:
    class Consumer(Reading, AsyncJsonWebsocketConsumer[Carrier[Item] | Say]): ...

    assert dict(Consumer.spec.messages) == {"carrier": Carrier[Item], "say": Say}


def test_a_message_with_several_actions_is_received_under_each() -> None:
    class Moved(BaseMessage):
        action: Literal["up", "down"]
        payload: None = None

    class Consumer(Reading, AsyncJsonWebsocketConsumer[Moved]): ...

    assert dict(Consumer.spec.messages) == {"up": Moved, "down": Moved}


# -- arguments through bases ---------------------------------------------------------------------------------


def test_through_an_intermediate_generic_base() -> None:
    class Base(AsyncJsonWebsocketConsumer[IC, Event, OG, Group], Generic[IC, Event, OG]): ...

    class Consumer(Reading, Base[Say, Noticed, News]): ...

    class Shorter(Reading, Base[Count]): ...

    assert Base.spec.abstract
    assert arguments(Base.spec) == (None, None, None, Group)
    assert arguments(Consumer.spec) == (Say, Noticed, News, Group)
    assert arguments(Shorter.spec) == (Count, None, None, Group)
    assert not Consumer.spec.abstract


def test_a_generic_message_through_a_generic_base() -> None:
    class Base(AsyncJsonWebsocketConsumer[Carrier[Data] | Say], Generic[Data]): ...

    class Consumer(Reading, Base[Item]): ...

    assert Base.spec.abstract
    assert dict(Consumer.spec.messages) == {"carrier": Carrier[Item], "say": Say}


def test_through_an_abstract_base() -> None:
    class Base(OpenMixin, AsyncJsonWebsocketConsumer[Say, Noticed, News, Group], abstract=True):
        @handler
        async def say(self, message: Say) -> Said: ...  # type: ignore[empty-body]  # never called

    class Consumer(Base):
        @handler
        async def noticed(self, event: Noticed) -> None: ...

    assert Base.spec.abstract
    assert not Consumer.spec.abstract
    assert arguments(Consumer.spec) == (Say, Noticed, News, Group)
    assert set(Consumer.spec.message_handlers) == {Say}


def test_through_a_mixin() -> None:
    class Announcing(AsyncJsonWebsocketConsumer[IC, Noticed, News], Generic[IC], abstract=True):
        @handler
        async def noticed(self, event: Noticed) -> News: ...  # type: ignore[empty-body]  # never called

    class Talking(OpenMixin, AsyncJsonWebsocketConsumer[Say], abstract=True):
        @handler
        async def say(self, message: Say) -> None: ...

    class Consumer(Talking, Announcing[Say]): ...  # pyright: ignore[reportGeneralTypeIssues]  # Event is given twice

    assert not Consumer.spec.abstract
    assert arguments(Consumer.spec) == (Say, Noticed, News, None)
    assert set(Consumer.spec.message_handlers) == {Say}
    assert set(Consumer.spec.event_handlers) == {Noticed}


def test_handlers_may_come_from_a_plain_mixin() -> None:
    class Counting:
        @handler
        async def count(self, message: Count) -> None: ...

    class Consumer(Counting, AsyncJsonWebsocketConsumer[Say | Count]):
        @handler
        async def say(self, message: Say) -> None: ...

    assert {message: found.name for message, found in Consumer.spec.message_handlers.items()} == {
        Count: "count",
        Say: "say",
    }


def test_a_subclass_of_a_concrete_consumer_keeps_its_types() -> None:
    class Base(Reading, AsyncJsonWebsocketConsumer[Say, Noticed]):
        """Of the base alone."""

    class Child(Base): ...

    assert arguments(Child.spec) == (Say, Noticed, None, None)
    assert Child.spec.doc == ""
    assert Child.spec is not Base.spec


# -- abstract ------------------------------------------------------------------------------------------------


def test_the_class_itself_is_abstract() -> None:
    spec = AsyncJsonWebsocketConsumer.spec
    assert spec.abstract
    assert arguments(spec) == (None, None, None, None)


def test_a_marked_class_needs_nothing_and_its_children_are_not_marked() -> None:
    class Base(AsyncJsonWebsocketConsumer[Say], abstract=True): ...

    class Bare(AsyncJsonWebsocketConsumer, abstract=True): ...  # type: ignore[type-arg]  # nothing is the test

    class Child(Reading, Base): ...

    assert (Base.spec.abstract, Bare.spec.abstract, Child.spec.abstract) == (True, True, False)


def test_without_receive_message_a_class_is_abstract_and_makes_no_instances() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[Say]): ...

    assert Consumer.spec.abstract
    with pytest.raises(TypeError, match=r"abstract.*receive_message"):
        Consumer()


def test_handlers_stand_in_for_receive_message() -> None:
    class Consumer(AsyncJsonWebsocketConsumer[Say]):
        @handler
        async def say(self, message: Say) -> None: ...

    assert Consumer.__abstractmethods__ == frozenset()
    Consumer()


def test_pings_are_answered_where_handlers_are_used_and_nothing_else_is_written() -> None:
    class OnlyPings(AsyncJsonWebsocketConsumer[PingMessage]): ...

    class Handlers(AsyncJsonWebsocketConsumer[Say | PingMessage]):
        @handler
        async def say(self, message: Say) -> None: ...

    class Own(AsyncJsonWebsocketConsumer[PingMessage]):
        @handler
        async def ping(self, message: PingMessage) -> PongMessage | Said:
            return PongMessage()

    class Matching(Reading, AsyncJsonWebsocketConsumer[PingMessage]): ...

    for consumer in (OnlyPings, Handlers):
        pong = consumer.spec.message_handlers[PingMessage]
        assert (pong.name, pong.replies) == ("_pong", (PongMessage,))
        assert not consumer.spec.abstract
    assert Own.spec.message_handlers[PingMessage].name == "ping"
    assert Matching.spec.message_handlers == {}


def test_defining_a_class_again_replaces_its_spec(registry: Registry) -> None:
    first = define(Reading, Anything[Say])
    size = len(registry)
    second = define(Reading, Anything[Count])
    assert len(registry) == size
    assert registry["chat.consumers.Consumer"] is second.spec
    assert first.spec.messages == {"say": Say}


# -- refusals ------------------------------------------------------------------------------------------------

EXAMPLE = "Write for instance: class ChatConsumer(AsyncJsonWebsocketConsumer[NewMessage | PingMessage]): ..."


@pytest.mark.parametrize("base", [Anything[None], Anything[None, Noticed]], ids=str)
def test_a_consumer_without_incoming_type(base: Any) -> None:
    assert refusal(Reading, base) == (
        f"chat.consumers.Consumer: it does not say which messages it receives.\n{EXAMPLE}\nOr mark it: abstract=True."
    )


def test_a_consumer_without_any_argument_is_open() -> None:
    """It passes nothing on, yet nothing tells it from a base class: it is abstract rather than wrong."""
    assert define(Reading, Anything).spec.abstract


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            (int,),
            "its IC holds <class 'int'>, which is not a subclass of BaseMessage.\n"
            "Derive it from chanx.messages.base.BaseMessage.",
        ),
        (
            (Say | Noticed,),
            f"its IC holds <class '{HERE}.Noticed'>, which is not a subclass of BaseMessage.\n"
            "Derive it from chanx.messages.base.BaseMessage.",
        ),
        (
            (Say, Count),
            f"its Event holds <class '{HERE}.Count'>, which is not a subclass of BaseChannelEvent.\n"
            "Derive it from chanx.messages.base.BaseChannelEvent.",
        ),
        (
            (Say, None, Said),
            f"its OG holds <class '{HERE}.Said'>, which is not a subclass of BaseGroupMessage.\n"
            "Derive it from chanx.messages.base.BaseGroupMessage.",
        ),
        (
            (Nameless,),
            f"{__name__}.Nameless in its IC has no `action` of its own.\n"
            'Write for instance: action: Literal["name"] = "name"',
        ),
        (
            (Say, NamelessEvent),
            f"{__name__}.NamelessEvent in its Event has no `handler` of its own.\n"
            'Write for instance: handler: Literal["name"] = "name"',
        ),
        (
            (Say, None, NamelessGroup),
            f"{__name__}.NamelessGroup in its OG has no `action` of its own.\n"
            'Write for instance: action: Literal["name"] = "name"',
        ),
        (
            (Say | OtherSay,),
            f"{HERE}.Say and {__name__}.OtherSay both have the action 'say'.\n"
            "Give one of them another action: nothing else tells them apart on the wire.",
        ),
        (
            (Say, Noticed | OtherNoticed),
            f"{HERE}.Noticed and {__name__}.OtherNoticed both have the handler 'noticed'.\n"
            "Give one of them another handler: nothing else tells them apart on the wire.",
        ),
    ],
    ids=str,
)
def test_arguments_that_cannot_work(given: Any, text: str) -> None:
    assert refusal(Reading, Anything[given]) == f"chat.consumers.Consumer: {text}"


def test_an_argument_that_cannot_be_read() -> None:
    with pytest.raises(ConsumerDefinitionError) as caught:

        class Consumer(Reading, AsyncJsonWebsocketConsumer["NotThere"]):  # type: ignore[name-defined]  # the test
            ...

    assert str(caught.value) == (
        f"{__name__}.test_an_argument_that_cannot_be_read.<locals>.Consumer: "
        "a generic argument cannot be read: name 'NotThere' is not defined.\n"
        "Define or import the class before the consumer, and not only under TYPE_CHECKING."
    )


@handler
async def on_say(self: Any, message: Say) -> Said: ...  # type: ignore[empty-body]  # never called


@handler
async def on_count(self: Any, message: Count) -> None: ...


@handler
async def on_noticed(self: Any, event: Noticed) -> None: ...


@handler
async def on_alarmed(self: Any, event: Alarmed) -> None: ...


async def written(self: Any, message: Any, **kwargs: Any) -> None: ...


def test_both_receive_message_and_a_handler() -> None:
    assert refusal(Anything[Say], receive_message=written, on_say=on_say) == (
        "chat.consumers.Consumer: it has receive_message() and the handler on_say().\n"
        "Choose one: move what receive_message() does into handlers, or call on_say() from it without @handler."
    )


def test_both_receive_event_and_an_event_handler() -> None:
    assert refusal(Reading, Anything[Say, Noticed], receive_event=written, on_noticed=on_noticed) == (
        "chat.consumers.Consumer: it has receive_event() and the handler on_noticed().\n"
        "Choose one: move what receive_event() does into handlers, or call on_noticed() from it without @handler."
    )


def test_both_when_one_of_them_is_inherited() -> None:
    matching = define(Anything[Say], receive_message=written)
    handling = define(Anything[Say], on_say=on_say)
    expected = "chat.consumers.Consumer: it has receive_message() and the handler on_say().\n"
    assert refusal(matching, on_say=on_say).startswith(expected)
    assert refusal(handling, receive_message=written).startswith(expected)


def test_messages_by_receive_message_and_events_by_handlers_go_together() -> None:
    spec = define(Anything[Say, Noticed], receive_message=written, on_noticed=on_noticed).spec
    assert not spec.abstract
    assert list(spec.event_handlers) == [Noticed]
    assert dict(spec.message_handlers) == {}


def test_a_message_without_handler() -> None:
    assert refusal(Anything[Say | Count], on_say=on_say) == (
        f"chat.consumers.Consumer: no handler receives the message 'count' ({HERE}.Count) of its IC.\n"
        "Write: @handler async def count(self, message: Count) -> None: ..."
    )


def test_an_event_without_handler() -> None:
    assert refusal(Reading, Anything[Say, Noticed | Alarmed], on_noticed=on_noticed) == (
        f"chat.consumers.Consumer: no handler receives the channel event 'alarmed' ({HERE}.Alarmed) of its Event.\n"
        "Write: @handler async def alarmed(self, event: Alarmed) -> None: ..."
    )


def test_a_handler_of_a_message_that_is_not_declared() -> None:
    assert refusal(Anything[Say], on_say=on_say, on_count=on_count) == (
        f"chat.consumers.Consumer: on_count() receives {HERE}.Count, which is not in its IC.\n"
        "Add Count to the IC parameter, or remove the handler."
    )
    assert refusal(Reading, Anything[Say], on_noticed=on_noticed) == (
        f"chat.consumers.Consumer: on_noticed() receives {HERE}.Noticed, which is not in its Event.\n"
        "Add Noticed to the Event parameter, or remove the handler."
    )


def test_an_override_without_the_mark_leaves_a_gap() -> None:
    base = define(Anything[Say], on_say=on_say)
    assert refusal(base, on_say=written) == (
        f"chat.consumers.Consumer: no handler receives the message 'say' ({HERE}.Say) of its IC.\n"
        "Write: @handler async def say(self, message: Say) -> None: ..."
    )
    base = define(Reading, Anything[Say, Noticed], on_noticed=on_noticed)
    assert refusal(base, on_noticed=written).startswith(
        f"chat.consumers.Consumer: no handler receives the channel event 'noticed' ({HERE}.Noticed) of its Event.\n"
    )


def test_two_handlers_of_one_message() -> None:
    assert refusal(Anything[Say], on_say=on_say, say=on_say) == (
        "chat.consumers.Consumer: both on_say() and say() receive 'say'.\n"
        "A consumer handles each message once: merge the handlers, or rename one message."
    )


def test_an_abstract_class_may_leave_gaps_and_its_children_may_not() -> None:
    base = define(Anything[Say | Count], abstract=True, on_say=on_say)
    assert base.spec.abstract
    assert refusal(base).startswith("chat.consumers.Consumer: no handler receives the message 'count'")
    assert not define(base, on_count=on_count).spec.abstract


@pytest.mark.parametrize("outgoing", [OtherSaid, [OtherSaid], (Count, OtherSaid), Count | OtherSaid], ids=str)
def test_two_sent_messages_with_one_action(outgoing: Any) -> None:
    assert refusal(Anything[Say], on_say=on_say, outgoing_messages=outgoing) == (
        f"chat.consumers.Consumer: {HERE}.Said and {__name__}.OtherSaid both have the action 'said'.\n"
        "Give one of them another action: nothing else tells them apart on the wire."
    )


def test_a_reply_and_a_group_message_with_one_action() -> None:
    assert refusal(Anything[Say, None, SaidGroup], on_say=on_say) == (
        f"chat.consumers.Consumer: {HERE}.Said and {__name__}.SaidGroup both have the action 'said'.\n"
        "Give one of them another action: nothing else tells them apart on the wire."
    )


def test_a_received_and_a_sent_message_may_share_an_action() -> None:
    assert define(Reading, Anything[Say], outgoing_messages=OtherSay).spec.sent_messages == (OtherSay,)


@pytest.mark.parametrize("action", sorted(SYSTEM_MESSAGES))
def test_the_actions_of_chanx_belong_to_chanx(action: str) -> None:
    own: Any = type("Own", (BaseMessage,), {"__annotations__": {"action": Literal[action]}, "__module__": "chat"})
    system = SYSTEM_MESSAGES[action]
    assert refusal(Reading, Anything[Say], outgoing_messages=own) == (
        f"chat.consumers.Consumer: chat.Own and {system.__module__}.{system.__name__} "
        f"both have the action {action!r}.\n"
        "Give one of them another action: nothing else tells them apart on the wire."
    )


def test_a_narrower_error_message_is_allowed() -> None:
    class Refused(ErrorMessage):
        payload: Item

    assert define(Reading, Anything[Say], outgoing_messages=Refused).spec.sent_messages == (Refused,)


@pytest.mark.parametrize(
    ("outgoing", "named"), [(int, "<class 'int'>"), ([Said, "Said"], "'Said'"), (Said | int, "<class 'int'>")], ids=str
)
def test_outgoing_messages_that_are_none(outgoing: Any, named: str) -> None:
    assert refusal(Reading, Anything[Say], outgoing_messages=outgoing) == (
        f"chat.consumers.Consumer: its outgoing_messages hold {named}, which is not a subclass of BaseMessage.\n"
        "Write for instance: outgoing_messages = [Typing, Presence]"
    )


def test_outgoing_messages_without_an_action() -> None:
    assert refusal(Reading, Anything[Say], outgoing_messages=Nameless) == (
        f"chat.consumers.Consumer: it sends {__name__}.Nameless, which has no `action` of its own.\n"
        'Write for instance: action: Literal["name"] = "name"'
    )


def test_a_refused_class_is_not_registered(registry: Registry) -> None:
    refusal(Reading, Anything[int])
    assert "chat.consumers.Consumer" not in registry
