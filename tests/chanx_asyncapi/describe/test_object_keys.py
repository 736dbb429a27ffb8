"""The texts that stand for keys which are not texts in Python."""

from typing import Any

import pytest

from chanx_asyncapi.describe.object_keys import key_texts


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ({"type": "integer"}, {"pattern": "^-?[0-9]+$"}),
        ({"type": "integer", "minimum": 0}, {"pattern": "^[0-9]+$"}),
        ({"type": "boolean"}, {"enum": ["true", "false"]}),
        ({"title": "Level", "type": "integer", "enum": [1, 2]}, {"enum": ["1", "2"]}),
        ({"const": True}, {"const": "true"}),
        ({"type": "string", "title": "Day", "format": "date"}, {"format": "date"}),
        (
            {"anyOf": [{"type": "integer"}, {"type": "boolean"}]},
            {"anyOf": [{"pattern": "^-?[0-9]+$"}, {"enum": ["true", "false"]}]},
        ),
        pytest.param({"anyOf": [{"type": "integer"}, {"type": "string"}]}, None, id="one alternative is any text"),
        pytest.param({"type": "string"}, None, id="any text"),
        pytest.param({}, None, id="nobody knows"),
    ],
)
def test_keys_are_texts(key: dict[str, Any], expected: dict[str, Any] | None) -> None:
    assert key_texts(key) == expected
