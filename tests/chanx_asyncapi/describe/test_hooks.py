"""Hooks see the routes before and the document after, and one that fails costs nothing but itself."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from channels.generic.websocket import AsyncWebsocketConsumer

from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.routing import Route
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import Description, describe
from chanx_asyncapi.describe.hooks import postprocessed
from chanx_asyncapi.render import render
from chanx_asyncapi.spec import Document
from chanx_asyncapi.validation import validate
from tests.chanx_asyncapi.describe.support import codes, service
from tests.contract.npm_parser import diagnostics


class Plain(AsyncWebsocketConsumer): ...


def without_foreign(routes: Sequence[Route]) -> Iterable[Route]:
    return (route for route in routes if route.spec is not None)


def behind_gateway(routes: Sequence[Route]) -> list[Route]:
    return [replace(route, address=f"/gateway{route.address}") for route in routes]


def emptied(routes: list[Route]) -> None:
    routes.clear()


def with_texts(routes: Sequence[Route]) -> list[Any]:
    return [route.address for route in routes]


def without_address(routes: Sequence[Route]) -> list[Any]:
    return [replace(route, address=None) for route in routes]  # type: ignore[arg-type]  # that is the case


def titled(document: dict[str, Any]) -> dict[str, Any]:
    document["info"]["title"] += " for you"
    return document


def without_operations(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "operations"}


def spoilt(document: dict[str, Any]) -> None:
    document.clear()


def with_unknown(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "chanels": {}}


def with_set(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "x-mine": {1}}


def with_surrogate(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "x-mine": "\ud800"}


def with_infinity(document: dict[str, Any]) -> dict[str, Any]:
    return {**document, "x-mine": float("inf")}


def failing(value: Any) -> Any:
    raise RuntimeError("not today")


def paths(*hooks: Any) -> list[str]:
    return [f"{__name__}.{hook.__name__}" for hook in hooks]


def with_hooks(*, before: Sequence[Any] = (), after: Sequence[Any] = ()) -> Description:
    class Good(AsyncJsonWebsocketConsumer[PingMessage]):
        """A good one."""

    with override_chanx_settings(
        ASYNCAPI_PREPROCESSING_HOOKS=paths(*before), ASYNCAPI_POSTPROCESSING_HOOKS=paths(*after)
    ):
        return describe(service(Good, Plain.as_asgi()))


def test_routes_are_filtered_and_changed_in_the_order_of_the_hooks() -> None:
    description = with_hooks(before=(without_foreign, behind_gateway))

    assert description.problems == ()
    assert [channel["address"] for channel in description.document.to_wire()["channels"].values()] == ["/gateway/0/"]
    assert diagnostics(render(description.document)) == []


def test_the_document_is_changed_in_the_order_of_the_hooks() -> None:
    document = with_hooks(after=(titled, titled, without_operations)).document

    assert document.info.title.endswith(" for you for you")
    assert document.operations == {}
    # The rules are for what is handed on.
    assert "asyncapi.W302" in {problem.code for problem in validate(document)}


@pytest.mark.parametrize(
    ("hook", "reason"),
    [
        (emptied, "TypeError: 'NoneType' object is not iterable"),
        (with_texts, "TypeError: '/gateway/0/' is no Route"),
        (without_address, " is no Route"),
        (failing, "RuntimeError: not today"),
    ],
)
def test_a_hook_over_routes_that_fails_has_no_effect(hook: Any, reason: str) -> None:
    description = with_hooks(before=(behind_gateway, hook, without_foreign))

    assert codes(description) == ["asyncapi.E007"]
    assert description.problems[0].where == ("settings", "ASYNCAPI_PREPROCESSING_HOOKS", *paths(hook))
    assert reason in description.problems[0].text
    assert description.document == with_hooks(before=(behind_gateway, without_foreign)).document


@pytest.mark.parametrize(
    ("hook", "reason"),
    [
        (spoilt, "Input should be a valid dictionary"),
        (with_unknown, "chanels: Extra inputs are not permitted"),
        (with_set, "TypeError: Object of type set is not JSON serializable"),
        (with_surrogate, "UnicodeEncodeError"),
        (with_infinity, "ValueError: Out of range float values are not JSON compliant"),
        (failing, "RuntimeError: not today"),
    ],
)
def test_a_hook_over_the_document_that_fails_has_no_effect(hook: Any, reason: str) -> None:
    description = with_hooks(before=(without_foreign,), after=(titled, hook, without_operations))

    assert codes(description) == ["asyncapi.E007"]
    assert description.problems[0].where == ("settings", "ASYNCAPI_POSTPROCESSING_HOOKS", *paths(hook))
    assert reason in description.problems[0].text
    assert description.document == with_hooks(before=(without_foreign,), after=(titled, without_operations)).document


def test_a_hook_that_cannot_be_imported_is_a_problem() -> None:
    with override_chanx_settings(
        ASYNCAPI_PREPROCESSING_HOOKS=["nowhere.hook"], ASYNCAPI_POSTPROCESSING_HOOKS=["chanx.settings.chanx_settings"]
    ):
        description = describe(service())

    assert [str(problem) for problem in description.problems] == [
        "asyncapi.E007 [settings > ASYNCAPI_PREPROCESSING_HOOKS > nowhere.hook] the hook has no effect: "
        "ModuleNotFoundError: No module named 'nowhere'. "
        "Correct it: it returns what it was given, or another value of that kind.",
        "asyncapi.E007 [settings > ASYNCAPI_POSTPROCESSING_HOOKS > chanx.settings.chanx_settings] the hook has no "
        "effect: TypeError: 'ChanxSettings' object is not callable. "
        "Correct it: it returns what it was given, or another value of that kind.",
    ]


def test_what_no_hook_touches_is_not_read_again() -> None:
    document = describe().document

    assert postprocessed(document)[0] is document


def test_a_document_that_is_read_again_is_the_same() -> None:
    document = describe().document

    assert Document.from_wire(document.to_wire()) == document
    assert render(Document.from_wire(document.to_wire())) == render(document)
