"""JSON Schemas: what readers of draft-07, JavaScript and generators of code understand."""

from collections.abc import Iterator

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.validation.regular_expressions import complaint
from chanx_asyncapi.validation.tree import Node, Tree

_DEFINITIONS = ("$defs", "definitions")
# Keywords that draft-07 does not have. Readers ignore what they do not know, so what these forbid would be allowed.
# https://json-schema.org/draft/2020-12/release-notes
_LATER_KEYWORDS = {
    "prefixItems": "Write items as a list and additionalItems: false.",
    "dependentRequired": "Write dependencies.",
    "dependentSchemas": "Write dependencies.",
    "contentSchema": "Describe the content in the description.",
    **dict.fromkeys(
        (
            "$anchor",
            "$dynamicAnchor",
            "$dynamicRef",
            "$recursiveAnchor",
            "$recursiveRef",
            "$vocabulary",
            "maxContains",
            "minContains",
            "unevaluatedItems",
            "unevaluatedProperties",
        ),
        "Say it with the keywords of draft-07.",
    ),
}
# Parts of another schema, not types of their own: nothing needs a name for them.
_PARTS = ("allOf", "if", "then", "else", "not")
# Whoever holds these has a name for them already.
_NAMED = ("payload", "headers", "query", "schemas", "x-schema")


def definitions(tree: Tree) -> Iterator[Problem]:
    """E401: what is shared stands in the components, where every reader looks for it."""
    for schema in tree.of("schema"):
        for keyword in _DEFINITIONS:
            if keyword in schema.value:
                yield Problem(
                    code=Code.LEFTOVER_DEFINITIONS,
                    where=(*schema.where, keyword),
                    text=f"{keyword} inside of a schema: generators look for shared schemas in the components.",
                    way_out="Move them to components.schemas and correct the references.",
                )


def later_keywords(tree: Tree) -> Iterator[Problem]:
    """E402: no keyword of a draft after draft-07."""
    for schema in tree.of("schema"):
        for keyword, way_out in _LATER_KEYWORDS.items():
            if keyword in schema.value:
                yield Problem(
                    code=Code.LATER_KEYWORD,
                    where=(*schema.where, keyword),
                    text=f"{keyword} is no keyword of draft-07, so readers ignore it.",
                    way_out=way_out,
                )


def patterns(tree: Tree) -> Iterator[Problem]:
    """E403: JavaScript accepts every regular expression."""
    for schema in tree.of("schema"):
        found = [("patternProperties", pattern) for pattern in schema.value.get("patternProperties", ())]
        if "pattern" in schema.value:
            found.append(("pattern", schema.value["pattern"]))
        for keyword, pattern in found:
            if problem := complaint(pattern):
                yield Problem(
                    code=Code.REGULAR_EXPRESSION,
                    where=(*schema.where, keyword),
                    text=f"JavaScript refuses {pattern!r}: {problem}.",
                    way_out="Write it so that both understand it.",
                )


def untitled(tree: Tree) -> Iterator[Problem]:
    """W401: enums and objects that stand inline have a title, from which generators make a name."""
    for schema in tree.of("schema"):
        if schema.field in _PARTS or schema.field in _NAMED or schema.value.get("title"):
            continue
        if what := _nameless(schema):
            yield Problem(
                code=Code.UNTITLED_SCHEMA,
                where=schema.where,
                text=f"an inline {what} without title: generators have to invent a name for it.",
                way_out="Give it a title, or move it to components.schemas.",
            )


def _nameless(schema: Node) -> str | None:
    if "enum" in schema.value:
        return "enum"
    return "object" if "properties" in schema.value else None
