"""What a connection is told is the difference from what it was told before."""

import json
from typing import Any

from pydantic import BaseModel

from chanx.codec import Codec
from chanx.groups import group_id
from chanx.presence.base import Attendance, Present
from chanx.presence.frames import NOTHING, PresenceView, Scene, member_id, written
from chanx.wire_format import WireFormat


class Who(BaseModel):
    name: str


def view(max_listed: int = 3, declared: Any = Who) -> PresenceView:
    return PresenceView(Codec.of({}, WireFormat()), declared, "chat.Chat", max_listed=max_listed)


def state(*names: str, version: int = 1) -> Attendance:
    """Who is there; ``ann=Anna`` is the key ann with another name."""
    members = [
        Present(key, json.dumps({"name": name or key}), 0.0) for key, _, name in (each.partition("=") for each in names)
    ]
    return Attendance(version, len(members), tuple(members))


def change(before: Attendance, now: Attendance, seen: PresenceView | None = None) -> Any:
    message = Scene(seen or view(), "room", before, now).change
    return message and message.model_dump()["payload"]


def told(key: str, name: str) -> dict[str, Any]:
    return {"id": member_id("room", key), "info": {"name": name}}


def test_an_id_tells_nothing_and_is_another_one_in_each_group() -> None:
    assert member_id("room", "ann") == member_id("room", "ann")
    assert len({member_id("room", "ann"), member_id("hall", "ann"), member_id("room", "bob"), group_id("room")}) == 4
    assert "ann" not in member_id("room", "ann")


def test_what_has_changed() -> None:
    now = state("ann=Anna", "cem", "dia")
    assert change(state("ann", "bob", "cem"), now) == {
        "group": group_id("room"),
        "count": 3,
        "joined": [told("dia", "dia")],
        "left": [member_id("room", "bob")],
        "updated": [told("ann", "Anna")],
    }
    assert change(now, now) is None
    # Another version of the same: somebody came and went in between.
    assert change(now, Attendance(7, 3, now.members)) is None


def test_when_there_are_too_many_to_be_listed() -> None:
    few, many = state("ann", "bob"), state("ann", "bob", "cem", "dia")
    nobody: dict[str, Any] = {"group": group_id("room"), "joined": [], "left": [], "updated": []}
    assert change(few, many) == {**nobody, "count": 4}
    assert change(many, state("ann=Anna", "bob", "cem", "dia")) is None
    assert not Scene(view(), "room", few, many).needs_snapshot
    assert Scene(view(), "room", many, few).needs_snapshot
    assert Scene(view(), "room", None, few).needs_snapshot
    # It depends on the class.
    assert change(few, many, view(4))["joined"] == [told("cem", "cem"), told("dia", "dia")]


def test_a_snapshot() -> None:
    scene = Scene(view(), "room", None, state("ann", "bob"))
    payload = scene.snapshot("ann").model_dump()["payload"]
    assert payload == {
        "group": group_id("room"),
        "you": member_id("room", "ann"),
        "count": 2,
        "members": [told("ann", "ann"), told("bob", "bob")],
    }
    assert scene.snapshot(None).model_dump()["payload"] == {**payload, "you": None}
    crowd = Scene(view(1), "room", None, state("ann", "bob")).snapshot("ann").model_dump()["payload"]
    assert crowd == {**payload, "members": None}


def test_infos_of_another_type_are_counted_and_not_told() -> None:
    odd = Attendance(1, 3, (*state("ann").members, Present("bob", '{"nick": 1}', 0.0), Present("cem", NOTHING, 0.0)))
    payload = Scene(view(), "room", None, odd).snapshot("ann").model_dump()["payload"]
    assert (payload["count"], payload["members"]) == (3, [told("ann", "ann")])
    payload = Scene(view(declared=Who | None), "room", None, odd).snapshot("ann").model_dump()["payload"]
    assert [each["info"] for each in payload["members"]] == [{"name": "ann"}, None]


def test_what_is_written_is_read_again_whatever_the_class_does_to_its_json() -> None:
    class Odd(BaseModel, alias_generator=str.upper, extra="forbid"):
        shown_as: str

    info = Odd.model_validate({"SHOWN_AS": "é"})
    members = (Present("ann", written(info), 0.0),)
    (found,) = view(declared=Odd).members("room", members)
    assert found.info == info
    assert written(None) == NOTHING
