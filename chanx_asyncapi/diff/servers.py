"""Servers: where clients connect to. Two servers at one address are one, whatever they are called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chanx_asyncapi.diff.bindings import bindings
from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.comparison import SAME_WIRE_OTHER_NAME, Comparison
from chanx_asyncapi.diff.judgements import Opposites, both, breaking, safe, unknown
from chanx_asyncapi.diff.matching import Matching
from chanx_asyncapi.diff.parameters import variable
from chanx_asyncapi.diff.security import security
from chanx_asyncapi.json_values import as_object, identity, same
from chanx_asyncapi.source import Source
from chanx_asyncapi.validation.tree import Where

_SERVER: Final = Opposites(
    added=safe("{clients} do not know it."),
    removed=breaking("{clients} may connect to it, and {server} is not there."),
)
_ADDRESS: Final = both(breaking("{clients} connect to another place than {server} is at."))
_PROTOCOL: Final = both(unknown("whether {clients} and {server} speak the same version cannot be told."))
_VARIABLE: Final = both(unknown("whether {clients} reach {server} depends on what they take for it."))

_ADDRESS_FIELDS: Final = ("host", "protocol", "pathname")


@dataclass(eq=False, slots=True)
class _Server:
    key: str
    value: Mapping[str, Any]

    @property
    def address(self) -> str:
        return identity([self.value.get(field) for field in _ADDRESS_FIELDS])


def servers(comparison: Comparison) -> None:
    """Compare the servers of the documents."""
    matching = Matching(_servers(comparison.old), _servers(comparison.new))
    matching.by(lambda server: (server.key, server.address)).by(lambda server: server.address)
    matching.by(lambda server: server.key)
    for server in matching.removed:
        what = Phrase.of("The server {} is gone.", server.key)
        comparison.add(Rule.SERVER_REMOVED, ("servers", server.key), _SERVER.when_removed(), what)
    for before, after in matching.pairs:
        _server(comparison, before, after)
    for server in matching.added:
        what = Phrase.of("The server {} is new.", server.key)
        comparison.add(Rule.SERVER_ADDED, ("servers", server.key), _SERVER.when_added(), what)


def _servers(source: Source) -> list[_Server]:
    return [_Server(key, source.object(value)) for key, value in as_object(source.document.get("servers")).items()]


def _server(comparison: Comparison, old: _Server, new: _Server) -> None:
    where = ("servers", new.key)
    if old.key != new.key:
        what = Phrase.of("The server {} is called {} now.", old.key, new.key)
        comparison.add(Rule.RENAMED, where, SAME_WIRE_OTHER_NAME, what)
    compared = (*_ADDRESS_FIELDS, "protocolVersion", "variables", "security", "bindings")
    comparison.fields(where, old.value, new.value, compared=compared)
    for field in (*_ADDRESS_FIELDS, "protocolVersion"):
        before, after = old.value.get(field), new.value.get(field)
        if not same(before, after):
            what = changed(field, old.value, new.value)
            sides = _PROTOCOL if field == "protocolVersion" else _ADDRESS
            comparison.add(Rule.SERVER_CHANGED, (*where, field), sides, what)
    security(comparison, where, old.value, new.value)
    bindings(comparison, where, old.value, new.value)
    _variables(comparison, (*where, "variables"), old, new)


def _variables(comparison: Comparison, where: Where, old: _Server, new: _Server) -> None:
    before, after = as_object(old.value.get("variables")), as_object(new.value.get("variables"))
    for name in dict.fromkeys((*before, *after)):
        if name in before and name in after:
            first, second = comparison.old.object(before[name]), comparison.new.object(after[name])
            variable(comparison, (*where, name), first, second)
        else:
            how = "new" if name in after else "gone"
            what = Phrase.of(f"The variable {{}} is {how}.", name)
            comparison.add(Rule.SERVER_CHANGED, (*where, name), _VARIABLE, what)
