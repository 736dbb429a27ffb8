"""The system checks: what is wrong is found before a client connects."""

import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from channels.routing import ProtocolTypeRouter, URLRouter
from django.apps import apps
from django.contrib.auth.models import Group
from django.core.checks import Error, Warning, registry, run_checks
from pydantic import Field
from pytest_django import Settings
from rest_framework.permissions import BasePermission

from chanx.checks import check_consumers, check_routes, check_settings
from chanx.generic.authenticator import ChanxAuthView, ChanxWebsocketAuthenticator
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.registry import current_registry
from chanx.routing import path
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
    # Only its name counts; it is never called.
    namespace = {hook: lambda self: None, "__module__": "chat"}  # pyright: ignore[reportUnknownLambdaType]  # nobody calls it
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


class Kind(BaseMessage):
    action: Literal["kind"] = "kind"
    kind: str = "x"
    payload: None = None


@pytest.mark.parametrize("sent", [True, False])
def test_a_field_under_the_key_of_the_action_is_an_error(sent: bool, settings: Settings) -> None:
    incoming: Any = Say if sent else Kind

    class Consumer(Reading, AsyncJsonWebsocketConsumer[incoming]):
        outgoing_messages = Kind

    assert check_consumers(None) == []
    settings.CHANX = {"MESSAGE_ACTION_KEY": "kind"}
    assert check_consumers(None) == [
        Error(
            f"{Consumer.spec.path} cannot use {__name__}.Kind: it has a field of its own whose wire key is 'kind', the "
            "key that names messages.",
            hint="Rename the field, or choose another MESSAGE_ACTION_KEY in settings.CHANX.",
            obj=Consumer,
            id="chanx.E003",
        )
    ]


class IsOwner(BasePermission):
    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        return False


