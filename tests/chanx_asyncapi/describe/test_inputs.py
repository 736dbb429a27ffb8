"""Inputs are equal as long as the document is, and differ as soon as anything changes that shapes it."""

import warnings
from collections import UserDict
from collections.abc import Callable, Hashable
from typing import Any

import pytest
from channels.routing import URLRouter
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.test import override_settings
from django.urls import converters
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy, override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.settings import patched_settings
from pytest_django import Settings
from rest_framework.permissions import IsAuthenticatedOrReadOnly

from chanx.generic.metaclass import ConsumerMeta
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.routing import path
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import Options, describe
from chanx_asyncapi.describe.inputs import frozen, inputs
from chanx_asyncapi.extensions import TypeExtension
from chanx_asyncapi.overrides import asyncapi
from tests.chanx_asyncapi.describe.support import service


class Base(AsyncJsonWebsocketConsumer[PingMessage], abstract=True): ...


def consumer(base: Any = Base, **attributes: Any) -> Any:
    """A new class of the same name each time, as a reload makes it."""
    return ConsumerMeta("Chat", (base,), {"__module__": __name__, "__doc__": "Talk.", **attributes})


def of(application: Any, **options: Any) -> Hashable:
    return inputs(application, Options(**options))


@pytest.fixture
def application() -> Any:
    return service(consumer())


def test_the_same_is_equal(application: Any) -> None:
    routes = application.routes

    assert of(application) == of(application) == of(URLRouter([*routes]))
    assert hash(of(application)) == hash(of(application))
    assert of(None) == of(None)


# -- the code ------------------------------------------------------------------------------------------------


def test_a_class_that_is_defined_again(application: Any) -> None:
    assert of(application) != of(service(consumer()))


def test_the_routing(application: Any) -> None:
    before = of(application)

    application.routes.append(path("more/", consumer()))

    assert of(application) != before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (path("a/", Base), path("b/", Base)),
        (path("a/", Base, name="a"), path("a/", Base, name="b")),
        (path("<int:a>/", Base), path("<str:a>/", Base)),
    ],
)
def test_a_route(one: Any, other: Any) -> None:
    assert of(URLRouter([one])) != of(URLRouter([other]))


def test_the_application(monkeypatch: pytest.MonkeyPatch, application: Any) -> None:
    before = of(None)

    monkeypatch.setattr("config.asgi.application", application)

    assert of(None) != before


def test_a_path_converter_that_gets_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    forget_converters: Any = converters.get_converters.cache_clear  # type: ignore[attr-defined]  # of lru_cache

    class Converter(converters.StringConverter):
        regex = "[a-f]+"

    monkeypatch.setitem(converters.REGISTERED_CONVERTERS, "letters", Converter())
    forget_converters()
    application = URLRouter([path("<letters:a>/", consumer())])
    before = of(application)

    monkeypatch.delitem(converters.REGISTERED_CONVERTERS, "letters")
    forget_converters()

    assert of(application) != before


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("authentication_classes", ()),
        ("permission_classes", ()),
        ("auth_method", "post"),
        ("send_authentication_message", False),
        ("send_completion", True),
    ],
)
def test_an_attribute_of_a_consumer(name: str, value: Any) -> None:
    each = consumer(permission_classes=(IsAuthenticatedOrReadOnly,))
    application = service(each)
    before = of(application)

    setattr(each, name, value)

    assert of(application) != before


def test_what_a_decorator_says_later(application: Any) -> None:
    before = of(application)
    (route,) = application.routes

    asyncapi(tags=["chat"], extensions={"x-a": 1})(route.callback.consumer_class)

    assert of(application) != before


def test_what_describe_reads_of_a_consumer_is_among_the_inputs() -> None:
    """Fails when another attribute is read: say in inputs.py how it counts, then add it here."""
    read: set[str] = set()

    class Watched(ConsumerMeta):
        def __getattribute__(cls, name: str) -> Any:
            if watching:
                read.add(name)
            return super().__getattribute__(name)

    watching = False
    each: Any = Watched("Chat", (Base,), {"__module__": __name__, "__doc__": "Talk."})
    application = service(each)
    watching = True
    describe(application)
    watching = False

    # What @asyncapi says about its methods counts, too.
    handlers = {handler.name for handler in each.spec.message_handlers.values()}
    assert {name for name in read - handlers if not name.startswith("__")} == {
        "spec",
        # guards()
        "authentication_classes",
        "authenticator_class",
        "auth_method",
        "permission_classes",
        # system_messages()
        "send_authentication_message",
        "send_completion",
    }


# -- extensions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "name"), [(TypeExtension, "registered"), (OpenApiAuthenticationExtension, "_registry")]
)
def test_an_extension(monkeypatch: pytest.MonkeyPatch, application: Any, owner: Any, name: str) -> None:
    monkeypatch.setattr(owner, name, [*getattr(owner, name)])
    before = of(application)

    getattr(owner, name).append(type("Extension", (owner,), {"target_class": "nowhere.Thing"}))

    assert of(application) != before


# -- hooks ---------------------------------------------------------------------------------------------------


def hook(value: Any) -> Any:
    return value


