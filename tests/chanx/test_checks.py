"""The system checks: what is wrong is found before a client connects."""

import types
from typing import Any, Literal

import pytest
from django.contrib.auth.models import Group
from django.core.checks import Error, Warning, registry, run_checks
from pydantic import Field
from pytest_django import Settings

from chanx.checks import check_consumers, check_settings
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.registry import current_registry
from tests.chanx.support import Noticed, OpenMixin, Say

pytestmark = pytest.mark.usefixtures("registry")


class Reading(OpenMixin):
    async def receive_message(self, message: Any, **kwargs: Any) -> None: ...


def test_django_runs_the_checks(settings: Settings) -> None:
    assert registry.registry.tag_exists("chanx")
    settings.CHANX = {"CAMELISE": True}
    assert [problem.id for problem in run_checks(tags=["chanx"])] == ["chanx.E001"]


def test_a_project_as_it_should_be_has_no_problems(settings: Settings) -> None:
    class Consumer(OpenMixin, AsyncJsonWebsocketConsumer[Say, Noticed, None, Group]):
        queryset = Group.objects.all()

        @handler
        async def say(self, message: Say) -> None: ...

        @handler
        async def noticed(self, event: Noticed) -> None: ...

    settings.CHANX = {"CAMELIZE": True}
    assert current_registry().concrete() == (Consumer.spec,)
    assert run_checks(tags=["chanx"]) == []


def test_a_wrong_setting_is_an_error(settings: Settings) -> None:
    settings.CHANX = {"INBOX_SIZE": "many"}
    assert check_settings(None) == [
        Error(
            "CHANX['INBOX_SIZE'] = 'many': Input should be a valid integer.",
            hint="See chanx/settings.py for each setting, its type and its reason.",
            id="chanx.E001",
        )
    ]


def test_a_model_without_a_queryset_is_warned_about() -> None:
    class Consumer(Reading, AsyncJsonWebsocketConsumer[Say, None, None, Group]): ...

    assert check_consumers(None) == [
        Warning(
            f"{Consumer.spec.path} is about a Group, but has no queryset: its `obj` will always be None.",
            hint="Set queryset = Group.objects.all(), or write get_queryset() or get_object().",
            obj=Consumer,
            id="chanx.W001",
        )
    ]


@pytest.mark.parametrize("hook", ["get_queryset", "get_object"])
def test_a_model_that_a_hook_looks_up_is_fine(hook: str) -> None:
    namespace = {hook: lambda self: None, "__module__": "chat"}  # pyright: ignore[reportUnknownLambdaType]
    base: Any = AsyncJsonWebsocketConsumer[Say, None, None, Group]
    types.new_class("Consumer", (Reading, base), {}, lambda body: body.update(namespace))
    assert check_consumers(None) == []


def test_events_that_nothing_handles_are_warned_about() -> None:
    class Consumer(Reading, AsyncJsonWebsocketConsumer[Say, Noticed]): ...

    assert check_consumers(None) == [
        Warning(
            f"{Consumer.spec.path} declares channel events, but nothing handles them.",
            hint="Write a @handler for each, or receive_event().",
            obj=Consumer,
            id="chanx.W002",
        )
    ]


def test_events_that_receive_event_handles_are_fine() -> None:
    class Consumer(Reading, AsyncJsonWebsocketConsumer[Say, Noticed]):
        async def receive_event(self, event: Noticed) -> None: ...

    assert current_registry().concrete() == (Consumer.spec,)
    assert check_consumers(None) == []


class OwnId(BaseMessage):
    action: Literal["own_id"] = "own_id"
    id: int
    payload: None = None


class AliasedId(BaseMessage):
    action: Literal["aliased_id"] = "aliased_id"
    number: int = Field(alias="id")
    payload: None = None


@pytest.mark.parametrize("message", [OwnId, AliasedId])
@pytest.mark.parametrize("camelize", [True, False])
def test_a_message_with_an_id_of_its_own_is_warned_about(message: Any, camelize: bool, settings: Settings) -> None:
    settings.CHANX = {"CAMELIZE": camelize}

    class Consumer(Reading, AsyncJsonWebsocketConsumer[message]): ...

    (action,) = Consumer.spec.messages
    assert check_consumers(None) == [
        Warning(
            f"{Consumer.spec.path}: the message {action!r} has a field `id` of its own, which hides the id of the "
            "frame: no frame that answers it will carry `reply_to`.",
            hint="Move the field into the payload, if clients want to tell the replies apart.",
            obj=Consumer,
            id="chanx.W003",
        )
    ]


def test_abstract_consumers_are_not_checked() -> None:
    class Base(AsyncJsonWebsocketConsumer[OwnId, Noticed, None, Group], abstract=True): ...

    assert check_consumers(None) == []
    assert Base.spec.abstract