class IsMember(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return True


class OwnersOnly(ChanxWebsocketAuthenticator):
    permission_classes = (IsOwner,)


class OwnersOfGroups(OwnersOnly):
    queryset = Group.objects.all()


class OwnView(OwnersOnly):
    view_class = type("OwnView", (ChanxAuthView,), {})


def consumer_with(**namespace: Any) -> Any:
    """A consumer without an object, unless ``namespace`` has one."""
    base: Any = AsyncJsonWebsocketConsumer[Say]
    namespace = {"__module__": "chat", "permission_classes": None, **namespace}
    return types.new_class("Consumer", (Reading, base), {}, lambda body: body.update(namespace))


@pytest.mark.parametrize(
    "namespace",
    [
        {"permission_classes": [IsOwner]},
        {"permission_classes": [IsMember, IsMember | (IsMember & ~IsOwner), IsOwner]},
        {"authenticator_class": OwnersOnly},
    ],
)
def test_an_object_permission_without_an_object_is_warned_about(namespace: dict[str, Any]) -> None:
    consumer = consumer_with(**namespace)

    assert check_consumers(None) == [
        Warning(
            "chat.Consumer has no object: has_object_permission() of IsOwner will never be asked.",
            hint="Set queryset, or write get_queryset() or get_object(); or decide in has_permission().",
            obj=consumer,
            id="chanx.W008",
        )
    ]


@pytest.mark.parametrize(
    "namespace",
    [
        {"permission_classes": [IsOwner], "queryset": Group.objects.all()},
        # Never called.
        {"permission_classes": [IsOwner], "get_object": lambda self: None},  # pyright: ignore[reportUnknownLambdaType]  # nobody calls it
        {"permission_classes": [IsMember, IsMember | IsMember]},
        {"permission_classes": [], "authenticator_class": OwnersOnly},
        # For every view and consumer of the project, those with an object among them.
        {"permission_classes": None},
        # Whoever has such a class of one's own may ask for the permission there.
        {"authenticator_class": OwnersOfGroups},
        {"authenticator_class": OwnView},
        {"authenticator_class": object, "permission_classes": [IsOwner]},
    ],
)
def test_other_permissions_are_fine(namespace: dict[str, Any], settings: Settings) -> None:
    settings.REST_FRAMEWORK = {"DEFAULT_PERMISSION_CLASSES": [f"{__name__}.IsOwner"]}
    consumer_with(**namespace)
    assert check_consumers(None) == []


def test_consumers_that_nobody_has_imported_yet_are_checked(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django runs its checks in no particular order, and imports only what it needs itself."""
    (tmp_path / "late_asgi.py").write_text(
        "from tests.chanx.test_checks import consumer_with, IsOwner\n"
        "application = consumer_with(permission_classes=[IsOwner])\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    settings.ASGI_APPLICATION = "late_asgi.application"
    assert len(current_registry()) == 0
    assert [problem.id for problem in check_consumers(None)] == ["chanx.W008"]


def test_abstract_consumers_are_not_checked() -> None:
    class Base(AsyncJsonWebsocketConsumer[OwnId, Noticed, None, Group], abstract=True): ...

    assert check_consumers(None) == []
    assert Base.spec.abstract


def consumer(module: str, name: str = "Consumer", **arguments: Any) -> Any:
    """A consumer that is defined in ``module``."""
    namespace = {"__module__": module}
    base: Any = AsyncJsonWebsocketConsumer[Say]
    return types.new_class(name, (Reading, base), arguments, lambda body: body.update(namespace))


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes an application with a route to each of the consumers the one of ASGI_APPLICATION."""

    def serve(*consumers: Any) -> None:
        routes: Any = [path(f"{number}/", consumer) for number, consumer in enumerate(consumers)]
        monkeypatch.setattr("config.asgi.application", ProtocolTypeRouter({"websocket": URLRouter(routes)}))

    return serve


def test_a_consumer_without_a_route_is_warned_about(serve: Callable[..., None]) -> None:
    routed, forgotten = consumer("chat.consumers", "Routed"), consumer("chat.consumers", "Forgotten")
    serve(routed)

    assert check_routes(None) == [
        Warning(
            "No route of ASGI_APPLICATION = 'config.asgi.application' leads to chat.consumers.Forgotten.",
            hint="Add a path() for it to the routing. If it is only a base of other consumers, say so: abstract=True.",
            obj=forgotten,
            id="chanx.W004",
        )
    ]

    serve(routed, forgotten)
    assert check_routes(None) == []


@pytest.mark.parametrize(
    ("module", "counts"),
    [
        ("chat", True),
        ("chat.consumers", True),
        ("chat.api.v1.consumers", True),
        ("chat.testimonials", True),
        # Not an application, although it begins like one.
        ("chatter.consumers", False),
        ("elsewhere.chat.consumers", False),
        # Django's runner imports these before it runs the checks.
        ("chat.tests", False),
        ("chat.tests.consumers", False),
        ("chat.test_rooms", False),
        ("chat.rooms_test", False),
        ("chat.conftest", False),
    ],
)
def test_only_consumers_of_installed_applications_need_a_route(
    module: str, counts: bool, serve: Callable[..., None]
) -> None:
    consumer(module)
    serve()

    assert [problem.id for problem in check_routes(None)] == (["chanx.W004"] if counts else [])


def test_an_abstract_consumer_needs_no_route(serve: Callable[..., None]) -> None:
    consumer("chat.consumers", abstract=True)
    serve()

    assert len(current_registry()) == 1
    assert check_routes(None) == []


def test_the_check_of_one_application_leaves_the_others_alone(serve: Callable[..., None]) -> None:
    consumer("chat.consumers")
    serve()

    assert [problem.id for problem in check_routes([apps.get_app_config("chat")])] == ["chanx.W004"]
    assert check_routes([apps.get_app_config("assistant")]) == []


def test_without_asgi_application_nothing_needs_a_route(settings: Settings) -> None:
    consumer("chat.consumers")
    del settings.ASGI_APPLICATION

    assert check_routes(None) == []


def test_an_application_that_cannot_be_imported_is_reported(settings: Settings) -> None:
    consumer("chat.consumers")
    settings.ASGI_APPLICATION = "nowhere.application"

    assert check_routes(None) == [
        Warning(
            "The routes of ASGI_APPLICATION = 'nowhere.application' cannot be read. ImproperlyConfigured: "
            "Cannot import ASGI_APPLICATION module 'nowhere' (ModuleNotFoundError: No module named 'nowhere')",
            hint="Import it in `manage.py shell` to see where it fails: a server will fail there, too.",
            id="chanx.W005",
        )
    ]


def test_a_name_that_the_module_lacks_is_reported(settings: Settings) -> None:
    settings.ASGI_APPLICATION = "config.asgi.app"

    (problem,) = check_routes(None)

    assert problem.id == "chanx.W005"
    assert problem.msg.endswith("ImproperlyConfigured: Cannot find 'app' in ASGI_APPLICATION module config.asgi")


def test_what_a_module_of_the_project_raises_is_reported(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_asgi.py").write_text("1 / 0\n")
    monkeypatch.syspath_prepend(tmp_path)
    settings.ASGI_APPLICATION = "broken_asgi.application"

    (problem,) = check_routes(None)

    assert problem.id == "chanx.W005"
    assert problem.msg.endswith("'broken_asgi.application' cannot be read. ZeroDivisionError: division by zero")


def test_routes_that_cannot_be_walked_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    class Route:
        pattern, callback, name = "no pattern", None, None

    router = URLRouter([])
    router.routes = [Route()]  # type: ignore[list-item]  # the mistake that is reported
    monkeypatch.setattr("config.asgi.application", router)

    (problem,) = check_routes(None)

    assert problem.id == "chanx.W005"
    assert "RoutingError: the pattern 'no pattern' is neither a path() nor a re_path()." in problem.msg
