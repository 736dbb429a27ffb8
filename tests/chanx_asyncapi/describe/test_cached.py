"""Cached descriptions: one as long as nothing changes, never a stale one, and never more than there is room for."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest
from channels.routing import URLRouter
from django.test import override_settings
from drf_spectacular.settings import patched_settings
from pytest_django import Settings

from chanx.generic.metaclass import ConsumerMeta
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.incoming import PingMessage
from chanx.routing import path
from chanx.utils.settings import override_chanx_settings
from chanx_asyncapi.describe import Description, Options, UnknownDocumentError, cached, cached_description, describe
from chanx_asyncapi.render import FORMATS, Format, render
from tests.chanx_asyncapi.describe.support import codes, service


@pytest.fixture(autouse=True)
def _empty() -> Iterator[None]:
    cached.descriptions.clear()
    yield
    cached.descriptions.clear()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Description]:
    """Every description that is really made."""
    made: list[Description] = []

    def counting(*arguments: Any) -> Description:
        made.append(describe(*arguments))
        return made[-1]

    monkeypatch.setattr(cached, "describe", counting)
    return made


def consumer(doc: str = "Talk.") -> Any:
    class Chat(AsyncJsonWebsocketConsumer[PingMessage]): ...

    return ConsumerMeta("Chat", (Chat,), {"__module__": __name__, "__doc__": doc})


def test_a_second_generation_comes_from_the_cache(made: list[Description]) -> None:
    first, second = cached_description(), cached_description()

    assert second is first
    assert made == [first.description]
    assert first.description == describe()


def test_a_service_that_is_read_again_comes_from_the_cache(made: list[Description]) -> None:
    each = consumer()

    cached_description(service(each))
    cached_description(service(each))

    assert len(made) == 1


def test_nothing_that_is_cached_is_stale(made: list[Description]) -> None:
    """Every change is seen, and what there was before is found again."""
    one, other = consumer("Talk."), consumer("Talk more.")
    application = service(one)

    def description() -> str | None:
        (channel,) = cached_description(application).description.document.channels.values()
        return channel.description  # type: ignore[union-attr]  # no reference

    def info(name: str) -> Any:
        return getattr(cached_description(application).description.document.info, name)

    assert description() == "Talk."
    # The module of a consumer is loaded again.
    application.routes[0] = path("0/", other, name="c0")
    assert description() == "Talk more."
    application.routes[0] = path("0/", one, name="c0")
    assert description() == "Talk."
    assert len(made) == 2

    with override_chanx_settings(INFO={"TITLE": "One"}):
        assert info("title") == "One"
        with override_chanx_settings(INFO={"TITLE": "Two"}):
            assert info("title") == "Two"
        assert info("title") == "One"
    with patched_settings({"VERSION": "7"}):
        assert info("version") == "7"
    assert info("version") == "1.0.0"
    with override_settings(SESSION_COOKIE_NAME="other"):
        document = cached_description(application).description.document.to_wire()
        assert document["components"]["securitySchemes"]["cookieAuth"]["name"] == "other"


@pytest.mark.parametrize("format", FORMATS)
def test_a_representation_is_made_once(monkeypatch: pytest.MonkeyPatch, format: Format) -> None:
    found = cached_description()
    first = found.representation(format)
    monkeypatch.delattr(cached, "render")

    assert cached_description().representation(format) is first
    assert first.body == render(found.description.document, format=format).encode()
    assert first.etag == sha256(first.body).hexdigest()


def test_names_of_hosts_take_no_more_room_and_cost_little(made: list[Description]) -> None:
    for number in range(100):
        cached_description(options=Options(server_url=f"ws://{number}.example"))

    assert len(cached.descriptions) == 8
    assert len(made) == 1


HOOK = "ASYNCAPI_POSTPROCESSING_HOOKS"


def name_the_host(document: dict[str, Any]) -> dict[str, Any]:
    document["info"]["title"] = document["servers"]["default"]["host"]
    return document


@pytest.mark.parametrize("url", ["wss://a.example/x", "nonsense"])
@pytest.mark.parametrize(
    "chanx", [{}, {HOOK: [f"{__name__}.name_the_host"]}, {"WEBSOCKET_BASE_URL": "wss://b.example"}]
)
def test_each_host_gets_what_describe_makes_for_it(chanx: dict[str, Any], url: str) -> None:
    with override_chanx_settings(**chanx):
        cached_description()

        found = cached_description(options=Options(server_url=url))

        assert found.description == describe(options=Options(server_url=url))
        assert found.description.document.to_wire() == describe(options=Options(server_url=url)).document.to_wire()


def test_names_of_hosts_cost_nothing_where_the_settings_name_the_server(made: list[Description]) -> None:
    with override_chanx_settings(SERVERS={"eu": {"url": "wss://eu.example"}}):
        for number in range(100):
            cached_description(options=Options(server_url=f"ws://{number}.example"))

    assert len(made) == 1


def test_a_setting_that_cannot_be_compared_is_described_each_time(made: list[Description], settings: Settings) -> None:
    settings.SOMETHING = bytearray(b"a")

    assert cached_description().description == cached_description().description
    assert len(made) == 2


def test_routing_that_cannot_be_read_is_described_each_time(made: list[Description]) -> None:
    class Broken:
        @property
        def inner(self) -> Any:
            raise RuntimeError("no routes today")

        async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    application = URLRouter([path("b", Broken())])

    assert codes(cached_description(application).description) == ["asyncapi.E001"]
    assert codes(cached_description(application).description) == ["asyncapi.E001"]
    assert len(made) == 2


def test_an_unknown_document_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(UnknownDocumentError):
            cached_description(options=Options(document="nowhere"))


def test_many_threads_make_one_description(made: list[Description]) -> None:
    application = service(consumer())
    start = threading.Barrier(8)

    def ask() -> bytes:
        start.wait(5)
        return cached_description(application).representation("json").body

    with ThreadPoolExecutor(8) as threads:
        bodies = {future.result(timeout=20) for future in [threads.submit(ask) for _ in range(8)]}

    assert len(bodies) == 1
    assert len(made) == 1
