"""What is generated compiles under the strictest flags, takes what fits, refuses what does not, and is small."""

import copy
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from chanx_asyncapi.codegen.language import Options
from chanx_asyncapi.codegen.languages import LANGUAGES, generate
from chanx_asyncapi.codegen.typescript.snippets import value
from tests.chanx_asyncapi.codegen.cases import CASES, HOSTILE_TEXT, document, frame, obj
from tests.chanx_asyncapi.codegen.typescript.toolchain import (
    EXTRAS,
    ROOT,
    RUNTIME,
    bundle,
    compiler_errors,
    generated,
    gzip_size,
    reformatted,
    run_module,
)
from tests.contract.documents import torture

DEMO: Final = json.loads((ROOT / "tests" / "golden" / "asyncapi.json").read_text())

#: Limits in bytes, compressed.
SIZES: Final = {"runtime.ts": 3_200, "react.ts": 1_000, "testing.ts": 600}


def documents() -> dict[str, dict[str, Any]]:
    return {
        "demo": DEMO,
        "cases": document(),
        "torture": json.loads(torture()),
        "other wire": json.loads(torture(other_wire=True)),
    }


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """A client with all extras for each document."""
    folder = tmp_path_factory.mktemp("clients")
    return {name: generated(each, folder / "all" / name) for name, each in documents().items()}


def test_clients_compile_under_the_strictest_flags(clients: Mapping[str, Path]) -> None:
    assert compiler_errors(clients["demo"].parent) == []


def test_clients_compile_in_a_project_with_other_habits(clients: Mapping[str, Path]) -> None:
    loose: dict[str, Any] = {"strict": False, "exactOptionalPropertyTypes": False, "noUncheckedIndexedAccess": False}

    assert compiler_errors(clients["cases"], **loose, isolatedDeclarations=False) == []


def test_prettier_has_nothing_to_change(clients: Mapping[str, Path]) -> None:
    assert reformatted(clients["demo"].parent) == []


