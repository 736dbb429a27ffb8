"""References, and the places that hold either an object or a reference to one."""

from collections.abc import Mapping
from typing import Annotated, TypeAlias, TypeVar

from pydantic import Discriminator, Field, Tag

from chanx_asyncapi.spec.base import SpecObject


class Reference(SpecObject):
    """A pointer to an object defined elsewhere in the document. It has no other field.

    https://www.asyncapi.com/docs/reference/specification/v3.1.0#referenceObject
    """

    ref: str = Field(validation_alias="$ref", serialization_alias="$ref")


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "reference" if "$ref" in value or "ref" in value else "object"
    return "reference" if isinstance(value, Reference) else "object"


_T = TypeVar("_T", bound=SpecObject)

#: An object, or a reference to one. Deciding by the key keeps error messages to the branch that was meant.
OrReference: TypeAlias = Annotated[
    Annotated[_T, Tag("object")] | Annotated[Reference, Tag("reference")], Discriminator(_kind)
]
