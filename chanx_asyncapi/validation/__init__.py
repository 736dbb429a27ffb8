"""Is a document right? The official schema, and the rules which that schema cannot express.

The codes and their meaning are in :mod:`chanx_asyncapi.problems`. Each rule is a function from the document's
:class:`~chanx_asyncapi.validation.tree.Tree` to its findings; nothing here touches the network.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from chanx_asyncapi.problems import Code, Problem
from chanx_asyncapi.spec import VERSIONS, Document, Version
from chanx_asyncapi.validation import channels, messages, operations, root, schemas, structure
from chanx_asyncapi.validation.examples import examples
from chanx_asyncapi.validation.references import references, unused_components
from chanx_asyncapi.validation.tree import Tree

_Rule: TypeAlias = Callable[[Tree], Iterator[Problem]]

_RULES: Final[tuple[_Rule, ...]] = (
    references,
    unused_components,
    root.incomplete_info,
    root.tags,
    channels.servers,
    channels.security,
    channels.addresses,
    channels.parameters,
    channels.channel_servers,
    channels.websocket_bindings,
    operations.operation_channels,
    operations.operation_messages,
    operations.replies,
    operations.descriptions,
    operations.traits,
    operations.unused_messages,
    messages.fields,
    messages.correlation_ids,
    messages.actions,
    examples,
    schemas.definitions,
    schemas.later_keywords,
    schemas.patterns,
    schemas.untitled,
)


def validate(document: Document | Mapping[str, Any]) -> list[Problem]:
    """Return everything that is wrong with ``document``, in a stable order; an empty list if nothing is.

    What violates the official schema is reported first and alone: the rules about meaning come after it, when the
    document has the shape that they speak of.

    :param document: the document, or its JSON shape as :func:`json.load` returns it.
    """
    wire = document.to_wire() if isinstance(document, Document) else dict(document)
    version = _version(wire)
    if version is None:
        return [
            Problem(
                code=Code.UNKNOWN_VERSION,
                where=("asyncapi",),
                text=f"{wire.get('asyncapi')!r} is no version of AsyncAPI that can be validated.",
                way_out=f"Write one of {', '.join(VERSIONS)}.",
            )
        ]
    if problems := [*structure.official(wire, version)] or [*structure.component_keys(wire)]:
        return problems
    tree = Tree(wire)
    return [problem for rule in _RULES for problem in rule(tree)]


def _version(wire: dict[str, Any]) -> Version | None:
    for version in VERSIONS:
        if wire.get("asyncapi") == version:
            return version
    return None