def test_a_mistake_of_the_compiler_or_of_prettier_would_be_seen(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong"
    wrong.mkdir()
    (wrong / "wrong.ts").write_text("export const text: string = 1\n")

    assert "TS2322" in compiler_errors(wrong)[0]
    assert reformatted(wrong) == [str(wrong / "wrong.ts")]


def test_types_take_what_fits_and_refuse_what_does_not(clients: Mapping[str, Path], tmp_path: Path) -> None:
    """A line for each value: the compiler has to complain of those that do not fit, and of no other."""
    folder = generated(document(), tmp_path / "client", "validators")
    lines = ['import type * as types from "./types.ts";']
    for case in CASES:
        taken = [(each, True) for each in (*case.valid, *case.refused)]
        for number, (each, fits) in enumerate([*taken, *((each, False) for each in case.invalid)]):
            for direction in ("In", "Out"):
                literal = re.sub(r"\n\s*", " ", value(each))
                name = f"{case.name}{direction}"
                lines += [] if fits else ["// @ts-expect-error"]
                lines.append(f'export const v{name}{number}: types.{name}["payload"] = {literal};')
    (folder / "values.ts").write_text("\n".join(lines) + "\n", encoding="utf-8")

    assert compiler_errors(folder) == []
    assert sum(line.startswith("// @ts-expect-error") for line in lines) > 250


def test_validators_take_what_fits_and_refuse_the_rest(clients: Mapping[str, Path], tmp_path: Path) -> None:
    assert compiler_errors(clients["cases"], emit=tmp_path, noUnusedLocals=False) == []
    given: list[tuple[dict[str, Any], bool]] = [
        ({"type": f"{case.name}{direction}", "frame": frame(case, each)}, fits)
        for case in CASES
        for direction in ("In", "Out")
        for values, fits in ((case.valid, True), (case.refused, False), (case.invalid, False))
        for each in values
    ]

    answers = run_module(
        f'import * as v from "{tmp_path}/validators.js";\n'
        'let text = ""; for await (const part of process.stdin) text += part;\n'
        "const given = JSON.parse(text);\n"
        "console.log(JSON.stringify(given.map(({ type, frame }) =>"
        " [v[`is${type}`](frame), v.problems(type, frame).length === 0])));",
        stdin=[each for each, _ in given],
    )

    wrong = [
        (each["type"], each["frame"]["payload"])
        for (each, fits), answer in zip(given, answers, strict=True)
        if answer != [fits, fits]
    ]
    assert wrong == []


def test_problems_tell_where(clients: Mapping[str, Path], tmp_path: Path) -> None:
    assert compiler_errors(clients["demo"], emit=tmp_path, noUnusedLocals=False) == []
    code = f'import {{ problems }} from "{tmp_path}/validators.js";\n'

    found = run_module(
        code + 'console.log(JSON.stringify(problems("ChatHistory", '
        '{ action: "history", payload: { messages: [{ id: 0, kind: "x" }] } })));'
    )

    assert {(json.dumps(each["path"]), each["keyword"]) for each in found} == {
        ('["payload", "has_more"]', "required"),
        ('["payload", "messages", 0, "author"]', "required"),
        ('["payload", "messages", 0, "text"]', "required"),
        ('["payload", "messages", 0, "created_at"]', "required"),
        ('["payload", "messages", 0, "id"]', "minimum"),
        ('["payload", "messages", 0, "kind"]', "enum"),
    }


def test_case_64_no_text_of_a_document_ends_a_literal_or_a_comment(tmp_path: Path) -> None:
    """Importing and calling everything ends with 0, and nothing of the texts has happened."""
    hostile = document()
    hostile["info"]["version"] = HOSTILE_TEXT
    hostile["components"]["securitySchemes"] = {
        "key": {"type": "httpApiKey", "in": "query", "name": HOSTILE_TEXT, "description": HOSTILE_TEXT}
    }
    hostile["channels"]["telling"]["address"] = f"/{HOSTILE_TEXT}/"
    hostile["operations"]["told.send"]["security"] = [{"$ref": "#/components/securitySchemes/key"}]
    hostile["servers"]["default"]["host"] = HOSTILE_TEXT
    schema = {**obj("action", action={"const": HOSTILE_TEXT}), "x": HOSTILE_TEXT}
    hostile["components"]["messages"]["told"]["payload"] = schema
    client = generated(hostile, tmp_path / "client")

    assert compiler_errors(client, emit=tmp_path / "js", noUnusedLocals=False) == []
    assert reformatted(client) == []
    printed = run_module(
        f'const modules = await Promise.all(["channels", "testing", "validators", "index"]'
        f".map((name) => import(`{tmp_path}/js/${{name}}.js`)));\n"
        "const made = Object.entries(modules[0]).map(([, connect]) => connect({ params: { class: 1 } }).state);\n"
        "console.log(JSON.stringify([made, {}.polluted ?? null]));"
    )

    assert printed == [["idle", "idle", "idle"], None]
    for file in client.glob("*.ts"):
        # Nothing hides what stands where, either.
        assert not re.search("[\\x00-\\x08\\x0b-\\x1f\\u2028-\\u202e\\ufeff]", file.read_text(encoding="utf-8")), file


def test_importing_touches_nothing_global(clients: Mapping[str, Path], tmp_path: Path) -> None:
    """As where pages are rendered on a server: there is neither window nor WebSocket, nor any timer to hang on."""
    assert compiler_errors(clients["demo"], emit=tmp_path, noUnusedLocals=False) == []

    printed = run_module(
        "const touched = [];\n"
        "for (const name of ['WebSocket', 'window', 'document', 'navigator', 'location', 'addEventListener',"
        " 'setTimeout', 'setInterval', 'fetch', 'localStorage'])\n"
        "  Object.defineProperty(globalThis, name, { get() { touched.push(name); return undefined; } });\n"
        f'const {{ connectChat }} = await import("{tmp_path}/index.js");\n'
        "const chat = connectChat({ params: { pk: 1 } });\n"
        "chat.on('posted', () => {}); chat.watch(() => {}); chat.close();\n"
        "console.log(JSON.stringify(touched));"
    )

    assert printed == []


def test_sizes(tmp_path: Path) -> None:
    sizes = {name: gzip_size(bundle(RUNTIME / name, tmp_path / f"{name}.js", "react")) for name in SIZES}

    assert {name: size for name, size in sizes.items() if size > SIZES[name]} == {}
    # A bundle of nothing would be small as well.
    assert all(size > SIZES[name] / 4 for name, size in sizes.items())


def test_a_client_needs_no_package(clients: Mapping[str, Path]) -> None:
    imported = {
        found
        for client in clients.values()
        for file in client.glob("*.ts")
        for found in re.findall(r'from "([^"]+)"', file.read_text(encoding="utf-8"))
    }

    assert {name for name in imported if not name.startswith("./")} == {"react"}


def test_the_same_document_makes_the_same_bytes() -> None:
    for each in documents().values():
        turned = {key: each[key] for key in reversed(each)}
        first, second = (
            generate(given, LANGUAGES["typescript"], Options(extras=EXTRAS)).files for given in (each, turned)
        )
        assert first == second
        assert [file.path for file in first] == sorted(file.path for file in first)


def test_a_message_more_changes_no_line_of_the_others(tmp_path: Path) -> None:
    more = copy.deepcopy(DEMO)
    schemas, messages = more["components"]["schemas"], more["components"]["messages"]
    schemas["chat.messages.Aaa"] = {
        **copy.deepcopy(schemas["chat.messages.PostMessage"]),
        "description": "A new one.",
    }
    schemas["chat.messages.Aaa"]["properties"]["action"]["const"] = "aaa"
    messages["chat.messages.Aaa"] = {"name": "aaa", "payload": {"$ref": "#/components/schemas/chat.messages.Aaa"}}
    more["channels"]["chat"]["messages"]["aaa"] = {"$ref": "#/components/messages/chat.messages.Aaa"}
    more["operations"]["chat.receive.aaa"] = {
        **more["operations"]["chat.receive.set_typing"],
        "messages": [{"$ref": "#/channels/chat/messages/aaa"}],
    }

    def lines(given: Mapping[str, Any]) -> list[str]:
        files = generate(given, LANGUAGES["typescript"], Options(extras=EXTRAS)).files
        return [line for file in files for line in file.text.splitlines() if "sha256" not in line]

    old, new = lines(DEMO), lines(more)
    remaining = iter(new)
    assert all(line in remaining for line in old), "a line is gone, or moved"
    assert "export interface ChatAaa {" in new


def test_deprecations_are_marked(clients: Mapping[str, Path]) -> None:
    channels = (clients["torture"] / "channels.ts").read_text()

    assert re.search(r"\* @deprecated\n {5}\*/\n {4}old: Sent<", channels)
    assert "\\@deprecated" in (clients["cases"] / "channels.ts").read_text()


def test_a_package_builds_as_it_is(tmp_path: Path) -> None:
    package = generated(DEMO, tmp_path / "package", "react", package="@team/chat-client")
    manifest = json.loads((package / "package.json").read_text())
    settings: dict[str, Any] = json.loads((package / "tsconfig.json").read_text())["compilerOptions"]
    settings |= {"rootDir": str(package / "src"), "outDir": str(package / "dist"), "noEmit": False}

    errors = compiler_errors(package / "src", emit=None, **settings, moduleResolution="NodeNext")
    assert errors == []
    assert (manifest["name"], manifest["version"], manifest["sideEffects"]) == ("@team/chat-client", "1.0.0", False)
    assert "dependencies" not in manifest
    for module in manifest["exports"].values():
        assert (package / module["types"]).is_file()
        assert (package / module["default"]).is_file()
    assert "connectChat" in (package / "README.md").read_text()
    assert reformatted(package / "src") == []
    assert [path for path in reformatted(package) if "/dist/" not in path] == []
