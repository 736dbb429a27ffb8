"""The way to a problem: ``routing``, a consumer, a message or handler, a field, as far as each is known.

What several consumers share is found through the first of them in the routing: it is repaired in one place.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from chanx_asyncapi.describe.conversations import Conversation
from chanx_asyncapi.describe.guards import Guards
from chanx_asyncapi.describe.names import class_path
from chanx_asyncapi.problems import Problem


class Breadcrumbs:
    """The way to each message and authentication class, by its dotted path."""

    def __init__(self) -> None:
        self._ways: dict[str, tuple[str, ...]] = {}

    def add(self, consumer: type[Any], talk: Conversation, guarded: Guards) -> None:
        """Lays the ways through a consumer, where there are none yet."""
        here = ("routing", class_path(consumer))
        for frame in talk.keys:
            self._ways.setdefault(class_path(frame.message), here)
        for authentication in guarded.authentication_classes:
            self._ways.setdefault(class_path(authentication), (*here, "authentication_classes"))

    def before(self, problems: Iterable[Problem]) -> Iterator[Problem]:
        """``problems`` with the way to the class that each one begins with."""
        for problem in problems:
            way = self._ways.get(problem.where[0], ()) if problem.where else ()
            yield replace(problem, where=(*way, *problem.where))
