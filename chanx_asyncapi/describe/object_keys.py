"""The keys of objects whose keys are not texts in Python: JSON has no others."""

from typing import Any, Final

from chanx_asyncapi.describe.draft7 import Schema

_NATURAL: Final = "^[0-9]+$"
_INTEGER: Final = "^-?[0-9]+$"
_NUMBER: Final = r"^-?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?$"
_SENT_NUMBER: Final = r"^-?(?:[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|inf)$"


def key_texts(key: Schema, *, sent: bool = False) -> Schema | None:
    """The schema of the texts that stand for a key in JSON; ``key`` is the schema of the key as a value.

    None where any text may be a key, or nobody knows. Of the limits of numbers only the sign can be told of a text.
    """
    if "enum" in key or "const" in key:
        texts = [_text(value) for value in key.get("enum", [key.get("const")])]
        return {"const": texts[0]} if "const" in key else {"enum": texts}
    if "anyOf" in key:
        alternatives = [key_texts(alternative, sent=sent) for alternative in key["anyOf"]]
        found = [alternative for alternative in alternatives if alternative is not None]
        return {"anyOf": found} if len(found) == len(alternatives) else None
    match key.get("type"):
        case "integer":
            return {"pattern": _NATURAL if key.get("minimum", -1) >= 0 else _INTEGER}
        case "number":
            # The server may send an infinite one; nobody has to send one to it.
            return {"pattern": _SENT_NUMBER if sent else _NUMBER}
        case "boolean":
            return {"enum": ["true", "false"]}
        case "string":
            return {name: value for name, value in key.items() if name not in ("type", "title")} or None
        case _:
            return None


def _text(value: Any) -> str:
    """A key as pydantic writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
