"""Names: equal ones in several modules, of other alphabets, and actions that no language could spell."""

import sys
from functools import reduce
from operator import or_
from types import ModuleType
from typing import Any, Final

from chanx.registry import Registry, use_registry
from tests.chanx_asyncapi.describe.torture.exchange import consumer, message

#: What two applications write that know nothing of each other.
_APPLICATION: Final = '''
from typing import Literal
from pydantic import BaseModel
from chanx.generic.handlers import handler
from chanx.generic.websocket import AsyncJsonWebsocketConsumer
from chanx.messages.base import BaseMessage
from chanx.messages.incoming import PingMessage

class Item(BaseModel):
    """An item of {name}."""

    {name}: {type}

class Posted(BaseMessage):
    """Posted in {name}."""

    action: Literal["posted"] = "posted"
    payload: Item | None = None

class ChatConsumer(AsyncJsonWebsocketConsumer[Posted | PingMessage]):
    """The chat of {name}."""

    class Inner(BaseMessage):
        """A message inside of the consumer."""

        action: Literal["inner"] = "inner"
        payload: list[Item]

    @handler
    async def posted(self, message: Posted) -> Inner: ...
'''


def _application(name: str, type_name: str) -> Any:
    module = ModuleType(f"{__name__}.{name}")
    # pydantic looks names up in the module of a class, and typing does too.
    sys.modules[module.__name__] = module
    # The source is above.
    with use_registry(Registry()):
        exec(_APPLICATION.format(name=name, type=type_name), module.__dict__)
    return module.ChatConsumer


ACTIONS: Final = {
    "Slash": "a/b",
    "Tilde": "a~0b~1",
    "Dots": "a..b",
    "Space": " ",
    "Percent": "a%2Fb",
    "Question": "a?b=c",
    "Hash": "#",
    "Braces": "{a}",
    "Quote": '"',
    "Apostrophe": "'",
    "Backtick": "`${1}`",
    "Backslash": "\\",
    "Newline": "\n",
    "Nul": "\0",
    "Comment": "*/ //",
    "Tag": "</script>",
    "Reference": "$ref",
    "Prototype": "__proto__",
    "Constructor": "constructor",
    "Keyword": "class",
    "Number": "1",
    "Null": "null",
    "Yes": "yes",
    "Dash": "-",
    "Emoji": "😀",
    "Umlaut": "größe",
    "Composed": "\u00e9",
    "Combined": "e\u0301",
    "RightToLeft": "\u202eשלום",
    "Separator": "\u2028",
    "Long": "long" * 100,
    "Lower": "case",
    "Upper": "CASE",
    "Snake": "two_words",
    "Kebab": "two-words",
}

_ODD: Final = [message(__name__, f"{name}Action", None, action=action) for name, action in ACTIONS.items()]
_ALL: Any = reduce(or_, _ODD)

CONSUMERS: Final = [
    _application("first", "int"),
    _application("second", "str"),
    consumer(__name__, "OddActions", _ALL, _ALL, doc="Messages with odd actions."),
    *(
        consumer(
            __name__,
            name,
            message(__name__, f"{name}Frage", int, doc="Fragt."),
            message(__name__, f"{name}Antwort", int, doc="Antwortet."),
        )
        for name in ("Größenverbraucher", "消費者", "Ⅷ", "Consumer", "HTTPSProxyConsumer", "snake_case", "constructor")
    ),
]
