"""Channels. The address says which one is which: it is what clients connect to, and the key only names it."""

from collections.abc import Mapping
from typing import Any, Final

from chanx_asyncapi.diff.bindings import bindings
from chanx_asyncapi.diff.changes import Phrase, Rule
from chanx_asyncapi.diff.comparison import NOBODY_KNOWS, SAME_WIRE_OTHER_NAME, Comparison
from chanx_asyncapi.diff.conversations import conversations
from chanx_asyncapi.diff.inventory import Channel, Inventory
from chanx_asyncapi.diff.judgements import Opposites, both, breaking, safe
from chanx_asyncapi.diff.matching import Matching
from chanx_asyncapi.diff.parameters import parameters
from chanx_asyncapi.diff.security import DEMANDED, permissions
from chanx_asyncapi.json_values import as_list, as_object
from chanx_asyncapi.validation.tree import Where

_CHANNEL: Final = Opposites(
    added=safe("{clients} do not know it."),
    removed=breaking("{clients} connect to it, and {server} does not have it."),
)
_SERVER: Final = Opposites(
    added=safe("{clients} do not expect the channel there."),
    removed=breaking("{clients} may connect to it there, and {server} does not have it there."),
)
_ADDRESS: Final = both(breaking("{clients} connect to an address that {server} does not have."))

_COMPARED: Final = (
    *("address", "messages", "servers", "parameters", "bindings"),
    *("x-permissions", "x-security-optional"),
)


def channels(comparison: Comparison, old: Inventory, new: Inventory) -> None:
    """Compare all channels, with what travels over them."""
    matching = Matching(old.channels, new.channels)
    matching.by(lambda channel: (channel.key, channel.address)).by(lambda channel: channel.address)
    matching.by(lambda channel: channel.shape).by(lambda channel: channel.key)
    for channel in matching.removed:
        what = Phrase.of("The channel {} is gone.", channel.label)
        comparison.add(Rule.CHANNEL_REMOVED, ("channels", channel.label), _CHANNEL.when_removed(), what)
    for before, after in matching.pairs:
        _channel(comparison, before, after)
    for channel in matching.added:
        what = Phrase.of("The channel {} is new.", channel.label)
        comparison.add(Rule.CHANNEL_ADDED, ("channels", channel.label), _CHANNEL.when_added(), what)


def _channel(comparison: Comparison, old: Channel, new: Channel) -> None:
    where = ("channels", new.label)
    if old.key != new.key:
        what = Phrase.of("The channel {} is called {} now.", old.key, new.key)
        comparison.add(Rule.RENAMED, where, SAME_WIRE_OTHER_NAME, what)
    if old.shape != new.shape:
        what = Phrase.of("The address was {} and is {}.", old.address, new.address)
        comparison.add(Rule.ADDRESS_CHANGED, where, _ADDRESS, what)
    comparison.fields(where, old.value, new.value, compared=_COMPARED)
    _servers(comparison, where, old, new)
    parameters(comparison, where, old, new)
    bindings(comparison, where, old.value, new.value, handshake=True)
    permissions(comparison, where, old.value, new.value)
    _anonymous(comparison, where, old, new)
    conversations(comparison, where, old, new)


def _servers(comparison: Comparison, where: Where, old: Channel, new: Channel) -> None:
    """The servers that have the channel; without a list it is all of them."""
    before = _server_names(comparison.old.document, old)
    after = _server_names(comparison.new.document, new)
    # Servers that are new or gone themselves are reported once, not for each channel.
    known = _known(comparison.old.document) & _known(comparison.new.document)
    for name in sorted(before ^ after):
        if name not in (*_known(comparison.old.document), *_known(comparison.new.document)):
            what = Phrase.of("The channel is on {}, which is no server of the document.", name)
            comparison.add(Rule.REFERENCE_CHANGED, (*where, "servers"), NOBODY_KNOWS, what)
    for name in sorted((before - after) & known):
        what = Phrase.of("The server {} does not have the channel any more.", name)
        comparison.add(Rule.SERVER_REMOVED, (*where, "servers"), _SERVER.when_removed(), what)
    for name in sorted((after - before) & known):
        what = Phrase.of("The server {} has the channel now.", name)
        comparison.add(Rule.SERVER_ADDED, (*where, "servers"), _SERVER.when_added(), what)


def _server_names(document: Mapping[str, Any], channel: Channel) -> set[str]:
    references = as_list(channel.value.get("servers"))
    if not references:
        return _known(document)
    return {str(as_object(reference).get("$ref")).rpartition("/")[2] for reference in references}


def _known(document: Mapping[str, Any]) -> set[str]:
    return {*as_object(document.get("servers"))}


def _anonymous(comparison: Comparison, where: Where, old: Channel, new: Channel) -> None:
    """``x-security-optional``: the security schemes of the operations are offered and not demanded."""
    field = "x-security-optional"
    before, after = old.value.get(field) is True, new.value.get(field) is True
    if before and not after:
        what = Phrase("Clients without credentials are no longer let in.")
        comparison.add(Rule.SECURITY_DEMANDED, (*where, field), DEMANDED.when_added(), what)
    elif after and not before:
        what = Phrase("Clients without credentials are let in now.")
        comparison.add(Rule.SECURITY_DROPPED, (*where, field), DEMANDED.when_removed(), what)
