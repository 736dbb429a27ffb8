"""Keywords that refuse no value, and keywords that we do not know."""

from chanx_asyncapi.diff.changes import Rule, changed
from chanx_asyncapi.diff.schemas.fits import Fit
from chanx_asyncapi.diff.schemas.keywords import COMPARED, TEXTS
from chanx_asyncapi.diff.schemas.pairs import Pair, Schema
from chanx_asyncapi.json_values import same


def default(pair: Pair, old: Schema, new: Schema) -> None:
    """What is assumed where a value is absent; whether it may be is decided where the changes are placed."""
    if ("default" in old) != ("default" in new) or not same(old.get("default"), new.get("default")):
        pair.differ(Rule.DEFAULT_CHANGED, Fit.ASSUMED, Fit.ASSUMED, changed("default", old, new))


def annotations(pair: Pair, old: Schema, new: Schema) -> None:
    """Texts for people, hints for tools, and the rest."""
    for keyword in dict.fromkeys((*old, *new)):
        if (keyword in old) == (keyword in new) and same(old.get(keyword), new.get(keyword)):
            continue
        what = changed(keyword, old, new)
        if keyword in TEXTS:
            pair.differ(Rule.TEXT_CHANGED, Fit.UNCHANGED, Fit.UNCHANGED, what)
        elif keyword in ("deprecated", "x-deprecated"):
            pair.differ(Rule.DEPRECATION_CHANGED, Fit.UNCHANGED, Fit.UNCHANGED, what)
        elif keyword == "discriminator":
            fit = Fit.UNDECIDED if keyword in old and keyword in new else Fit.UNCHANGED
            pair.differ(Rule.DISCRIMINATOR_CHANGED, fit, fit, what)
        elif keyword in ("readOnly", "writeOnly") or keyword not in COMPARED:
            pair.differ(Rule.FIELD_CHANGED, Fit.UNDECIDED, Fit.UNDECIDED, what)
