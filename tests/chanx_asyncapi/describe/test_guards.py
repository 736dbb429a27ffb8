"""The classes that guard a handshake, as the handshake finds them."""

from typing import Any

import pytest
from rest_framework.authentication import BasicAuthentication
from rest_framework.permissions import AllowAny, IsAdminUser, IsAuthenticated, IsAuthenticatedOrReadOnly

from chanx.generic.authenticator import ChanxAuthView, ChanxWebsocketAuthenticator
from chanx.generic.metaclass import ConsumerMeta
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx_asyncapi.describe.guards import guards


class Base(AsyncJsonWebsocketConsumer[PingMessage], abstract=True): ...


class AdminView(ChanxAuthView):
    permission_classes = (IsAdminUser,)


class AdminAuthenticator(ChanxWebsocketAuthenticator):
    view_class = AdminView
    authentication_classes = (BasicAuthentication,)


def consumer(**attributes: Any) -> type[Any]:
    return ConsumerMeta("Consumer", (Base,), {"__module__": __name__, **attributes})


def test_the_consumer_decides_before_its_authenticator_and_that_before_its_view() -> None:
    guarded = consumer(authenticator_class=AdminAuthenticator)

    assert guards(guarded).authentication_classes == (BasicAuthentication,)
    assert guards(guarded).permissions == ("rest_framework.permissions.IsAdminUser",)
    assert guards(consumer(permission_classes=())).permissions == ()


def test_without_any_word_drfs_defaults_count() -> None:
    found = guards(consumer())

    assert found.authentication_classes == tuple(ChanxAuthView.authentication_classes)
    assert found.permissions == ("rest_framework.permissions.IsAuthenticated",)


def test_names_are_dotted_paths_combined_as_in_the_source() -> None:
    combined = (IsAuthenticated & ~IsAdminUser) | AllowAny

    assert guards(consumer(permission_classes=(IsAdminUser, combined))).permissions == (
        "rest_framework.permissions.IsAdminUser",
        "(rest_framework.permissions.IsAuthenticated & ~rest_framework.permissions.IsAdminUser) | "
        "rest_framework.permissions.AllowAny",
    )


def test_anybody_is_admitted_only_when_that_is_certain() -> None:
    assert guards(consumer(permission_classes=())).admit_anybody
    assert guards(consumer(permission_classes=(AllowAny,))).admit_anybody
    assert guards(consumer(permission_classes=(IsAuthenticatedOrReadOnly,))).admit_anybody
    assert not guards(consumer(permission_classes=(IsAuthenticatedOrReadOnly,), auth_method="post")).admit_anybody
    assert not guards(consumer(permission_classes=(AllowAny, IsAuthenticated))).admit_anybody
    assert not guards(consumer(permission_classes=(AllowAny | IsAuthenticated,))).admit_anybody


def test_an_authenticator_without_any_class_lets_everybody_in() -> None:
    class Own:
        view_class = None

    found = guards(consumer(authenticator_class=Own))

    assert (found.authentication_classes, found.permissions, found.admit_anybody) == ((), (), True)


@pytest.mark.parametrize("attributes", [{"permission_classes": 7}, {"authenticator_class": None, "auth_method": None}])
def test_attributes_that_are_nothing_of_the_kind_raise(attributes: dict[str, Any]) -> None:
    with pytest.raises((TypeError, AttributeError)):
        guards(consumer(**attributes))
