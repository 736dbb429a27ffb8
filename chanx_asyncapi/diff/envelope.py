"""What chanx says at the root of a document: the keys of the envelope, and the close codes."""

from typing import Any, Final

from chanx_asyncapi.diff.changes import Phrase, Rule, changed
from chanx_asyncapi.diff.comparison import NOBODY_KNOWS, Comparison
from chanx_asyncapi.diff.judgements import Opposites, both, breaking, safe, unknown
from chanx_asyncapi.json_values import as_list, as_object, same, shown

_KEYS: Final = ("actionKey", "payloadKey", "idKey", "replyToKey")
_KEY: Final = both(breaking("{clients} write and look for another key than {server} does."))
_LENGTH: Final = Opposites(
    added=safe("{server} accepts all ids that {clients} choose."),
    removed=breaking("{clients} may choose an id that is too long for {server}."),
)
_CLOSE_CODE: Final = Opposites(
    added=unknown("{clients} do not know whether they may come back after it."),
    removed=safe("{server} does not close with it."),
)
_RETRY: Final = both(unknown("{clients} come back, or stay away, in another way than {server} means."))


def envelope(comparison: Comparison) -> None:
    """``x-envelope``."""
    where = "x-envelope"
    old, new = as_object(comparison.old.document.get(where)), as_object(comparison.new.document.get(where))
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if same(before, after):
            continue
        if name in _KEYS and name in old and name in new:
            sides = _KEY
        elif name == "idMaxLength" and isinstance(before, int) and isinstance(after, int):
            sides = _LENGTH.when_added() if after > before else _LENGTH.when_removed()
        else:
            sides = NOBODY_KNOWS
        what = changed(name, old, new)
        comparison.add(Rule.ENVELOPE_CHANGED, (where, name), sides, what)


def close_codes(comparison: Comparison) -> None:
    """``x-close-codes``."""
    where = "x-close-codes"
    old, new = _by_code(comparison.old.document.get(where)), _by_code(comparison.new.document.get(where))
    for code in dict.fromkeys((*old, *new)):
        place = (where, code)
        if code not in new:
            what = Phrase("The close code {} is gone.", (code,))
            comparison.add(Rule.CLOSE_CODE_REMOVED, place, _CLOSE_CODE.when_removed(), what)
        elif code not in old:
            what = Phrase("The close code {} is new.", (code,))
            comparison.add(Rule.CLOSE_CODE_ADDED, place, _CLOSE_CODE.when_added(), what)
        else:
            before, after = old[code], new[code]
            compared = ("code", "retry", "daphne")
            comparison.fields(place, before, after, compared=compared, texts=("name", "meaning"))
            for name in ("retry", "daphne"):
                if not same(before.get(name), after.get(name)):
                    what = changed(name, before, after)
                    comparison.add(Rule.CLOSE_CODE_CHANGED, (*place, name), _RETRY, what)


def _by_code(value: Any) -> dict[str, Any]:
    return {shown(as_object(item).get("code")): as_object(item) for item in as_list(value)}
