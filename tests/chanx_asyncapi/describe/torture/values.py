"""Values without structure of their own: numbers, texts, times, addresses, literals, enums, and collections of them."""

import re
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable, Mapping, MutableMapping, MutableSequence, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto
from fractions import Fraction
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Interface
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final, Literal, NewType
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import (
    UUID4,
    UUID7,
    AnyUrl,
    AwareDatetime,
    Base64Bytes,
    Base64Str,
    Base64UrlBytes,
    ByteSize,
    FailFast,
    Field,
    FiniteFloat,
    FutureDatetime,
    HttpUrl,
    IPvAnyAddress,
    IPvAnyNetwork,
    Json,
    JsonValue,
    NaiveDatetime,
    NonNegativeInt,
    PastDate,
    PositiveFloat,
    PostgresDsn,
    SecretBytes,
    SecretStr,
    StrictBool,
    StrictInt,
    StringConstraints,
    UrlConstraints,
    WebsocketUrl,
)

from tests.chanx_asyncapi.describe.torture.exchange import exchanges

CONSUMERS, exchange = exchanges(__name__)

INT64: Final = 2**63


class Mixed(Enum):
    """Values of several types."""

    NUMBER = 1
    TEXT = "x"
    NOTHING = None
    FRACTION = 1.5


class Fruit(StrEnum):
    """Aliases, an empty text, other alphabets."""

    APPLE = "apple"
    POMME = "apple"
    NONE = ""
    りんご = "りんご"


class Weight(IntEnum):
    LIGHT = -1
    HEAVY = 2**40


class Right(Flag):
    """May be combined."""

    READ = auto()
    WRITE = auto()


class Bits(IntFlag):
    ONE = 1
    FOUR = 4


class Pairs(Enum):
    """Values that are no scalars."""

    ONE = (1, "a")
    TWO = (2, "b")


class Prices(Enum):
    LOW = Decimal("0.10")
    HIGH = Decimal(100)


UserId = NewType("UserId", int)

exchange(
    "Numbers",
    tuple[
        int,
        float,
        bool,
        StrictInt,
        StrictBool,
        FiniteFloat,
        PositiveFloat,
        NonNegativeInt,
        UserId,
        Annotated[int, Field(ge=-INT64, lt=INT64)],
        Annotated[int, Field(ge=0, lt=2 * INT64)],
        Annotated[int, Field(gt=0, lt=100, multiple_of=3)],
        Annotated[float, Field(multiple_of=0.5, le=10)],
        Annotated[Annotated[int, Field(ge=1)], Field(le=5, description="Twice annotated.", examples=[1])],
    ],
)
exchange(
    "Decimals",
    tuple[
        Decimal, Annotated[Decimal, Field(max_digits=5, decimal_places=2)], Annotated[Decimal, Field(gt=0)], Fraction
    ],
)
exchange("Complex", complex)
exchange("ByteSizes", ByteSize)
exchange(
    "Texts",
    tuple[
        str,
        SecretStr,
        SecretBytes,
        bytes,
        Path,
        PurePosixPath,
        re.Pattern[str],
        Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, pattern=r"^\w+$")],
        Annotated[str, Field(pattern=r"""^[/"'`\\]\d{2,3}(?:a|b)?$""", max_length=9)],
        Annotated[bytes, Field(min_length=1, max_length=3)],
    ],
)
exchange("Encoded", tuple[Base64Bytes, Base64Str, Base64UrlBytes])
exchange("Times", tuple[date, datetime, time, timedelta, AwareDatetime, NaiveDatetime, ZoneInfo])
exchange("BoundedTimes", tuple[PastDate, Annotated[timedelta, Field(le=timedelta(days=1))]])
exchange("Futures", FutureDatetime)
exchange("Identities", tuple[UUID, UUID4, UUID7])
exchange("Hosts", tuple[IPv4Address, IPv6Address, IPv4Network, IPv6Interface, IPvAnyAddress, IPvAnyNetwork])
exchange(
    "Urls",
    tuple[AnyUrl, HttpUrl, WebsocketUrl, PostgresDsn, Annotated[AnyUrl, UrlConstraints(allowed_schemes=["ftp"])]],
)
exchange("Jsons", tuple[Json[Any], JsonValue])
exchange("JsonOfNumbers", Json[list[int]])

exchange("LiteralText", Literal["only"])
exchange("LiteralTexts", Literal["", " ", "ü", "\u2028", "*/", '"', "\\", "null", "a" * 300])
exchange("LiteralNumbers", Literal[-1, 0, 2**40])
exchange("LiteralBooleans", tuple[Literal[True], Literal[True, False], Literal[None]])
exchange("LiteralMixture", Literal["a", 1, True, None, Fruit.APPLE])
exchange("LiteralUnion", Literal["a"] | Literal["b", "c"] | None)
# JSON has no bytes and no members of enums that are not texts or numbers: these can only be sent.
exchange("LiteralBytes", Literal[b"raw"], received=False)
exchange("LiteralMembers", Literal[Mixed.TEXT, Mixed.NOTHING], received=False)

exchange("Enums", tuple[Mixed, Fruit, Weight, Right, Bits])
exchange("EnumsOfValues", tuple[Pairs, Prices], received=False)

exchange("Sequences", tuple[list[int], list[Any], Sequence[str], MutableSequence[int], deque[int], tuple[int, ...]])
exchange("Iterables", Iterable[int])
exchange("Sets", tuple[set[int], frozenset[str], AbstractSet[int]])
exchange("Tuples", tuple[tuple[()], tuple[int], tuple[tuple[int, str], tuple[bool, ...]]])
exchange(
    "BoundedCollections",
    tuple[
        Annotated[list[int], Field(min_length=1, max_length=3)],
        Annotated[set[int], Field(max_length=2)],
        Annotated[deque[int], Field(max_length=2)],
        Annotated[dict[str, int], Field(min_length=1, max_length=2)],
        Annotated[list[int], FailFast()],
    ],
)
exchange(
    "Mappings",
    tuple[
        dict[str, Any], Mapping[str, int], MutableMapping[str, int], OrderedDict[str, int], defaultdict[str, list[int]]
    ],
)
exchange(
    "Keys",
    tuple[
        dict[int, str],
        dict[UUID, str],
        dict[date, str],
        dict[bool, str],
        dict[float, str],
        dict[Decimal, str],
        dict[Weight, str],
        dict[Fruit, str],
        dict[Literal["$ref", "default"], str],
        dict[Annotated[int, Field(ge=0)], str],
        dict[int | UUID, str],
        Counter[str],
    ],
)
exchange("KeysWithPattern", dict[Annotated[str, Field(pattern="^[a-z]+$", max_length=3)], int])
exchange("Deep", list[dict[str, list[tuple[int, set[str], dict[str, list[list[list[int]]]]]]]])

exchange("Nothing", None)
exchange("Anything", Any)
exchange("Objects", object)
exchange("Optionals", tuple[int | None, list[list[str | None] | None], bool | None])
exchange("Unions", tuple[int | str, list[int] | dict[str, int] | None, float | bool | None])
exchange("LeftToRight", Annotated[int | str, Field(union_mode="left_to_right")])
