"""The document's own fields and its ``info``."""

from collections.abc import Iterator

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.validation.tree import Tree

_INFO = ("description", "contact", "license", "tags")


def incomplete_info(tree: Tree) -> Iterator[Problem]:
    """W102: a reader learns what the service is, whom to ask, under which terms, and what it is about."""
    for field in _INFO:
        if not tree.document["info"].get(field):
            yield Problem(
                code=Code.INCOMPLETE_INFO,
                where=("info", field),
                text=f"the document has no {field}.",
                way_out="Set it where the title of the API is set.",
            )


def tags(tree: Tree) -> Iterator[Problem]:
    """E108: the tags of one object have different names."""
    for owner in tree.nodes:
        if not isinstance(owner.value, dict) or owner.kind == "components":
            continue
        names: set[str] = set()
        for index in range(len(owner.value.get("tags", ()))):
            tag = tree.follow(tree.at(*owner.where, "tags", str(index)))
            if tag is None or tag.kind != "tag":
                continue
            if (name := tag.value["name"]) in names:
                yield Problem(
                    code=Code.DUPLICATE_TAG,
                    where=(*owner.where, "tags", str(index)),
                    text=f"two tags are called {name!r}.",
                    way_out="Remove one of them, or give it a name of its own.",
                )
            names.add(name)