def other_hook(value: Any) -> Any:
    return value


def less(routes: list[Any]) -> list[Any]:
    return routes[1:]


@pytest.mark.parametrize(
    ("setting", "other"), [("ASYNCAPI_PREPROCESSING_HOOKS", less), ("ASYNCAPI_POSTPROCESSING_HOOKS", other_hook)]
)
def test_a_hook_that_is_another_function(
    monkeypatch: pytest.MonkeyPatch, application: Any, setting: str, other: Any
) -> None:
    with override_chanx_settings(**{setting: [f"{__name__}.hook"]}):
        before = of(application)
        assert of(application) == before

        monkeypatch.setattr(f"{__name__}.hook", other)

        assert of(application) != before


@pytest.mark.parametrize("setting", ["ASYNCAPI_PREPROCESSING_HOOKS", "ASYNCAPI_POSTPROCESSING_HOOKS"])
def test_a_hook_that_cannot_be_found_is_refused(application: Any, setting: str) -> None:
    with override_chanx_settings(**{setting: ["nowhere.hook"]}), pytest.raises((ImportError, ValueError)):
        of(application)


# -- settings ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda: override_chanx_settings(CAMELIZE=True),
        lambda: override_chanx_settings(INFO={"TITLE": "Other"}),
        lambda: override_chanx_settings(DOCUMENTS={"a": {"APPS": ["chat"]}}),
        lambda: override_settings(CHANX={"MESSAGE_ACTION_KEY": "type"}),
        lambda: override_settings(SPECTACULAR_SETTINGS={"TITLE": "Other"}),
        lambda: override_settings(REST_FRAMEWORK={}),
        lambda: override_settings(SESSION_COOKIE_NAME="other"),
        lambda: override_settings(SOMETHING_OF_AN_EXTENSION=1),
        lambda: patched_settings({"TITLE": "Other"}),
        lambda: patched_settings({"COMPONENT_SPLIT_REQUEST": True}),
        lambda: override("de"),
    ],
)
def test_settings_and_language(application: Any, change: Callable[[], Any]) -> None:
    before = of(application)

    with change():
        assert of(application) != before

    assert of(application) == before


def test_only_settings_that_somebody_has_set_are_read(monkeypatch: pytest.MonkeyPatch, application: Any) -> None:
    """Django warns of some of the others, and of those for mail."""
    read: list[str] = []
    get = LazySettings.__getattr__

    def note(self: LazySettings, name: str) -> Any:
        read.append(name)
        return get(self, name)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with override_settings(SOMETHING_OF_AN_EXTENSION=1, EMAIL_HOST="mail.example"):
            monkeypatch.setattr(LazySettings, "__getattr__", note)
            of(application)
            monkeypatch.undo()

    assert "SOMETHING_OF_AN_EXTENSION" in read
    assert not {"EMAIL_HOST", "USE_THOUSAND_SEPARATOR", "FORMAT_MODULE_PATH"}.intersection(read)


def test_a_setting_that_is_changed_in_place(settings: Settings, application: Any) -> None:
    settings.CHANX = {"INFO": {"TAGS": [{"name": "a"}]}}
    before = of(application)

    configured: Any = django_settings.CHANX
    configured["INFO"]["TAGS"][0]["name"] = "b"

    assert of(application) != before


def test_a_setting_that_is_assigned(settings: Settings, application: Any) -> None:
    del settings.CHANX
    before = of(application)

    django_settings.CHANX = {"CAMELIZE": True}

    assert of(application) != before


def test_a_project_without_a_secret(settings: Settings, application: Any) -> None:
    before = of(application)
    settings.SECRET_KEY = ""

    assert of(application) == before


def test_a_text_that_is_translated(settings: Settings) -> None:
    settings.CHANX = {"INFO": {"TITLE": gettext_lazy("Yes")}}

    with override("de"):
        german = frozen(settings.CHANX)

    assert german != frozen(settings.CHANX)


# -- options -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"spec_version": "3.0.0"},
        {"server_url": "wss://a.example"},
        {"title": "Other"},
        {"api_version": "2"},
        {"document": "part"},
        {"apps": ("chat",)},
        {"tags": ("chat",)},
    ],
)
def test_options(application: Any, options: dict[str, Any]) -> None:
    with override_chanx_settings(DOCUMENTS={"part": {}}):
        assert of(application, **options) != of(application)


# -- values --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [(1, True), (1, 1.0), ([], ()), ({}, []), ({"a": 1}, {"a": "1"}), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (None, "")],
)
def test_values_that_a_document_would_show_differently_differ(one: Any, other: Any) -> None:
    assert frozen(one) != frozen(other)


@pytest.mark.parametrize(
    "value", [{"a": [1, {2}, {"b": None}]}, lazystr("a"), UserDict({"a": 1}), int, print, frozenset([1])]
)
def test_a_value_equals_itself_and_can_be_a_key(value: Any) -> None:
    assert frozen(value) == frozen(value)
    hash(frozen(value))


def test_what_cannot_be_a_key_is_refused(settings: Settings, application: Any) -> None:
    settings.SOMETHING = bytearray(b"a")

    with pytest.raises(TypeError):
        of(application)
