"""The compiler, prettier, a bundler and Node.js, as front-end teams have them, for what is generated."""

import gzip
import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from chanx_asyncapi.codegen.files import write_files
from chanx_asyncapi.codegen.language import Options
from chanx_asyncapi.codegen.languages import LANGUAGES, generate

ROOT: Final = Path(__file__).parents[4]
RUNTIME: Final = ROOT / "chanx_asyncapi" / "codegen" / "typescript" / "runtime"
_STATIC: Final = ROOT / "static" / "node_modules"
_TESTS: Final = ROOT / "tests" / "node_modules"

#: The strictest that projects ask for.
FLAGS: Final[Mapping[str, Any]] = {
    "target": "ES2022",
    "lib": ["ES2022", "DOM"],
    "module": "ESNext",
    "moduleResolution": "Bundler",
    "strict": True,
    "verbatimModuleSyntax": True,
    "isolatedModules": True,
    "isolatedDeclarations": True,
    "declaration": True,
    "erasableSyntaxOnly": True,
    "exactOptionalPropertyTypes": True,
    "noUncheckedIndexedAccess": True,
    "noImplicitOverride": True,
    "noImplicitReturns": True,
    "noFallthroughCasesInSwitch": True,
    "noPropertyAccessFromIndexSignature": True,
    "noUnusedLocals": True,
    "noUnusedParameters": True,
    "rewriteRelativeImportExtensions": True,
    "types": [],
    "paths": {"react": [str(_TESTS / "@types" / "react" / "index.d.ts")]},
}
EXTRAS: Final = frozenset({"react", "testing", "validators"})


def generated(document: Mapping[str, Any], folder: Path, *extras: str, package: str | None = None) -> Path:
    """A client in ``folder``, with the extras given, or all of them."""
    options = Options(extras=frozenset(extras) or EXTRAS, package=package)
    write_files(generate(document, LANGUAGES["typescript"], options).files, folder)
    return folder


def compiler_errors(folder: Path, *, emit: Path | None = None, **flags: Any) -> list[str]:
    """What the compiler says about the TypeScript below ``folder``; JavaScript goes into ``emit``."""
    output = {"noEmit": True} if emit is None else {"outDir": str(emit), "rootDir": str(folder)}
    settings = {"compilerOptions": {**FLAGS, **output, **flags}, "include": [str(folder)]}
    with tempfile.TemporaryDirectory() as place:
        config = Path(place, "tsconfig.json")
        config.write_text(json.dumps(settings))
        command = [str(_STATIC / ".bin" / "tsc"), "-p", str(config), "--pretty", "false"]
        process = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120)
    assert process.returncode == 0 or process.stdout, process.stderr
    return process.stdout.splitlines()


def reformatted(folder: Path) -> list[str]:
    """The files below ``folder`` that prettier, with its defaults, would change."""
    command = [str(_TESTS / ".bin" / "prettier"), "--no-editorconfig", "--no-config", "--list-different", str(folder)]
    process = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120, cwd=ROOT)
    assert process.returncode in (0, 1), process.stderr
    return [str((ROOT / line).resolve()) for line in process.stdout.splitlines()]


def bundle(source: Path, target: Path, *external: str, environment: str = "production") -> Path:
    """A module with what it imports except for ``external``, minified, in one file."""
    options = [
        *("--format=esm", "--minify", f"--file={target}", *(f"--external={name}" for name in external)),
        *("--transform.define", f'process.env.NODE_ENV:"{environment}"'),
    ]
    command = [str(_STATIC / ".bin" / "rolldown"), str(source), *options]
    process = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=60)
    assert process.returncode == 0, process.stdout + process.stderr
    return target


def gzip_size(file: Path) -> int:
    """The size of a file as servers compress it."""
    return len(gzip.compress(file.read_bytes(), 9))


def run_node(*arguments: str, stdin: str = "", timeout: float = 60) -> str:
    """What Node.js prints; fails when it fails."""
    process = subprocess.run(["node", *arguments], input=stdin, capture_output=True, encoding="utf-8", timeout=timeout)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


def run_module(code: str, *, stdin: object = None, flags: Sequence[str] = ()) -> Any:
    """The JSON that a module prints, which may read JSON from its standard input."""
    printed = run_node(*flags, "--input-type=module", "--eval", code, stdin=json.dumps(stdin))
    return json.loads(printed) if printed else None
