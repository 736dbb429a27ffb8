"""Query strings: every shape that one can have, beside credentials in the address."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from ipaddress import IPv4Address
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AnyUrl, BaseModel, ConfigDict, Field, RootModel

from tests.chanx_asyncapi.describe.torture.exchange import consumer, message
from tests.chanx_asyncapi.describe.torture.guarding import KeyAuthentication


class Order(StrEnum):
    NEWEST = "newest"
    OLDEST = 'oldest */ """'


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Tags(RootModel[list[str]]):
    """Tags."""


class Everything(BaseModel):
    """What is wanted. */ ``` \"\"\" <script>"""

    required: int
    bounded: Annotated[int, Field(ge=1, le=2**40, description="Between. */")] = 1
    text: Annotated[str, Field(max_length=5, pattern="^[a-z]+$")] = "a"
    flag: bool = False
    amount: Decimal = Decimal("1.5")
    identity: UUID | None = None
    day: date = date(2024, 5, 1)
    moment: datetime | None = None
    clock: time | None = None
    wait: timedelta = timedelta(seconds=1)
    host: IPv4Address | None = None
    link: AnyUrl | None = None
    order: Order = Order.NEWEST
    level: Level | None = None
    word: Literal["a", "b"] = "a"
    either: int | str = 1
    several: list[Order] = []
    few: Annotated[set[int], Field(max_length=3)] = set()
    pair: tuple[int, str] | None = None
    tags: Tags | None = None
    renamed: str = Field("", alias="Other-Name[]")
    old: str = Field("", deprecated=True)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    api_key: str = ""
    page: int = 1


class Nothing(BaseModel):
    pass


def _consumer(name: str, model: type[BaseModel], **attributes: Any) -> Any:
    ask = message(__name__, name, None)
    annotations = {"query_params": model}
    return consumer(__name__, f"{name}Consumer", ask, ask, __annotations__=annotations, **attributes)


CONSUMERS = [
    _consumer("AskEverything", Everything),
    _consumer("AskWithKey", Everything, authentication_classes=(KeyAuthentication,)),
    _consumer("AskStrictly", Strict, authentication_classes=(KeyAuthentication,)),
    _consumer("AskNothing", Nothing),
]
