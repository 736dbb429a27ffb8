"""camelCase keys: every name has one, and no two names have the same."""

import pytest

from chanx.key_case import camel_keys


@pytest.mark.parametrize(
    ("names", "taken", "keys"),
    [
        (["text", "created_at"], [], {"text": "text", "created_at": "createdAt"}),
        (["first_name", "firstName"], [], {"first_name": "first_name", "firstName": "firstName"}),
        (["a_b", "a_B"], [], {"a_b": "aB", "a_B": "a_B"}),
        (["created_at"], ["createdAt"], {"created_at": "created_at"}),
        (["created_at"], [["createdAt"]], {"created_at": "createdAt"}),
        ([], ["kind"], {}),
    ],
)
def test_keys(names: list[str], taken: list[object], keys: dict[str, str]) -> None:
    assert camel_keys(names, taken) == keys


def test_the_keys_of_the_keys_are_themselves() -> None:
    keys = camel_keys(["a_b", "a_B", "aB", "address_1", "_private"]).values()
    assert list(camel_keys(keys).values()) == list(camel_keys(keys))
