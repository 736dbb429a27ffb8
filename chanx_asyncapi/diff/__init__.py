"""Two AsyncAPI documents -> every change, classified for those whom it concerns.

A change has two verdicts, because servers and clients are not replaced at the same moment:

*client*
    An existing client, written for the old document, talks to the new server. This is the class of the change as a
    whole: ``breaking`` means that programs which work today stop working when the server is deployed.
*server*
    The old server, which is not replaced yet, meets a client written for the new document. It says whether clients may
    be deployed first. The same thing read backwards: the server's verdict on a change is the client's verdict on the
    reverse change.

What the server *receives*, clients write: there a new required property breaks existing clients, and so does whatever
refuses values that were allowed. What the server *sends*, clients read: there a property that is gone or may be missing
breaks them, and so does every value that was not possible before.

A verdict is ``safe`` when the documents show that the two understand each other as before, ``breaking`` when they show
that one may send what the other refuses or does not know, or not send what the other one needs, and ``unknown`` when
they show neither, or when something silently no longer has an effect.

It is about the wire. Names in a document (keys of channels, messages, operations, components) are reported as safe when
they change: whoever generates code finds other names in it, and the compiler shows where.

Documents come from any tool and need not be valid; references may be anywhere. Nothing here touches the network.
"""

from collections.abc import Mapping
from typing import Any

from chanx_asyncapi.diff.changes import Change, Phrase, Rule
from chanx_asyncapi.diff.channels import channels
from chanx_asyncapi.diff.comparison import Comparison
from chanx_asyncapi.diff.envelope import close_codes, envelope
from chanx_asyncapi.diff.gate import FAIL_ON, FailOn, failing
from chanx_asyncapi.diff.inventory import Inventory
from chanx_asyncapi.diff.judgements import Level, Verdict
from chanx_asyncapi.diff.outputs import OUTPUT_FORMATS, OutputFormat, render_changes
from chanx_asyncapi.diff.root import lost_operations, root, unused_components
from chanx_asyncapi.diff.servers import servers
from chanx_asyncapi.source import Source, UnsupportedVersionError
from chanx_asyncapi.spec import Document

__all__ = [
    "FAIL_ON",
    "OUTPUT_FORMATS",
    "Change",
    "DiffError",
    "FailOn",
    "Level",
    "OutputFormat",
    "Phrase",
    "Rule",
    "Verdict",
    "diff",
    "failing",
    "render_changes",
]


class DiffError(Exception):
    """The documents cannot be compared; ``str()`` says which one, why, and what to do about it."""


def diff(old: Document | Mapping[str, Any], new: Document | Mapping[str, Any]) -> list[Change]:
    """Return what has changed from ``old`` to ``new``: breaking changes first, each group in the documents' order.

    :param old: a document of AsyncAPI 3, or its JSON shape; so is ``new``.
    :raises DiffError: when one of them is of another version of AsyncAPI, or nested too deeply.
    """
    try:
        return _diff(_source(old, "old"), _source(new, "new"))
    except RecursionError as error:
        raise DiffError("The documents cannot be compared: their values are nested too deeply.") from error


def _source(document: Document | Mapping[str, Any], name: str) -> Source:
    try:
        return Source(document.to_wire() if isinstance(document, Document) else document)
    except UnsupportedVersionError as error:
        raise DiffError(f"The {name} document cannot be compared: {error}") from error


def _diff(old: Source, new: Source) -> list[Change]:
    comparison = Comparison(old, new)
    before, after = Inventory(comparison.schemas.old), Inventory(comparison.schemas.new)
    root(comparison)
    envelope(comparison)
    close_codes(comparison)
    servers(comparison)
    channels(comparison, before, after)
    lost_operations(comparison, before, after)
    unused_components(comparison)
    return comparison.changes()
