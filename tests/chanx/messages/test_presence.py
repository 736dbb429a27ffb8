"""Messages about members have names of their own for each kind of info, wherever its class comes from."""

import pytest
from pydantic import BaseModel, ValidationError

from chanx.messages.presence import PresenceMember, PresenceMessage, presence_messages


class Who(BaseModel):
    name: str


class Elsewhere:
    class Who(BaseModel):
        nickname: str


def test_the_names_of_messages() -> None:
    here, there = presence_messages(Who)[0], presence_messages(Elsewhere.Who)[0]
    assert here.__name__ == f"PresenceMessage[{__name__}.Who]"
    assert there.__name__ == f"PresenceMessage[{__name__}.Elsewhere.Who]"
    assert presence_messages(None)[1].__name__ == "PresenceChangedMessage[None]"
    assert presence_messages(Who) == presence_messages(Who)
    assert {value for each in presence_messages(Who) for value in each.discriminator_values()} == {
        "presence",
        "presence_changed",
    }


def test_what_is_told_has_the_declared_type() -> None:
    member = {"id": "x", "info": {"name": "ann"}}
    payload = {"group": "g", "you": None, "count": 1, "members": [member]}
    message = PresenceMessage[Who].model_validate({"payload": payload})
    assert message.payload.members == [PresenceMember[Who](id="x", info=Who(name="ann"))]
    with pytest.raises(ValidationError, match="nickname"):
        PresenceMessage[Elsewhere.Who].model_validate({"payload": payload})
    assert PresenceMessage[None].model_validate({"payload": {**payload, "members": None}}).payload.members is None
