"""Descriptions of types that are not yours: classes that pydantic cannot describe, or describes badly.

::

    from chanx_asyncapi.extensions import Direction, TypeExtension

    class ObjectIdExtension(TypeExtension):
        target_class = "bson.ObjectId"

        def json_schema(self, direction: Direction) -> dict[str, Any]:
            return {"type": "string", "pattern": "^[0-9a-f]{24}$"}

An extension registers itself when its class is created. Import its module when Django starts, for instance in
``ready()`` of an application.
"""

import pkgutil
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeAlias

#: Seen from the server.
Direction: TypeAlias = Literal["received", "sent"]

Schema: TypeAlias = dict[str, Any]


class ExtensionError(Exception):
    """An extension cannot describe a type; ``str()`` says which one, and why."""


class TypeExtension(ABC):
    """Describes the values of a class wherever an annotation in a message, or in what a message holds, names it.

    ``Annotated[…, Marker()]`` names the class of its marker as well.

    Only the document is concerned: how such a value is validated and serialized, pydantic must have been told
    elsewhere.
    """

    #: Every extension, in the order of definition.
    registered: ClassVar[list[type["TypeExtension"]]] = []

    #: The class, or its dotted path, which is looked up late: a package that nobody imports is never imported for it.
    target_class: ClassVar[str | type[Any]]
    #: Describe its subclasses, too.
    match_subclasses: ClassVar[bool] = False
    #: Of several extensions for one class, that of the highest priority describes it, or else the first one.
    priority: ClassVar[int] = 0

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.registered.append(cls)

    def __init__(self, target: Any, schema_of: Callable[[Any], Schema]) -> None:
        #: What the annotation names: the class, or the marker of an ``Annotated``.
        self.target = target
        #: Gives the schema, mostly a reference, of another annotation: of what a value consists of.
        self.schema_of = schema_of

    @classmethod
    def find_target(cls) -> type[Any] | None:
        """The class that is described; None when nobody has imported its package.

        Raises whatever importing its module raises, and AttributeError or TypeError when no class is there.
        """
        target: Any = getattr(cls, "target_class", None)
        if isinstance(target, str):
            if target.partition(".")[0] not in sys.modules:
                return None
            target = pkgutil.resolve_name(target)
        if target is not None and not isinstance(target, type):
            raise TypeError(f"{target!r} is no class")
        return target

    @abstractmethod
    def json_schema(self, direction: Direction) -> Schema:
        """A JSON Schema of the values on the wire, as the server receives them or as it sends them.

        One with ``properties`` or an ``enum`` becomes a component of the document, named by the dotted path of the
        class; any other one is written where the type is used.
        """
