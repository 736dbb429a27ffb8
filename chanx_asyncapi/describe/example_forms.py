"""The forms in which people write examples."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast


class Given(NamedTuple):
    """An example as its author gives it; without a name it has the number of its place."""

    value: Any
    name: str | None = None
    summary: str | None = None


def given_examples(declared: Any) -> Iterator[Given]:
    """Each example in what a schema has under ``examples``: a list, as JSON Schema wants it, or OpenAPI's mapping.

    https://json-schema.org/draft-07, validation 10.4; https://spec.openapis.org/oas/v3.1.0#example-object
    """
    if isinstance(declared, Mapping) and all(map(_is_example_object, declared.values())):
        for name, described in cast("Mapping[str, Mapping[str, Any]]", declared).items():
            yield Given(described["value"], name, described.get("summary") or described.get("description"))
    elif isinstance(declared, list | tuple):
        yield from (Given(value) for value in cast("list[Any]", declared))
    else:
        yield Given(declared)


def _is_example_object(value: object) -> bool:
    return isinstance(value, Mapping) and "value" in value and value.keys() <= {"summary", "description", "value"}
