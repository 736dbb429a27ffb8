"""The page on customizing the document: what its classes, extensions and hooks do to a document."""

from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
from channels.routing import URLRouter
from drf_spectacular.extensions import OpenApiAuthenticationExtension

from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.registry import Registry, use_registry
from chanx.routing import path
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import Description, describe
from chanx_asyncapi.extensions import TypeExtension
from chanx_asyncapi.render import render
from chanx_asyncapi.validation import validate
from tests.contract.npm_parser import diagnostics
from tests.docs.conftest import Load
from tests.docs.pages import ROOT, blocks

PAGE = "docs/guide/customizing.md"

Files = dict[str, ModuleType]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch, load: Load) -> Iterator[Files]:
    """The modules of the page, whose extensions are forgotten after the test."""
    monkeypatch.setattr(TypeExtension, "registered", [])
    registered: Any = vars(OpenApiAuthenticationExtension)["_registry"]
    monkeypatch.setattr(OpenApiAuthenticationExtension, "_registry", [*registered])
    # The settings are of a whole project, which is not there.
    monkeypatch.setattr("tests.docs.conftest.blocks", without_settings)
    with use_registry(Registry()):
        yield dict(load(PAGE))


def without_settings(page: str, *, language: str) -> Any:
    return [block for block in blocks(page, language=language) if block.path != "config/settings.py"]


def counter(files: Files) -> Any:
    return files["kitchen/consumers.py"].CounterConsumer


def document_of(*consumers: Any) -> dict[str, Any]:
    return without_problems(describe(routes(*consumers)))


def routes(*consumers: Any) -> URLRouter:
    return URLRouter([path(f"{each.__name__.lower()}/", each, name=each.__name__.lower()) for each in consumers])


def without_problems(description: Description) -> dict[str, Any]:
    assert description.problems == ()
    assert validate(description.document) == []
    assert diagnostics(render(description.document)) == []
    return description.document.to_wire()


def test_overrides(files: Files) -> None:
    document = document_of(counter(files), files["kitchen/consumers.py"].HatchConsumer)

    channel, hatch = document["channels"].values()
    assert (channel["title"], channel["externalDocs"]) == ("The counter", {"url": "https://example.com/kitchen"})
    assert (hatch["title"], hatch["x-deprecated"], hatch["x-team"]) == ("Hatch", True, "kitchen")
    assert hatch["externalDocs"] == channel["externalDocs"]
    assert "x-deprecated" not in channel
    assert document["operations"]["counterconsumer.receive.order"]["tags"] == [{"name": "orders"}]
    order = document["components"]["messages"]["kitchen.messages.Order"]
    assert order["title"] == "An order"
    assert [example["payload"] for example in order["examples"]] == [{"action": "order", "payload": "soup"}]
    assert "KITCHEN-12" not in str(document)
    assert "nspect" not in str(document)
    assert document["info"]["tags"][-1] == {"name": "orders"}


def test_foreign_types(files: Files) -> None:
    pay: Any = files["kitchen/bills.py"].Pay

    class Till(AsyncJsonWebsocketConsumer[pay]):
        """Takes money."""

        outgoing_messages = (pay,)

        async def receive_message(self, message: Any, **kwargs: Any) -> None: ...

    schemas = document_of(Till)["components"]["schemas"]
    total, tips = schemas["kitchen.bills.Bill"]["properties"].values()
    assert total["pattern"] == tips["items"]["pattern"] == "^[A-Z]{3} [0-9]+[.][0-9]{2}$"
    # The serializer of a price says that it is a text, and no more.
    assert "pattern" not in schemas["kitchen.bills.Bill-sent"]["properties"]["total"]

    TypeExtension.registered.clear()
    where = [" > ".join(problem.where) for problem in describe(routes(Till)).problems]
    assert any(each.endswith("kitchen.bills.Pay > payload > total") for each in where)
    assert "kitchen.bills.Pay > payload > total] no schema can be made" in (ROOT / PAGE).read_text()


def test_authentication_classes(files: Files) -> None:
    class Guarded(counter(files)):  # type: ignore[misc]  # a class of the page
        """Guarded."""

        authentication_classes = (files["kitchen/authentication.py"].TerminalAuthentication,)

    assert document_of(Guarded)["components"]["securitySchemes"] == {
        "terminalAuth": {
            "type": "httpApiKey",
            "in": "header",
            "name": "X-Terminal",
            "description": "See the back of the terminal.",
        }
    }


def test_hooks(files: Files) -> None:
    (settings,) = (block for block in blocks(PAGE, language="python") if block.path == "config/settings.py")
    values: dict[str, Any] = {"CHANX": {}}
    exec(settings.text, values)
    consumer = counter(files)
    with override_chanx_settings(**values["CHANX"]):
        description = describe(URLRouter([path("counter/", consumer), path("internal/counter/", consumer)]))

    assert description.problems == ()
    document = description.document.to_wire()
    assert [channel["address"] for channel in document["channels"].values()] == ["/kitchen/counter/"]
    assert document["info"]["contact"] == {"name": "The cook"}


def test_what_runs_at_the_start(files: Files) -> None:
    """The application of the page imports a module that is there."""
    assert files["kitchen/apps.py"].KitchenConfig.name == "kitchen"
    assert [each.__name__ for each in TypeExtension.registered] == ["MoneyExtension"]
