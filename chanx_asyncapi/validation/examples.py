"""Examples of messages, held against the schemas of their payloads. No other validator of AsyncAPI 3 does this."""

import copy
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.validation.formats import FORMATS
from chanx_asyncapi.validation.text import brief
from chanx_asyncapi.validation.tree import Tree, Where

# The document's own address while its references are followed; it is never fetched.
_DOCUMENT = "urn:chanx:document"


def examples(tree: Tree) -> Iterator[Problem]:
    """E308: each example fits the payload that it is an example of.

    Patterns that Python cannot read do not take part: they may be right for JavaScript, and E403 if they are not.
    """
    resource = DRAFT7.create_resource(_without_foreign_patterns(tree))
    registry: Registry[Any] = Registry().with_resource(_DOCUMENT, resource)
    for example in tree.of("example"):
        payload = (*example.where[:-2], "payload")
        if "payload" not in example.value or not _resolves(tree, payload):
            continue
        fragment = "".join(f"/{_escape(key)}" for key in payload)
        validator = Draft7Validator({"$ref": f"{_DOCUMENT}#{fragment}"}, registry=registry, format_checker=FORMATS)
        for error in validator.iter_errors(example.value["payload"]):
            yield Problem(
                code=Code.EXAMPLE,
                where=(*example.where, "payload", *(str(key) for key in error.absolute_path)),
                text=f"the example does not fit the payload: {brief(error.message)}.",
                way_out="Correct the example, or the model that it is an example of.",
            )


def _escape(key: str) -> str:
    """Write a key for a JSON Pointer in a fragment (RFC 6901, 3 and 6)."""
    return quote(key.replace("~", "~0").replace("/", "~1"), safe="~")


def _resolves(tree: Tree, payload: Where) -> bool:
    """Whether there is a schema at ``payload`` and all references that start from it lead to one (if not: E103)."""
    pending, seen = [payload], {payload}
    while pending:
        for node in tree.inside(pending.pop()):
            schema = tree.follow(node)
            if schema is None or schema.kind != node.kind:
                return False
            if schema.where not in seen:
                seen.add(schema.where)
                pending.append(schema.where)
    return tree.at(*payload) is not None


def _without_foreign_patterns(tree: Tree) -> dict[str, Any]:
    document = copy.deepcopy(tree.document)
    for node in reversed(list(tree.of("schema"))):  # inner ones first: an outer one may drop them
        schema = _at(document, node.where)
        if not _compiles(schema.get("pattern", "")):
            del schema["pattern"]
        if not all(map(_compiles, schema.get("patternProperties", ()))):
            del schema["patternProperties"]
            # It speaks of the properties that no pattern matches.
            schema.pop("additionalProperties", None)
    return document


def _at(document: Any, where: Where) -> Any:
    for key in where:
        document = document[int(key) if isinstance(document, list) else key]
    return document


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
