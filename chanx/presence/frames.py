"""What the members of a group are told: who is there, and what has changed."""

import logging
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Any, Final

from django.utils.crypto import salted_hmac
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json

from chanx.codec import Codec
from chanx.groups import group_id, layer_content
from chanx.messages.base import BaseMessage
from chanx.messages.presence import (
    PresenceMember,
    presence_messages,
)
from chanx.presence.base import Attendance, Present

logger = logging.getLogger("chanx.presence")

#: The info of a member about whom nothing is told.
NOTHING: Final = "null"


def written(info: BaseModel | None) -> str:
    """What is told about a member, as the engine keeps it: by name, whatever the wire format of clients is."""
    return NOTHING if info is None else to_json(layer_content(info)).decode()


def read(adapter: TypeAdapter[Any], info: str) -> Any:
    """What :func:`written` has written; raises pydantic's ValidationError when it is something else."""
    return adapter.validate_json(info, by_name=True, by_alias=True)


@lru_cache(maxsize=4096)
def member_id(group: str, key: str) -> str:
    """The id by which clients know a member of a group: it says nothing about the key, and is another one in each
    group."""
    digest = salted_hmac("chanx.presence", f"{group}:{key}", algorithm="sha256").digest()
    return urlsafe_b64encode(digest[:15]).decode()


class PresenceView:
    """How connections of one class and one wire format see a group.

    :param declared: the type of what the class tells about members: pydantic models, or None.
    :param owner: the path of the class.
    :param max_listed: the members of a larger group are not listed.
    """

    def __init__(self, codec: Codec, declared: Any, owner: str, *, max_listed: int) -> None:
        self.codec = codec
        self.max_listed = max_listed
        self.snapshot, self.change = presence_messages(declared)
        self._member: type[PresenceMember[Any]] = PresenceMember[declared]
        self._info: TypeAdapter[Any] = TypeAdapter(declared)
        self._owner = owner

    def lists(self, state: Attendance) -> bool:
        """Whether the members are told, and not only how many they are."""
        return state.count <= self.max_listed

    def members(self, group: str, members: Iterable[Present]) -> list[PresenceMember[Any]]:
        """As clients see them; those are left out about whom something else is told than this class declares."""
        found: list[PresenceMember[Any]] = []
        for member in members:
            try:
                info = read(self._info, member.info)
            except ValidationError:
                # Of another class in the same group, or another version of this one.
                logger.info("%s does not list a member of a group whose info it does not declare", self._owner)
            else:
                found.append(self._member(id=member_id(group, member.key), info=info))
        return found


class Scene:
    """A group as one view sees it, after another state of it that was told before."""

    def __init__(self, view: PresenceView, group: str, before: Attendance | None, now: Attendance) -> None:
        self._view = view
        self._group = group
        self._before = before
        self._now = now

    def snapshot(self, key: str | None) -> BaseMessage:
        """Who is there, for the member with a key."""
        payload = {
            "group": group_id(self._group),
            "you": None if key is None else member_id(self._group, key),
            "count": self._now.count,
            "members": self._all if self._view.lists(self._now) else None,
        }
        return self._view.snapshot.model_validate({"payload": payload})

    @cached_property
    def needs_snapshot(self) -> bool:
        """Whether also those who were told of the state before have to be told anew who is there."""
        return self._before is None or (self._view.lists(self._now) and not self._view.lists(self._before))

    @cached_property
    def change(self) -> BaseMessage | None:
        """What those are told who know the state before; None when it looks the same to them."""
        assert self._before is not None, "nobody knows the state before the first"
        payload: dict[str, Any] = {"joined": [], "left": [], "updated": []}
        if self._view.lists(self._now) and self._view.lists(self._before):
            before = {member.key: member.info for member in self._before.members}
            now = {member.key: member.info for member in self._now.members}
            payload["joined"] = self._told(member for member in self._now.members if member.key not in before)
            payload["left"] = [member_id(self._group, key) for key in before if key not in now]
            payload["updated"] = self._told(
                member for member in self._now.members if before.get(member.key, member.info) != member.info
            )
        if self._now.count == self._before.count and not any(payload.values()):
            return None
        return self._view.change.model_validate(
            {"payload": {"group": group_id(self._group), "count": self._now.count, **payload}}
        )

    def change_text(self) -> str:
        """The text frame of the change."""
        return self._change_text

    @cached_property
    def _change_text(self) -> str:
        assert self.change is not None, "nobody is told of no change"
        return self._view.codec.encode(self.change)

    @cached_property
    def _all(self) -> list[PresenceMember[Any]]:
        return self._told(self._now.members)

    def _told(self, members: Iterable[Present]) -> list[PresenceMember[Any]]:
        return self._view.members(self._group, members)
