"""Size and depth of a text, known before it is parsed."""

import json
import random
from typing import Any

import pytest

from chanx.frame_limits import is_deeper_than, is_larger_than


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
