"""Python: asyncio, the library ``websockets``, models of pydantic.

:mod:`~chanx_asyncapi.codegen.python.runtime` is the part that is the same for every service. It is written and tested
as any other code, and copied into each client.
"""

from chanx_asyncapi.codegen.language import Language
from chanx_asyncapi.codegen.python.package import render
from chanx_asyncapi.codegen.python.snippets import snippet

LANGUAGE = Language(name="python", title="Python", render=render, snippet=snippet)
