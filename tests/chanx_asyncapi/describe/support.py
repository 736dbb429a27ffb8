"""What the tests of descriptions share: small services, and questions about their documents."""

from collections.abc import Iterator
from typing import Any

from channels.routing import URLRouter
from jsonschema import Draft7Validator

from chanx.routing import path
from chanx_asyncapi.describe import Description, describe


def service(*consumers: Any) -> URLRouter:
    """An application with a route for each consumer: ``/0/``, ``/1/`` …, named ``c0``, ``c1`` …"""
    return URLRouter([path(f"{number}/", each, name=f"c{number}") for number, each in enumerate(consumers)])


def described(*consumers: Any) -> dict[str, Any]:
    """The wire form of the document of :func:`service`, which has no problems."""
    description = describe(service(*consumers))
    assert description.problems == ()
    return description.document.to_wire()


def codes(description: Description) -> list[str]:
    """The codes of the problems, in their order."""
    return [str(problem.code) for problem in description.problems]


def payload_validator(document: dict[str, Any], message: str) -> Draft7Validator:
    """Validates frames against the schema of a message of the components."""
    schema = document["components"]["messages"][message]["payload"]
    return Draft7Validator({**schema, "components": document["components"]})


def schema_of(document: dict[str, Any], key: str) -> dict[str, Any]:
    """A schema of the components."""
    found: dict[str, Any] = document["components"]["schemas"][key]
    return found


def subschemas(value: Any) -> Iterator[dict[str, Any]]:
    """Each object in a JSON value, itself included."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from subschemas(part)
    elif isinstance(value, list):
        for part in value:
            yield from subschemas(part)
