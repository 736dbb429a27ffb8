"""Size, depth and numbers of a text, known before it is parsed."""

import json
import math
import random
from typing import Any

import pytest

from chanx.frame_limits import has_number_beyond_double, is_deeper_than, is_larger_than


@pytest.mark.parametrize(
    ("text", "size", "larger"),
    [
        ("", 0, False),
        ("abcd", 4, False),
        ("abcde", 4, True),
        ("é" * 2, 4, False),
        ("é" * 2 + "x", 4, True),
        ("\U0001f600", 4, False),
        ("\U0001f600", 3, True),
        ("\ud800", 3, False),  # a lone surrogate, which is three bytes long and none of UTF-8's
        ("\ud800", 2, True),
    ],
)
def test_size_is_counted_in_bytes(text: str, size: int, larger: bool) -> None:
    assert is_larger_than(text, size) is larger


def depth_of(value: Any) -> int:
    """The definition that the fast way must agree with."""
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


#: Strings that look like structure.
TRAPS = ["", "[", "{{", '"', '\\"[', "\\", "\\\\[", "]]", "é[", "\n{", '"}', '\\"']


def random_value(dice: random.Random, depth: int) -> Any:
    kind = dice.random() if depth else 1
    if kind < 0.4:
        return [random_value(dice, depth - 1) for _ in range(dice.randrange(4))]
    if kind < 0.8:
        return {dice.choice(TRAPS): random_value(dice, depth - 1) for _ in range(dice.randrange(4))}
    return dice.choice([*TRAPS, 1, None, True, -1.5])


@pytest.mark.parametrize("seed", range(200))
def test_depth_is_exact_for_json(seed: int) -> None:
    dice = random.Random(seed)
    value = random_value(dice, dice.randrange(12))
    text = json.dumps(value, ensure_ascii=dice.random() < 0.5)
    assert [is_deeper_than(text, limit) for limit in range(14)] == [depth_of(value) > limit for limit in range(14)]


@pytest.mark.parametrize("limit", [1, 2, 64])
@pytest.mark.parametrize("unit", ["[]", "{}"])
def test_the_boundary(unit: str, limit: int) -> None:
    for depth in (limit - 1, limit, limit + 1):
        key = '"a":' if unit == "{}" else ""
        text = (unit[0] + key) * depth + "1" + unit[1] * depth
        assert is_deeper_than(text, limit) is (depth > limit)


@pytest.mark.parametrize(
    ("text", "deep"),
    [("[" * 100, True), ("[" * 50, False), ("]" * 100, False), ("]" * 100 + "[" * 100, True), ('"' + "[" * 100, False)],
)
def test_what_is_no_json_is_deep_when_much_of_it_is_open(text: str, deep: bool) -> None:
    """The parser refuses the rest, in a time that its depth cannot make long."""
    assert is_deeper_than(text, 64) is deep


# -- numbers -------------------------------------------------------------------------------------------------


def numbers_of(value: Any) -> list[float]:
    """The definition that the fast way must agree with."""
    match value:
        case dict():
            return [number for item in value.values() for number in numbers_of(item)]
        case list():
            return [number for item in value for number in numbers_of(item)]
        case float():
            return [value]
        case _:
            return []


#: The largest double, and integers beside it: what rounds to it is still one.
LARGEST = 1.7976931348623157e308
LARGEST_INTEGER = int(LARGEST)
HALF_A_STEP = 2**970


@pytest.mark.parametrize(
    ("number", "beyond"),
    [
        *[(each, True) for each in ("NaN", "Infinity", "-Infinity")],
        *[
            (each, True)
            for each in ("1e999", "-1E999", "1e+999", "1.5E+0309", "123456789e301", "1e99999999999999999999")
        ],
        *[(each, False) for each in ("1e308", "-1.5E+308", "1e-999", "0e999", "0.0E+999", "1E5", "1e0")],
        *[(each, False) for each in ("0", "-0", "-0.0", "0.1", "12345678901234567890", "1." + "0" * 5000 + "1")],
        (repr(LARGEST), False),
        (str(LARGEST_INTEGER), False),
        (str(LARGEST_INTEGER + HALF_A_STEP - 1), False),
        (str(LARGEST_INTEGER + HALF_A_STEP), True),
        ("1" * 400, True),
        ("1" * 5000, True),
        ("-" + "9" * 60_000, True),
        ("1" * 400 + ".5", True),
        ("1" * 400 + "e-200", False),
        ("1" * 400 + "e-50", True),
        ("0." + "0" * 400 + "1e300", False),
        ("0." + "0" * 400 + "1e800", True),
    ],
)
@pytest.mark.parametrize("frame", ["{}", "[{}]", '{{"a": {}}}', '{{"a":"\\"e","b":[1,{},"0e0"]}}', "\n{}\t"])
def test_the_range_of_a_double(number: str, beyond: bool, frame: str) -> None:
    assert has_number_beyond_double(frame.format(number)) is beyond


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        ": 1e999,",
        "[1e999]",
        '\\": 1e999, \\"',
        "\\\\",
        "1" * 400,
        "7c9e6679-7425-40de-944b-e07fc1f90ae7",
        "9e107d9d372bb6826bd81d3542a419d6",
        "Not a Number: NaN",
    ],
)
def test_what_is_in_strings_is_no_number(text: str) -> None:
    assert not has_number_beyond_double(f'{{"{text}":["{text}","x{text}"]}}')


@pytest.mark.parametrize("seed", range(300))
def test_numbers_are_exact_for_json(seed: int) -> None:
    dice = random.Random(seed)
    tokens = ["1e999", "NaN", "-Infinity", "12e5", "0.5e-5", "3", "1" * 310, "-0", "1e2", "null"]
    strings = ["1e999", "NaN", '\\"', "\\\\", "e", "0e0", "Infinity", "ü", '\\\\\\"NaN', "[1e999", "I N e"]

    def value(depth: int) -> str:
        kind = dice.random() if depth else 1
        if kind < 0.3:
            return "[" + ", ".join(value(depth - 1) for _ in range(dice.randrange(4))) + "]"
        if kind < 0.6:
            pairs = (f'"{number}{dice.choice(strings)}":{value(depth - 1)}' for number in range(dice.randrange(4)))
            return "{" + ",".join(pairs) + "}"
        return f'"{dice.choice(strings)}"' if kind < 0.85 else dice.choice(tokens)

    text = value(4)
    found = numbers_of(json.loads(text, parse_int=float))
    assert has_number_beyond_double(text) is any(not math.isfinite(number) for number in found)
