"""The public API under the names, kinds and defaults that applications are written for."""

import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

import pytest
from django.db.models import Manager, QuerySet
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

import chanx
from chanx.generic import authenticator, websocket
from chanx.generic.authenticator import (
    AuthenticationResult,
    ChanxAuthView,
    ChanxSerializer,
    ChanxWebsocketAuthenticator,
)
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseChannelEvent, BaseGroupMessage, BaseMessage
from chanx.types import GroupMemberEvent

Consumer: Any = AsyncJsonWebsocketConsumer

#: Every method of the consumer, as the reference of the API writes it.
CONSUMER_METHODS = """
async def add_groups(self)
async classmethod def asend_channel_event(cls, group_name, event)
async def build_groups(self)
async def handle_channel_event(self, event_payload)
async def post_authentication(self)
async def receive_event(self, event)
async def receive_json(self, content, **kwargs)
abstract async def receive_message(self, message, **kwargs)
classmethod def send_channel_event(cls, group_name, event)
async def send_group_member(self, event)
async def send_group_message(self, message, groups=None, *, kind="message", exclude_current=True)
async def send_json(self, content, close=False)
async def send_message(self, message)
async def send_to_groups(self, content, groups=None, *, exclude_current=True, kind="json")
async def websocket_connect(self, message)
async def websocket_disconnect(self, message)
""".strip().splitlines()

VIEW_METHODS = """
def delete(self, request, *args, **kwargs)
def get(self, request, *args, **kwargs)
def get_response(self, request)
def patch(self, request, *args, **kwargs)
def post(self, request, *args, **kwargs)
def put(self, request, *args, **kwargs)
""".strip().splitlines()

CONSUMER_ATTRIBUTES: dict[str, object] = {
    "authentication_classes": None,
    "permission_classes": None,
    "queryset": True,
    "auth_method": "get",
    "authenticator_class": ChanxWebsocketAuthenticator,
    "send_completion": None,
    "send_message_immediately": None,
    "log_received_message": None,
    "log_sent_message": None,
    "log_ignored_actions": None,
    "send_authentication_message": None,
    # As in DRF's generic views.
    "lookup_field": "pk",
    "lookup_url_kwarg": None,
}

AUTHENTICATOR_ATTRIBUTES: dict[str, object] = {
    "authentication_classes": None,
    "permission_classes": None,
    "queryset": True,
    "auth_method": "get",
}

#: What else applications import, by module.
EXPORTS = {
    "chanx.generic.websocket": ["AsyncJsonWebsocketConsumer", "EventPayload"],
    "chanx.generic.authenticator": [
        "AuthenticationResult",
        "ChanxAuthView",
        "ChanxSerializer",
        "ChanxWebsocketAuthenticator",
    ],
    "chanx.generic.handlers": ["handler"],
    "chanx.messages.base": ["BaseChannelEvent", "BaseGroupMessage", "BaseMessage"],
    "chanx.messages.incoming": ["IncomingMessage", "PingMessage"],
    "chanx.messages.outgoing": [
        "ACTION_COMPLETE",
        "GROUP_ACTION_COMPLETE",
        "AuthenticationMessage",
        "AuthenticationPayload",
        "CompleteMessage",
        "ErrorMessage",
        "GroupCompleteMessage",
        "PongMessage",
    ],
    "chanx.messages.serialized": ["Serialized", "SerializedBy"],
    "chanx.routing": ["include", "path", "re_path"],
    "chanx.settings": ["chanx_settings"],
    "chanx.testing": ["WebsocketCommunicator", "WebsocketTestCase"],
    "chanx.types": ["EventPayload", "GroupMemberEvent"],
    "chanx.utils.asgi": ["get_websocket_application"],
    "chanx.utils.request": ["request_from_scope"],
    "chanx.utils.settings": ["override_chanx_settings"],
}

TESTING_METHODS = {
    "WebsocketCommunicator": [
        "receive_all_json",
        "receive_until_action",
        "send_message",
        "wait_for_auth",
        "assert_authenticated_status_ok",
        "assert_closed",
    ],
    "WebsocketTestCase": ["get_ws_headers", "get_subprotocols", "create_communicator", "auth_communicator"],
}


def shape(function: Any) -> list[tuple[str, object, object]]:
    """Name, kind and default of each parameter."""
    parameters = inspect.signature(function).parameters.values()
    return [(parameter.name, parameter.kind, parameter.default) for parameter in parameters]


def declared(line: str) -> tuple[str, set[str], list[tuple[str, object, object]]]:
    words, _, signature = line.partition("def ")
    name = signature.partition("(")[0]
    namespace: dict[str, Any] = {}
    exec(f"def {signature}: ...", namespace)
    return name, set(words.split()), shape(namespace[name])


