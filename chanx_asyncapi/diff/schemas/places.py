"""Where in the messages the changes of schemas are."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from chanx_asyncapi.diff.changes import Change, Rule
from chanx_asyncapi.diff.schemas.fits import Direction, Fit, LocalChange
from chanx_asyncapi.diff.schemas.pairs import Pair
from chanx_asyncapi.validation.tree import Where


@dataclass(frozen=True, slots=True)
class Root:
    """Two schemas that travel: the payload of a message, the query of a handshake."""

    pair: Pair
    direction: Direction
    where: Where


@dataclass(slots=True)
class _Found:
    change: LocalChange
    component: str | None
    #: The first one in each root.
    places: list[Where] = field(default_factory=list[Where])


def changes(roots: list[Root]) -> Iterator[Change]:
    """All changes in ``roots``, each once for each direction, with the places in which it has effect."""
    differing = _differing(roots)
    found: dict[tuple[Direction, int, int], _Found] = {}
    for root in roots:
        for pair, steps, component in _walk(root.pair, differing):
            for index, change in enumerate(pair.changes):
                place = found.setdefault((root.direction, id(pair), index), _Found(_seen(pair, change), component))
                place.places.append((*root.where, *steps, *change.steps))
    for (direction, _, _), place in found.items():
        client, server = place.change.sides(direction)
        yield Change(
            rule=place.change.rule,
            where=place.places[0],
            also=tuple(place.places[1:]),
            component=place.component,
            what=place.change.what,
            client=client.of_client(),
            server=server.of_server(),
        )


def _seen(pair: Pair, change: LocalChange) -> LocalChange:
    """A default means something only where a value may be absent."""
    if change.rule is Rule.DEFAULT_CHANGED and not pair.may_be_absent:
        return LocalChange(change.rule, change.steps, change.what, Fit.UNCHANGED, Fit.UNCHANGED)
    return change


def _walk(root: Pair, differing: set[int]) -> Iterator[tuple[Pair, Where, str | None]]:
    """Each pair below ``root`` that leads to a change, once, with the way to it and the component around it."""
    seen: set[int] = set()
    pending: list[tuple[Pair, Where, str | None]] = [(root, (), None)]
    while pending:
        pair, steps, component = pending.pop()
        if id(pair) in seen or id(pair) not in differing:
            continue
        seen.add(id(pair))
        component = pair.component or component
        yield pair, steps, component
        pending += ((inner, (*steps, *step), component) for step, inner in reversed(pair.parts))


def _differing(roots: list[Root]) -> set[int]:
    """The pairs that have a change or lead to one."""
    outer: dict[int, list[Pair]] = {}
    changed: list[Pair] = []
    pending = [root.pair for root in roots]
    seen: set[int] = set()
    while pending:
        pair = pending.pop()
        if id(pair) in seen:
            continue
        seen.add(id(pair))
        if pair.changes:
            changed.append(pair)
        for _, inner in pair.parts:
            outer.setdefault(id(inner), []).append(pair)
            pending.append(inner)
    differing: set[int] = set()
    while changed:
        pair = changed.pop()
        if id(pair) not in differing:
            differing.add(id(pair))
            changed += outer.get(id(pair), [])
    return differing
