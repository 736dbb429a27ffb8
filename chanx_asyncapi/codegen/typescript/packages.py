"""What makes a package of a client: for teams that publish it."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from chanx_asyncapi.codegen.files import GeneratedFile
from chanx_asyncapi.codegen.language import OptionsError
from chanx_asyncapi.codegen.model import Api
from chanx_asyncapi.codegen.typescript.encoding import comment_text
from chanx_asyncapi.codegen.typescript.snippets import connection

#: What npm allows as the name of a package (its documentation of package.json, "name").
_NAME: Final = re.compile(r"(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*")
_LONGEST: Final = 214
#: https://semver.org, as far as it concerns what is published.
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?")
#: A list of texts, none of which is long.
_LIST: Final = re.compile(r"\[\n\s+([^\[\]{}]*?)\n\s+\]")


def package(api: Api, name: str, extras: frozenset[str]) -> Iterator[GeneratedFile]:
    """The files around the sources. Raises OptionsError for a name that no package may have."""
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        raise OptionsError(
            f"No npm package may be called {name!r}: take small letters, digits, dashes and dots, with an @scope/ "
            "before them if you like."
        )
    yield GeneratedFile("package.json", _json(_manifest(api, name, extras)))
    yield GeneratedFile("tsconfig.json", _LIST.sub(_in_one_line, _json(_compiler())))
    yield GeneratedFile("README.md", _readme(api, name))


def _manifest(api: Api, name: str, extras: frozenset[str]) -> dict[str, Any]:
    modules = {".": "index"} | {f"./{extra}": extra for extra in sorted(extras)}
    react = "react" in extras
    return {
        "name": name,
        "version": api.version if _VERSION.fullmatch(api.version) else "0.0.0",
        "description": f"A client for {api.title}",
        "type": "module",
        "sideEffects": False,
        "files": ["dist"],
        "exports": {
            path: {"types": f"./dist/{module}.d.ts", "default": f"./dist/{module}.js"}
            for path, module in modules.items()
        },
        "scripts": {"build": "tsc", "prepare": "tsc"},
        **({"peerDependencies": {"react": ">=18"}} if react else {}),
        "devDependencies": {**({"@types/react": ">=18"} if react else {}), "typescript": ">=5.7"},
    }


def _compiler() -> dict[str, Any]:
    options = {
        "target": "ES2022",
        "lib": ["ES2022", "DOM"],
        "module": "NodeNext",
        "strict": True,
        "verbatimModuleSyntax": True,
        "isolatedDeclarations": True,
        "erasableSyntaxOnly": True,
        "exactOptionalPropertyTypes": True,
        "noUncheckedIndexedAccess": True,
        "rewriteRelativeImportExtensions": True,
        "declaration": True,
        "skipLibCheck": True,
        "types": [],
        "rootDir": "src",
        "outDir": "dist",
    }
    return {"compilerOptions": options, "include": ["src"]}


def _readme(api: Api, name: str) -> str:
    title = " ".join(comment_text(api.title))
    examples = "".join(
        f"\n```ts\n{connection(channel).replace('./sdk/index.ts', name)}```\n" for channel in api.channels[:1]
    )
    return (
        f"# {name}\n\nA client for {title}, generated from its AsyncAPI document. Do not edit: the next run overwrites "
        f"it.\n{examples}\nIt needs no other package. Run `npm run build` before you publish it.\n"
    )


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _in_one_line(found: re.Match[str]) -> str:
    """A short list stays in its line: so prettier has it, but not in a package.json."""
    return f"[{' '.join(found[1].split())}]"
