"""Fields of the document's objects: what is empty is left out."""

from typing import Any


def present(**fields: Any) -> dict[str, Any]:
    """``fields`` without those that are None or empty: to the objects of the document, an empty one that is given is
    a statement of its own."""
    return {name: value for name, value in fields.items() if value not in (None, (), [], {})}
