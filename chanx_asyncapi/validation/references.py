"""References, and the components that they are for."""

from collections.abc import Iterator

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.validation.tree import Node, Tree, pointer


def references(tree: Tree) -> Iterator[Problem]:
    """E103, E104, E105: each reference leads to an object of the right kind in this document and stands alone."""
    for node in tree.nodes:
        if (reference := node.reference) is None:
            continue
        if not reference.startswith("#"):
            yield Problem(
                code=Code.EXTERNAL_REFERENCE,
                where=node.where,
                text=f"{reference!r} leads out of the document.",
                way_out="Copy the object into the components and refer to it there.",
            )
        elif complaint := _unresolved(tree, node):
            yield Problem(
                code=Code.UNRESOLVED_REFERENCE,
                where=node.where,
                text=f"{reference!r} {complaint}.",
                way_out=f"Define a {node.kind} there, or correct the reference.",
            )
        siblings = [key for key in node.value if key != "$ref"]
        if siblings:
            yield Problem(
                code=Code.REFERENCE_SIBLINGS,
                where=node.where,
                text=f"{', '.join(siblings)} beside $ref: readers ignore what stands beside a reference.",
                way_out="Wrap the reference in allOf." if node.kind == "schema" else "Move it to the object itself.",
            )


def unused_components(tree: Tree) -> Iterator[Problem]:
    """W101: each component is reached from outside of the components, perhaps by way of others."""
    pending = [node for node in tree.nodes if node.where[:1] != ("components",)]
    used: set[tuple[str, ...]] = set()
    while pending:
        where = pointer(pending.pop().reference)
        if where and where[0] == "components" and (component := where[:3]) not in used:
            used.add(component)
            pending.extend(tree.inside(component))
    for node in tree.nodes:
        if len(node.where) == 3 and node.where[0] == "components" and node.where not in used:
            yield Problem(
                code=Code.UNUSED_COMPONENT,
                where=node.where,
                text=f"nothing refers to this {node.kind}.",
                way_out="Remove it, or refer to it where it is meant.",
            )


def _unresolved(tree: Tree, node: Node) -> str | None:
    target = tree.target(node)
    if target is None:
        return "leads nowhere"
    if target.kind != node.kind:
        return f"leads to a {target.kind}, where a {node.kind} is meant"
    if tree.follow(node) is None:
        return "leads back to itself"
    return None
