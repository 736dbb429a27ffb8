"""The project's own functions: over the routes before they are described, and over the document when it is made.

Each gets what the one before has returned. One that fails changes nothing, and is a problem.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar, cast

from django.utils.module_loading import import_string

from chanx.routing import Route
from chanx.settings import chanx_settings
from chanx_asyncapi.describe.definitions import in_one_line
from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import Document

T = TypeVar("T")


def preprocessed(routes: Iterable[Route]) -> tuple[list[Route], list[Problem]]:
    """The routes as the hooks of ASYNCAPI_PREPROCESSING_HOOKS leave them."""

    def apply(hook: Any, routes: list[Route]) -> list[Route]:
        return list(_routes(hook([*routes])))

    return _applied("ASYNCAPI_PREPROCESSING_HOOKS", list(routes), apply)


def postprocessed(document: Document) -> tuple[Document, list[Problem]]:
    """The document as the hooks of ASYNCAPI_POSTPROCESSING_HOOKS leave it.

    They work on its JSON shape, which is easy to change, and is read again: what is handed on is a document.
    """

    def apply(hook: Any, document: Document) -> Document:
        returned = hook(document.to_wire())
        # What no file can hold, or what the hook may still change, must not get into the document.
        return Document.from_wire(json.loads(json.dumps(returned, allow_nan=False, ensure_ascii=False).encode()))

    return _applied("ASYNCAPI_POSTPROCESSING_HOOKS", document, apply)


def _applied(setting: str, value: T, apply: Callable[[Any, T], T]) -> tuple[T, list[Problem]]:
    problems: list[Problem] = []
    for path in getattr(chanx_settings, setting):
        try:
            value = apply(import_string(path), value)
        except Exception as error:  # hooks are the project's, and so is what they return
            problems.append(
                Problem(
                    code=Code.HOOK,
                    where=("settings", setting, str(path)),
                    text=f"the hook has no effect: {in_one_line(error)}.",
                    way_out="Correct it: it returns what it was given, or another value of that kind.",
                )
            )
    return value, problems


def _routes(returned: Any) -> Iterator[Route]:
    for route in returned:
        if not (
            isinstance(route, Route)
            and isinstance(cast("Any", route.address), str)
            and isinstance(cast("Any", route.name), str | None)
        ):
            raise TypeError(f"{route!r} is no Route")
        yield route
