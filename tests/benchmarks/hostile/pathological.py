"""Frames of 64 KiB that are as expensive as anybody could make them, for the types of one service."""

from collections.abc import Callable, Mapping
from typing import Final

#: What fits into a frame by default, in bytes.
FULL: Final = 65_536


def filled(unit: str | Callable[[int], str], before: str, after: str, separator: str = ",") -> str:
    """A frame of full size, its middle made of units, which may be numbered."""
    units: list[str] = []
    size = len(before) + len(after)
    while True:
        each = unit if isinstance(unit, str) else unit(len(units))
        size += len(each) + len(separator)
        if size > FULL:
            return before + separator.join(units) + after
        units.append(each)


def _of(action: str, opening: str = "[") -> tuple[str, str]:
    return f'{{"action":"{action}","payload":{opening}', {"[": "]", "{": "}", '"': '"'}[opening] + "}"


def frames() -> Mapping[str, str]:
    """The frames, by what is wrong with them."""
    return {
        "brackets that open": "[" * FULL,
        "brackets": "[" * (FULL // 2) + "]" * (FULL // 2),
        "brackets and strings": filled('["[",{"a":"{"}]', *_of("echo")),
        "quotes": '"' * FULL,
        "escapes": '{"action":"echo","payload":"' + "\\\\" * 32_000 + '"}',
        "escaped quotes": '{"action":"echo","payload":"' + '\\"' * 32_000 + '"}',
        "empty objects, valid": filled("{}", *_of("echo")),
        "numbers, valid": filled("1", *_of("echo")),
        "one long number": '{"action":"count","payload":' + "1" * 65_000 + "}",
        "numbers of 300 digits": filled("1" * 300, *_of("echo")),
        "exponents": filled("1e1", *_of("echo")),
        "identifiers like exponents": filled('"7c9e6679"', *_of("echo")),
        "keys, ignored": filled(lambda n: f'"{n}":1', '{"action":"ping",', "}"),
        "keys, any": filled(lambda n: f'"{n}":1', *_of("echo", "{")),
        "keys, forbidden": filled(lambda n: f'"{n}":1', '{"action":"fill","payload":{"first_name":"a",', "}}"),
        "equal keys": filled('"":1', *_of("echo", "{")),
        "ids": filled('"id":1', *_of("echo", "{")),
        "ids in the envelope": filled('"id":1', "{", "}"),
        "spelled ids": filled('"\\u0069d":1', "{", "}"),
        "actions": filled('"action":"ping"', "{", "}"),
        "wrong items": filled('""', *_of("many")),
        "wrong items of a union": filled("1", *_of("shapes")),
        "objects of a union, empty": filled("{}", *_of("shapes")),
        "objects of a union, nearly": filled('{"kind":"circle","width":1,"points":1}', *_of("shapes")),
        "objects of a union, nested": filled('{"points":[[0,0],[0],[],1,{}]}', *_of("shapes")),
        "points, wrong": filled("[]", '{"action":"shapes","payload":[{"points":[', "]}]}"),
        "trees, wide": filled("{}", '{"action":"tree","payload":{"name":"a","children":[', "]}}"),
        "trees, wrong": filled('{"name":1}', '{"action":"tree","payload":{"name":"a","children":[', "]}}"),
        "values of a dictionary": filled(lambda n: f'"{n}":""', '{"action":"moment","payload":{"by_name":{', "}}}"),
        "words of a set": filled('"~"', '{"action":"moment","payload":{"tags":[', "]}}"),
        "words of a set, valid": filled(lambda n: f'"{n}"', '{"action":"moment","payload":{"tags":[', "]}}"),
        # Each error holds what it is about, which pydantic-core makes Python data of, again for each.
        "much in what lacks nine fields": filled("[]", '{"action":"moment","payload":{"junk":[', "]}}"),
        "much in what is none of a union": filled("[]", '{"action":"shapes","payload":[{"junk":[', "]}]}"),
        "underscores": '{"action":"echo","payload":{"' + "_" * 65_000 + '":1}}',
        "an action of 64 KiB": '{"action":"' + "x" * 65_000 + '"}',
        "a time of 64 KiB": '{"action":"moment","payload":{"when":"' + "1" * 65_000 + '"}}',
    }
