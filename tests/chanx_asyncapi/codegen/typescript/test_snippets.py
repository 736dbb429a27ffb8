"""Examples of code compile, and have a place for the payload."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from chanx_asyncapi.codegen.languages import OperationSnippet, snippets
from tests.chanx_asyncapi.codegen.typescript.toolchain import ROOT, compiler_errors, generated
from tests.contract.documents import torture

DEMO: Final = json.loads((ROOT / "tests" / "golden" / "asyncapi.json").read_text())


def typescript(document: Mapping[str, Any]) -> list[OperationSnippet]:
    return [each for each in snippets(document) if each.language == "typescript"]


def test_a_snippet_has_a_place_for_the_payload() -> None:
    post = next(each for each in typescript(DEMO) if each.action == "post_message")

    assert (post.operation, post.channel, post.title) == ("chat.receive.post_message", "chat", "TypeScript")
    assert post.before + post.payload + post.after == (
        'import { connectChat } from "./sdk/index.ts";\n'
        "\n"
        "const chat = connectChat({\n"
        "  params: { pk: 1 },\n"
        "  auth: async ({ refresh }) => ({ token: await getToken(refresh) }),\n"
        "});\n"
        "await chat.connect();\n"
        "\n"
        'const reply = await chat.request("post_message", {\n'
        "  payload: {\n"
        '    text: "Hello, @bob!",\n'
        "  },\n"
        "});\n"
    )
    assert post.payload == '{\n    text: "Hello, @bob!",\n  }'


def test_a_message_without_payload_has_no_place_for_one() -> None:
    ping = next(each for each in typescript(DEMO) if each.action == "ping")

    assert ping.payload == ""
    assert (ping.before + ping.after).endswith('const reply = await chat.request("ping");\n')


@pytest.mark.parametrize("name", ["demo", "torture"])
def test_snippets_compile(tmp_path: Path, name: str) -> None:
    document = DEMO if name == "demo" else json.loads(torture())
    folder = tmp_path / "code"
    generated(document, folder / "sdk", "testing")
    declared = "declare function getToken(refresh: boolean): Promise<string>;\n"
    for number, each in enumerate(typescript(document)):
        code = each.before + each.payload + each.after
        # What a query is asked for, nobody can invent.
        if "query: {}" not in code:
            (folder / f"snippet{number}.ts").write_text(declared + code + "export {};\n", encoding="utf-8")

    errors = compiler_errors(folder, noUnusedLocals=False)

    assert [re.sub(r"^.*?\): ", "", error) for error in errors] == []
    assert len([*folder.glob("snippet*.ts")]) > (5 if name == "demo" else 200)
