"""Docstrings and descriptions that would break out of whatever somebody pastes them into."""

from typing import Annotated, Any, Final

from pydantic import Field, create_model

from tests.chanx_asyncapi.describe.torture.exchange import consumer, message

TEXTS: Final = {
    "EndsComment": "Ends a comment. */ */ // # --> <!-- {# #}",
    "EndsString": 'Ends a string. """ \'\'\' " \' \\" \\',
    "EndsScript": "Ends a script. </script><script>alert(1)</script><img src=x onerror=alert(1)>",
    "Backticks": "A template. `${process.exit()}` {{ 7 * 7 }} {% raw %} #{1} %(name)s %s {0}",
    "Fences": 'Code.\n\n```json\n{"$ref": "#/components/schemas/Nowhere"}\n```\n\n~~~\n```\n~~~',
    "Surrogate": "Half of a pair: \ud83d",
    "Nul": "Nothing: \0, and other controls: \x01\x07\x08\x1b[31mred\x1b[0m\x7f\x85",
    "RightToLeft": "Turned: \u202ethgir ot tfel\u202c \u2066isolated\u2069 \u200b\u200d\ufeff",
    "Separators": "One\u2028two\u2029three\x0bfour\x0cfive\x85six",
    "LineEnds": "One\r\ntwo\rthree\n\n\n\nfour",
    "Long": "Long. " + "x" * 65_536,
    "LongParagraphs": "Long.\n\n" + "Many words make a text long.\n\n" * 2_000,
    "Markdown": "# Heading\n\n| a | b |\n| - | - |\n| 1 | [x](javascript:alert(1)) |\n\n* *a*\n  * **b**\n\n![](http://a)",
    "Html": "<b>Bold</b> &amp; &lt; &#x27; <![CDATA[ ]]> <a href='javascript:alert(1)'>x</a>",
    "Yaml": "---\nkey: value\n- &anchor !!python/object:os.system\n*anchor\n? : |\n  > @ % `",
    "Json": '{"a": [1, null], "$ref": "#/definitions/x", "$defs": {}}',
    "References": "#/components/schemas/x, #/$defs/x, $message.payload#/id",
    "Escapes": r"\n \u0041 \x41 \N{BULLET} \0 \\ \/ \" %0A &#10;",
    "Emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 é ≠ e\u0301",
    "Blank": "\u00a0\u3000Blank \t around \u00a0",
    "OneCharacter": ".",
    "Shell": "$(rm -rf .) `id` ; && || > /dev/null",
    "Sql": "'; DROP TABLE users; --",
}


def _consumer(name: str, text: str) -> Any:
    """A consumer with ``text`` wherever a text may stand."""
    # Python itself lets no class have a lone surrogate in its docstring; functions and fields may.
    whole = text.encode("utf-8", "replace").decode()
    payload = create_model(
        f"{name}Payload",
        __module__=__name__,
        __doc__=whole,
        described=(Annotated[int, Field(description=text, examples=[1])], 1),
        text=(str, Field(default=whole, title=text[:100])),
    )
    asks = message(__name__, name, payload, doc=whole)
    answers = message(__name__, f"{name}Back", payload, doc=whole)
    return consumer(__name__, f"{name}Consumer", asks, answers, doc=whole, handler_doc=text)


CONSUMERS: Final = [_consumer(name, text) for name, text in TEXTS.items()]