@pytest.mark.parametrize(
    ("owner", "line"),
    [(AsyncJsonWebsocketConsumer, line) for line in CONSUMER_METHODS]
    + [(ChanxAuthView, line) for line in VIEW_METHODS],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_each_method_has_the_declared_signature(owner: type, line: str) -> None:
    name, words, expected = declared(line)
    static = inspect.getattr_static(owner, name)
    function = static.__func__ if isinstance(static, classmethod) else static
    assert shape(function) == expected
    assert isinstance(static, classmethod) == ("classmethod" in words)
    assert inspect.iscoroutinefunction(function) == ("async" in words)
    assert getattr(function, "__isabstractmethod__", False) == ("abstract" in words)
    assert inspect.getdoc(function), "without a docstring nobody knows its contract"


@pytest.mark.parametrize(("name", "default"), CONSUMER_ATTRIBUTES.items())
def test_each_attribute_of_the_consumer_has_its_default(name: str, default: object) -> None:
    assert getattr(AsyncJsonWebsocketConsumer, name) == default


@pytest.mark.parametrize(("name", "default"), AUTHENTICATOR_ATTRIBUTES.items())
def test_each_attribute_of_the_authenticator_has_its_default(name: str, default: object) -> None:
    assert getattr(ChanxWebsocketAuthenticator, name) == default


def test_the_verbs_that_auth_method_takes() -> None:
    verbs = ("get", "post", "put", "patch", "delete", "options")
    for owner in (AsyncJsonWebsocketConsumer, ChanxWebsocketAuthenticator):
        hint = get_type_hints(owner)["auth_method"]
        assert hint == Literal["get", "post", "put", "patch", "delete", "options"]
        assert get_args(hint) == verbs


def test_the_type_parameters_and_their_defaults() -> None:
    parameters = {parameter.__name__: parameter for parameter in Consumer.__parameters__}
    assert list(parameters) == ["IC", "Event", "OG", "M"]
    assert not parameters["IC"].has_default()
    assert [parameters[name].__default__ for name in ("Event", "OG", "M")] == [None, None, None]
    assert parameters["IC"].__bound__ is BaseMessage
    assert parameters["Event"].__bound__ == BaseChannelEvent | None
    assert parameters["OG"].__bound__ == BaseGroupMessage | None


def test_a_queryset_and_a_manager_are_collections_of_objects() -> None:
    for kind in (QuerySet, Manager):
        assert callable(kind.all)


def test_the_authentication_result() -> None:
    result = AuthenticationResult(True, 200, "OK")
    expected = {
        "is_authenticated": True,
        "status_code": 200,
        "status_text": "OK",
        "data": {},
        "user": None,
        "obj": None,
    }
    assert {name: getattr(result, name) for name in expected} == expected
    assert [field.name for field in dataclasses.fields(AuthenticationResult)][: len(expected)] == list(expected)
    assert AuthenticationResult(True, 200, "OK").data is not result.data


def test_the_view_and_its_serializer() -> None:
    assert ChanxAuthView.serializer_class is ChanxSerializer
    assert issubclass(ChanxAuthView, APIView)
    assert issubclass(ChanxSerializer, Serializer)
    assert ChanxSerializer().data == {}


def test_what_travels_through_the_layer_is_typed() -> None:
    assert set(websocket.EventPayload.__annotations__) >= {"event_data"}
    assert set(GroupMemberEvent.__annotations__) >= {
        "content",
        "kind",
        "exclude_current",
        "from_channel",
        "from_user_pk",
    }


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in EXPORTS.items() for name in names])
def test_each_name_is_where_applications_import_it_from(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)


@pytest.mark.parametrize(
    ("owner", "name"), [(owner, name) for owner, names in TESTING_METHODS.items() for name in names]
)
def test_each_helper_for_tests_is_there(owner: str, name: str) -> None:
    assert inspect.getdoc(getattr(getattr(importlib.import_module("chanx.testing"), owner), name))


def test_a_test_case_names_its_address() -> None:
    assert "ws_path" in importlib.import_module("chanx.testing").WebsocketTestCase.__annotations__


def modules() -> Iterator[str]:
    yield "chanx"
    for module in pkgutil.walk_packages(chanx.__path__, "chanx."):
        yield module.name


@pytest.mark.parametrize("name", sorted(modules()))
def test_every_module_says_what_it_is_for_and_its_public_names_do_too(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__
    for public, value in vars(module).items():
        own = getattr(value, "__module__", None) == name and (inspect.isclass(value) or inspect.isfunction(value))
        if own and not public.startswith("_") and value.__name__ == public and public not in NO_DOCSTRING:
            assert value.__doc__, f"{name}.{public} has no docstring"


#: Django's way to name an application, or to change a table: there is nothing to say about it.
NO_DOCSTRING = {"ChanxConfig", "Migration"}


def test_every_module_is_tested_by_one_of_the_same_name() -> None:
    """A newcomer finds the tests of a module by its name."""
    package, tests = Path(chanx.__file__).parent, Path(__file__).parent
    tested = {
        str(path.with_name(path.name.removeprefix("test_")).relative_to(tests)) for path in tests.rglob("test_*.py")
    }
    untested = {str(path.relative_to(package)) for path in package.rglob("*.py")} - tested
    assert {path for path in untested if not path.endswith("__init__.py")} == {
        "apps.py",  # registers the checks: test_checks.py
        "types.py",  # dictionaries without behaviour: test_groups.py
        "generic/typevars.py",  # declarations: test_metaclass.py
        "history/database/apps.py",  # a name: test_models.py
        "history/database/migrations/0001_initial.py",  # made by Django: test_models.py
        "history/database/migrations/0002_handled_requests.py",  # the same
        "history/database/migrations/0003_presence.py",  # the same
    }


def test_the_version_is_that_of_the_distribution() -> None:
    project = Path(chanx.__file__).parent.parent / "pyproject.toml"
    (version,) = re.findall(r'^version = "(.+)"$', project.read_text(), re.MULTILINE)
    assert chanx.__version__ == version


def test_the_package_is_typed() -> None:
    assert (Path(chanx.__file__).parent / "py.typed").exists()
    assert authenticator.AuthenticationResult.__annotations__["is_authenticated"] is bool
