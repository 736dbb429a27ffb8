"""Changes for programs."""

import json
from collections.abc import Sequence
from typing import Any

from chanx_asyncapi.diff.changes import Change
from chanx_asyncapi.diff.judgements import Level, Verdict
from chanx_asyncapi.diff.outputs.common import counts


def as_json(changes: Sequence[Change]) -> str:
    """Return an object with the keys ``class``, ``counts`` and ``changes``; the guide describes it."""
    found = counts(changes)
    worst = next((level for level, count in found.items() if count), Level.SAFE)
    data = {"class": worst, "counts": found, "changes": [_change(change) for change in changes]}
    # ASCII alone: no terminal is steered by it, and half of a surrogate pair can be written.
    return json.dumps(data, indent=2, ensure_ascii=True) + "\n"


def _change(change: Change) -> dict[str, Any]:
    return {
        "class": change.level,
        "rule": change.rule,
        "where": change.where,
        "also": change.also,
        "component": change.component,
        "what": str(change.what),
        "client": _verdict(change.client),
        "server": _verdict(change.server),
    }


def _verdict(verdict: Verdict) -> dict[str, str]:
    return {"class": verdict.level, "reason": verdict.reason}
