"""Snippets are run: what they send is the example that they are made of."""

import ast
import asyncio
import json
import textwrap
from collections.abc import Mapping
from functools import partial
from types import ModuleType
from typing import Any

import pytest

from chanx_asyncapi.codegen.lower import lower
from chanx_asyncapi.codegen.python import LANGUAGE
from chanx_asyncapi.mock.server import MockServer
from tests.chanx_asyncapi.codegen.cases import CASES, Case, document, frame
from tests.chanx_asyncapi.codegen.python.conftest import DEMO

#: Keys that no class declares are left out.
LESS = {"ExtraAnything", "ExtraTyped", "Conditional", "Overlapping"}
DOCUMENT: dict[str, Any] = json.loads(DEMO.read_text())


def program(text: str, sdk: ModuleType, names: Mapping[str, Any]) -> Any:
    """The coroutine function that a snippet is the body of, with the imports that it has."""
    tree = ast.parse(f"async def main():\n{textwrap.indent(text, '    ')}")
    (main,) = tree.body
    assert isinstance(main, ast.AsyncFunctionDef)
    imports = [each for each in main.body if isinstance(each, ast.ImportFrom | ast.Import)]
    for each in imports:
        if isinstance(each, ast.ImportFrom) and each.module not in ("decimal", "uuid"):
            each.module = sdk.__name__
    main.body = [each for each in main.body if each not in imports]
    space: dict[str, Any] = {}
    exec(compile(ast.Module([*imports, main], []), "snippet", "exec"), space)
    space |= names
    return space["main"]


def test_each_operation_of_the_demo(sdk: ModuleType) -> None:
    api = lower(DOCUMENT).api
    found = [(channel, sending) for channel in api.channels for sending in channel.sends]
    assert len(found) > 7

    async def run() -> list[Any]:
        async with MockServer(DOCUMENT) as mock:
            for channel, sending in found:
                name = f"{channel.name}Client"
                client: Any = partial(getattr(sdk, name), mock.base_url)
                text = str(LANGUAGE.snippet(api, channel, sending))
                if sending.streams:
                    text = text.replace("print(reply)", "break")
                await asyncio.wait_for(program(text, sdk, {name: client, "token": "abc"})(), 10)
            return [received.frame for received in mock.received]

    frames = asyncio.run(run())
    expected = [sending.message.examples[0] for _, sending in found]
    assert [{key: value for key, value in each.items() if key != "id"} for each in frames] == expected


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_kind_of_payload(case: Case, cases: ModuleType) -> None:
    source = document([case])
    message = source["components"]["messages"][f"{case.name}.in"]
    for value in case.valid:
        message["examples"] = [{"payload": frame(case, value)}]
        api = lower(source).api
        (channel,) = [channel for channel in api.channels if channel.sends]
        snippet = LANGUAGE.snippet(api, channel, channel.sends[0])
        assert str(snippet) == f"{snippet.before}{snippet.payload}{snippet.after}"
        sent: list[Any] = []

        class Client:
            def __init__(self, **arguments: Any) -> None:
                assert arguments == {"class_": "class"}

            async def __aenter__(self) -> "Client":
                return self

            async def __aexit__(self, *_: object) -> None:
                pass

            async def send(self, message: Any, sent: list[Any] = sent) -> None:
                sent.append(message.to_wire())

        asyncio.run(program(str(snippet), cases, {"CasesClient": Client})())
        if case.name not in LESS:
            assert sent == [frame(case, value)]
