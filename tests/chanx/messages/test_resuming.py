"""The bounds of what a client may say about its place."""

from typing import Any

import pytest
from pydantic import ValidationError

from chanx.messages.resuming import MAX_GROUPS, MAX_ID_LENGTH, ResumeMessage


def resume(groups: Any, client: Any = None) -> Any:
    return ResumeMessage.model_validate({"payload": {"client": client, "groups": groups}})


def place(**other: Any) -> dict[str, Any]:
    return {"epoch": "x", "seq": 1, **other}


@pytest.mark.parametrize("seq", [0, 1, 2**53 - 1])
def test_numbers_of_messages(seq: int) -> None:
    assert resume({"a": place(seq=seq)}).payload.groups["a"].seq == seq


@pytest.mark.parametrize(
    "groups",
    [
        {"a": place(seq=-1)},
        {"a": place(seq=2**53)},
        {"a": place(epoch="")},
        {"a": place(epoch="x" * (MAX_ID_LENGTH + 1))},
        {"a" * (MAX_ID_LENGTH + 1): place()},
        {"": place()},
        {str(number): place() for number in range(MAX_GROUPS + 1)},
    ],
    ids=["negative", "too large", "no epoch", "long epoch", "long group", "no group", "too many groups"],
)
def test_what_is_refused(groups: Any) -> None:
    with pytest.raises(ValidationError):
        resume(groups)


def test_names_of_clients() -> None:
    assert resume({}, "x" * MAX_ID_LENGTH).payload.client is not None
    for name in ("", "x" * (MAX_ID_LENGTH + 1)):
        with pytest.raises(ValidationError):
            resume({}, name)
