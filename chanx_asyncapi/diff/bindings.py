"""Bindings: of the protocols' own, only the handshake of WebSockets concerns us.

https://github.com/asyncapi/bindings/blob/master/websockets/README.md
"""

from collections.abc import Mapping
from typing import Any, Final

from chanx_asyncapi.diff.changes import Rule, changed
from chanx_asyncapi.diff.comparison import NOBODY_KNOWS, SAME_WIRE, Comparison
from chanx_asyncapi.diff.judgements import both, breaking
from chanx_asyncapi.diff.schemas import Direction
from chanx_asyncapi.json_values import same
from chanx_asyncapi.validation.tree import Where

_METHOD: Final = both(breaking("{clients} open the connection by another method than {server} expects."))
#: What a handshake without a word about it is: anything.
_ANY: Final[Mapping[str, Any]] = {"type": "object"}


def bindings(
    comparison: Comparison,
    where: Where,
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    *,
    handshake: bool = False,
) -> None:
    """Compare the bindings of two objects.

    :param handshake: these are channels, for which ``ws`` describes the handshake.
    """
    before, after = comparison.old.object(old.get("bindings")), comparison.new.object(new.get("bindings"))
    where = (*where, "bindings")
    if handshake:
        _handshake(
            comparison,
            (*where, "ws"),
            comparison.old.object(before.get("ws")),
            comparison.new.object(after.get("ws")),
        )
    for name in dict.fromkeys((*before, *after)):
        if handshake and name == "ws":
            continue
        first, second = comparison.old.plain(before.get(name)), comparison.new.plain(after.get(name))
        if not same(first, second):
            what = changed(name, before, after)
            comparison.add(Rule.BINDING_CHANGED, (*where, name), NOBODY_KNOWS, what)


def _handshake(comparison: Comparison, where: Where, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    compared = ("method", "query", "headers")
    comparison.fields(where, old, new, compared=compared, texts=("bindingVersion",))
    before, after = old.get("method"), new.get("method")
    if not same(before, after):
        # RFC 6455, 4.1: the method is GET, whether or not it is written down.
        is_same = same(old.get("method", "GET"), new.get("method", "GET"))
        what = changed("method", old, new)
        comparison.add(Rule.BINDING_CHANGED, (*where, "method"), SAME_WIRE if is_same else _METHOD, what)
    for part in ("query", "headers"):
        comparison.schema(Direction.RECEIVED, (*where, part), old.get(part, _ANY), new.get(part, _ANY))
