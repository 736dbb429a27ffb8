"""A service of any size as Python source: its consumers are alike in kind, and no two are equal.

A consumer is drawn from its number alone, so the tenth is the same in a service of 10 and in one of 1,000. Each
receives five messages and answers each of them with another one: 10 messages, 10 payloads, 4 models, an enum and a
tagged union inside of these, and two models that all consumers share.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Final

MESSAGES_PER_CONSUMER: Final = 10

_NOUNS: Final = ("Order", "Room", "Invoice", "Ride", "Ticket", "Match", "Sensor", "Lesson", "Parcel", "Booking")
#: What is received, and what answers it.
_VERBS: Final = (
    ("Place", "Placed"),
    ("Change", "Changed"),
    ("Watch", "Watched"),
    ("Rate", "Rated"),
    ("Cancel", "Cancelled"),
)
_WORDS: Final = (
    "small",
    "large",
    "early",
    "late",
    "round",
    "square",
    "north",
    "south",
    "loud",
    "quiet",
    "warm",
    "cold",
)

#: Fields of payloads. ``{n}`` is the number of the consumer, whose own classes are meant.
_FIELDS: Final = (
    "subject: str = Field(min_length=1, max_length=120, description='What people read first.')",
    "note: str | None = None",
    "quantity: int = Field(ge=1, le=1000)",
    "created_at: datetime",
    "reference: UUID",
    "weight: float = Field(default=1.5, gt=0)",
    "limit: Decimal | None = Field(default=None, max_digits=10, decimal_places=2)",
    "tags: list[str] = []",
    "scores: dict[str, float] = Field(default_factory=dict)",
    "is_urgent: bool = False",
    "mood: Literal['glad', 'sad', 'angry'] = 'glad'",
    "window: tuple[int, int] = (0, 10)",
    "slug: str = Field(pattern='^[a-z0-9-]+$')",
    "author: Author",
    "price: Money | None = None",
)
_NESTED_FIELDS: Final = (
    "kind: Kind{n}",
    "parts: list[Part{n}]",
    "origin: Place{n} | None = None",
    "places: dict[str, Place{n}] = {{}}",
    "means: Car{n} | Train{n} = Field(discriminator='means')",
)

#: The module ``common``: what all consumers share.
COMMON: Final = '''\
from decimal import Decimal

from pydantic import BaseModel, Field


class Author(BaseModel):
    """Who wrote it."""

    name: str = Field(max_length=80)
    is_staff: bool = False


class Money(BaseModel):
    """An amount in a currency."""

    amount: Decimal = Field(max_digits=12, decimal_places=2)
    currency: str = Field(pattern="^[A-Z]{3}$")
'''

_IMPORTS: Final = """\
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from common import Author, Money
"""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message that a consumer receives, and the one that answers it."""

    received: str
    sent: str


@dataclass(frozen=True, slots=True)
class Consumer:
    """A consumer, as far as all frameworks agree on what one is."""

    name: str
    exchanges: tuple[Exchange, ...]
    #: The models of its payloads, ``<name of the message>Payload``, and what is inside of them.
    models: str

    @classmethod
    def draw(cls, number: int, *, like: int | None = None) -> "Consumer":
        """The consumer of this number, or one with its names that is otherwise ``like`` another."""
        random = Random(number if like is None else like)
        n = f"{number:04}"
        noun = _NOUNS[(number if like is None else like) % len(_NOUNS)]
        exchanges = tuple(Exchange(f"{verb}{noun}{n}", f"{noun}{done}{n}") for verb, done in _VERBS)
        messages = [name for exchange in exchanges for name in (exchange.received, exchange.sent)]
        models = [_IMPORTS, *_inner(n, random), *(_payload(name, n, random) for name in messages)]
        return cls(name=f"{noun}{n}Consumer", exchanges=exchanges, models="\n\n".join(models))

    def messages(self, base: str) -> str:
        """The classes of its messages, each with the name of its ``action`` and its payload."""
        return "\n\n".join(
            f"class {name}({base}):\n"
            f'    """Tells of {snake_case(name)}."""\n\n'
            f'    action: Literal["{snake_case(name)}"] = "{snake_case(name)}"\n'
            f"    payload: {name}Payload\n"
            for exchange in self.exchanges
            for name in (exchange.received, exchange.sent)
        )


def snake_case(name: str) -> str:
    """``PlaceOrder0001`` -> ``place_order0001``."""
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")


def _inner(n: str, random: Random) -> Iterator[str]:
    """What the payloads of a consumer are made of."""
    members = (f'    {word.upper()} = "{word}"' for word in random.sample(_WORDS, random.randint(2, 6)))
    yield "\n".join((f"class Kind{n}(Enum):", *members, ""))
    for name, least in (("Place", 2), ("Part", 3)):
        yield _model(f"{name}{n}", random.sample(_FIELDS, random.randint(least, 5)))
    for name in ("Car", "Train"):
        tag = f'means: Literal["{name.lower()}"] = "{name.lower()}"'
        yield _model(f"{name}{n}", [tag, *random.sample(_FIELDS, random.randint(1, 3))])


def _payload(message: str, n: str, random: Random) -> str:
    nested = [field.format(n=n) for field in random.sample(_NESTED_FIELDS, random.randint(0, 2))]
    return _model(f"{message}Payload", [*random.sample(_FIELDS, random.randint(2, 6)), *nested])


def _model(name: str, fields: list[str]) -> str:
    lines = (f"    {field}" for field in fields)
    return "\n".join((f"class {name}(BaseModel):", f'    """The data of {snake_case(name)}."""', "", *lines, ""))
