"""Clients in TypeScript: no dependency, no code generation at run time, nothing global touched at import.

``runtime/`` holds what is the same for every service, as TypeScript that is tested as such and copied.
"""

from typing import Final

from chanx_asyncapi.codegen.language import Language
from chanx_asyncapi.codegen.typescript.rendering import EXTRAS, render
from chanx_asyncapi.codegen.typescript.snippets import snippet

__all__ = ["LANGUAGE"]

LANGUAGE: Final = Language(name="typescript", title="TypeScript", render=render, snippet=snippet, extras=EXTRAS)
