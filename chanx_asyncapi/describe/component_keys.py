"""Which key in ``components.schemas`` each definition has, and which definitions are one in both directions.

docs/decisions/0003-names-in-the-document.md has the rules and their reasons.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from chanx_asyncapi.describe.conversations import Frame
from chanx_asyncapi.describe.definitions import Definitions
from chanx_asyncapi.describe.draft7 import Schema, references, with_references
from chanx_asyncapi.describe.generator import PROVISIONAL
from chanx_asyncapi.describe.names import class_path, core_paths, distinguished, path_key
from chanx_asyncapi.problems import Code, Problem

#: Where the document keeps schemas.
COMPONENTS: Final = "#/components/schemas/"


class ComponentKeys:
    """The key of each definition in ``components.schemas``."""

    def __init__(self, definitions: Definitions, roots: Mapping[Frame, str]) -> None:
        self.problems: list[Problem] = []
        self._definitions = definitions
        graph = _graph(definitions.schemas, roots.values())
        #: What other schemas refer to, in the order of the document.
        self.shared = list(dict.fromkeys(target for targets in graph.values() for target in targets))
        self._base = self._bases(graph)
        self._frame_bases = {self._base[ref] for ref in roots.values()}
        self._two_modes = self._differing(graph)
        self._by_class = {frame: self._base[ref] for frame, ref in roots.items()}

    def of(self, ref: str) -> str:
        """The key of a definition that others refer to."""
        base = self._base[ref]
        if base in self._frame_bases:
            # The message as a value inside of another one, without an envelope.
            base += "-nested"
        is_sent = ref.startswith(f"{PROVISIONAL}serialization:")
        return f"{base}-sent" if is_sent and self._definitions.core_ref(ref) in self._two_modes else base

    def of_frame(self, frame: Frame, *, both_directions: bool) -> str:
        """The key of a frame; a class that travels in both directions has two."""
        base = self._by_class.get(frame) or path_key(class_path(frame.message))
        return f"{base}-sent" if both_directions and frame.direction == "sent" else base

    def reference(self, ref: str) -> str:
        """A provisional reference as the document has it; any other one as it is."""
        return f"{COMPONENTS}{self.of(ref)}" if ref in self._base else ref

    def _bases(self, graph: Mapping[str, list[str]]) -> dict[str, str]:
        paths = core_paths(map(self._definitions.core_ref, graph))
        refs = {self._definitions.core_ref(ref): ref for ref in reversed([*graph])}
        owners: dict[str, str] = {}
        for core_ref, path in paths.items():
            base = path_key(path)
            if base in owners:
                self.problems.append(
                    Problem(
                        code=Code.AMBIGUOUS_CLASS,
                        where=self._definitions.ways[refs[core_ref]],
                        text=f"two classes have this dotted path, so the document calls the second one "
                        f"{distinguished(base, owners)!r}.",
                        way_out="Give one of them another name, or define it once, at the level of its module.",
                    )
                )
                base = distinguished(base, owners)
            owners[base] = core_ref
        bases = {core_ref: base for base, core_ref in owners.items()}
        return {ref: bases[self._definitions.core_ref(ref)] for ref in graph}

    def _differing(self, graph: Mapping[str, list[str]]) -> set[str]:
        """The classes whose received and sent values differ, by themselves or by what they hold."""
        core_ref = self._definitions.core_ref
        modes: dict[str, list[str]] = {}
        for ref in self.shared:
            modes.setdefault(core_ref(ref), []).append(ref)
        pairs = {name: refs for name, refs in modes.items() if len(refs) == 2}
        holders: dict[str, set[str]] = {}
        for name, refs in pairs.items():
            for ref in refs:
                for target in graph[ref]:
                    holders.setdefault(core_ref(target), set()).add(name)
        differing = [
            name
            for name, (one, other) in pairs.items()
            if with_references(self._definitions.schemas[one], core_ref)
            != with_references(self._definitions.schemas[other], core_ref)
        ]
        found = set(differing)
        for name in differing:
            for holder in sorted(holders.get(name, set()) - found):
                found.add(holder)
                differing.append(holder)
        return found


def _graph(schemas: Mapping[str, Schema], roots: Iterable[str]) -> dict[str, list[str]]:
    """What each schema refers to, of all that ``roots`` lead to, breadth first."""
    graph: dict[str, list[str]] = {}
    pending = list(dict.fromkeys(roots))
    seen = set(pending)
    for ref in pending:
        graph[ref] = [target for target in dict.fromkeys(references(schemas[ref])) if target in schemas]
        for target in graph[ref]:
            if target not in seen:
                seen.add(target)
                pending.append(target)
    return graph
