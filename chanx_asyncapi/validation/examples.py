"""Examples of messages, held against the schemas of their payloads. No other validator of AsyncAPI 3 does this."""

from collections.abc import Iterator
from urllib.parse import quote

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.validation.text import brief
from chanx_asyncapi.validation.tree import Tree, Where
from chanx_asyncapi.validation.values import validator


def examples(tree: Tree) -> Iterator[Problem]:
    """E308: each example fits the payload that it is an example of."""
    for example in tree.of("example"):
        payload = (*example.where[:-2], "payload")
        if "payload" not in example.value or not _resolves(tree, payload):
            continue
        pointer = "#" + "".join(f"/{_escape(key)}" for key in payload)
        for error in validator({"$ref": pointer}, tree.document).iter_errors(example.value["payload"]):
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
