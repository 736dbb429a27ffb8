"""Groups that know who is in them: members see each other, and others may ask."""

import asyncio
import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import Any, ClassVar, Final, Generic, Protocol, cast

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from pydantic import BaseModel, TypeAdapter, ValidationError
from typing_extensions import TypeVar

from chanx.close_codes import CLOSE_CODES
from chanx.codec import Codec
from chanx.connections import user_key
from chanx.generic.membership import require_layer
from chanx.generic.resuming import ResumingConsumer
from chanx.generic.typevars import Event
from chanx.history.engines import borrowed_engine
from chanx.messages.base import BaseMessage
from chanx.presence.base import check_key
from chanx.presence.declaration import GroupPresence
from chanx.presence.frames import NOTHING, PresenceView, read, written
from chanx.presence.room import PresenceHall, announce
from chanx.registry import ConsumerSpec

Info_co = TypeVar("Info_co", covariant=True)

#: Close codes after which nobody comes back: the client has closed, or was told not to.
_FOR_GOOD: Final = frozenset(
    {1000, 1005} | {code for info in CLOSE_CODES.values() if info.retry == "no" for code in (info.code, info.daphne)}
)
#: Seconds that the end of a connection waits until the engine knows it.
_PATIENCE: Final = 2.0


@dataclass(frozen=True, slots=True)
class PresentMember(Generic[Info_co]):
    """A member of a group who is there."""

    key: str
    #: What ``presence_info()`` has told last.
    info: Info_co
    since: datetime


@dataclass(frozen=True, slots=True)
class PresentMembers(Generic[Info_co]):
    """Who is in a group."""

    #: How many, also of those who are not listed.
    count: int
    #: Those who have been there for longest.
    members: Sequence[PresentMember[Info_co]]


class _Presenting(Protocol[Info_co]):
    """A consumer that says by the annotation of a method what it tells about each member."""

    async def presence_info(self, group: str) -> Info_co: ...


class PresentingConsumer(ResumingConsumer[Event], Generic[Event]):
    """The part of a consumer whose groups know who is in them."""

    #: Switches it on: ``presence = GroupPresence(ttl=30)``.
    presence: ClassVar[GroupPresence | None] = None

    #: With which code the connection has ended, once it has.
    _close_code: int | None = None

    #: Groups where it is present, with the key there. A class without presence has nothing of its own to keep.
    _present: "dict[str, tuple[PresenceHall, str | None]] | None" = None

    # -- what the class may override -------------------------------------------------------------------------

    def presence_key(self, group: str) -> str | None:
        """As whom this connection is a member: several with one key are one member. None only looks on.

        The user, unless overridden; each connection of an anonymous one is a member. Clients never see it.
        """
        return user_key(self.user) or self._anonymous_key

    async def presence_info(self, group: str) -> BaseModel | None:
        """What the members of a group are told about this one; the return annotation is what the document says.

        Nothing, unless overridden. Called when the connection joins, and by :meth:`update_presence`. When several
        connections of a member tell different things, the last one counts.
        """
        return None

    # -- what others ask -------------------------------------------------------------------------------------

    @classmethod
    async def apresent(
        cls: "type[_Presenting[Info_co]]", group_name: str, *, limit: int | None = None
    ) -> PresentMembers[Info_co]:
        """Who is in a group at this moment; may be asked from anywhere: a consumer, a view, a task, a shell.

        :param limit: members that are listed at most, by default the ``max_listed`` of the class.

        Raises ValueError for a class without presence, and whatever the engine raises when it is away.
        """
        return await cast("type[PresentingConsumer[Any]]", cls)._asked(group_name, limit)

    @classmethod
    def present(
        cls: "type[_Presenting[Info_co]]", group_name: str, *, limit: int | None = None
    ) -> PresentMembers[Info_co]:
        """:meth:`apresent` for synchronous code."""
        found: PresentMembers[Info_co] = async_to_sync(cast("type[PresentingConsumer[Any]]", cls)._asked)(
            group_name, limit
        )
        return found

    @classmethod
    async def _asked(cls, group: str, limit: int | None) -> PresentMembers[Any]:
        declared = cls.spec.presence
        if declared is None:
            raise ValueError(f"{cls.spec.path} does not know who is in a group: declare presence = GroupPresence().")
        layer = require_layer(get_channel_layer(cls.channel_layer_alias), cls.spec.path)
        async with borrowed_engine(layer) as history:
            engine = history.presence()
            for changed, version in (await engine.sweep()).items():
                await announce(layer, changed, version)
            found = await engine.attendance(group, limit=declared.max_listed if limit is None else limit)
        infos = TypeAdapter[Any](cls.spec.presence_info)
        members: list[PresentMember[Any]] = []
        for member in found.members:
            # Of another class in the same group, or another version of this one.
            with suppress(ValidationError):
                since = datetime.fromtimestamp(member.since, UTC)
                members.append(PresentMember(member.key, read(infos, member.info), since))
        return PresentMembers(found.count, members)

    # -- being present ---------------------------------------------------------------------------------------

    async def update_presence(self) -> None:
        """Tells the groups of this connection anew what :meth:`presence_info` says about it."""
        for group, place in tuple((self._present or {}).items()):
            hall, key = place
            if key is not None:
                info = await self._info(group)
                # Meanwhile it may have left the group, and joined it again under another key.
                if (self._present or {}).get(group) is place:
                    hall.keeper(self._declared.ttl).update((group, key), info)

    async def join_group(self, group: str) -> None:
        """Joins a group; see the base class. With presence, the client is told soon who is there."""
        await super().join_group(group)
        if self._present is not None:
            await self._enter(group)

    async def leave_group(self, group: str) -> None:
        """Leaves a group; see the base class."""
        await super().leave_group(group)
        if self._present is not None:
            await self._absent([group], grace=0.0)

    async def _leave_groups(self) -> None:
        await super()._leave_groups()
        if self._present:
            grace = 0.0 if self._close_code in _FOR_GOOD else self._declared.grace
            await self._absent(tuple(self._present), grace=grace)

    async def _begin_presence(self) -> None:
        """Lets the connection be present in the groups that it has joined, and from now on in each that it joins."""
        if self.spec.presence is not None:
            self._present = {}
            for group in self._joined:
                await self._enter(group)

    async def _enter(self, group: str) -> None:
        assert self._present is not None, "called once it may be present"
        if group in self._present:
            return
        key, info = self.presence_key(group), NOTHING
        if key is not None:
            check_key(key)
            info = await self._info(group)
        if group not in self._joined or group in self._present:
            return  # it has left meanwhile, or two have joined at once
        hall = PresenceHall.of(self._layer())
        self._present[group] = hall, key
        hall.enter(group, self._membership(), self._view, self._declared, key, info)

    async def _absent(self, groups: Iterable[str], *, grace: float) -> None:
        """Takes the connection out of groups. The others are told when the grace is over."""
        assert self._present is not None, "called where it may be present"
        halls: set[PresenceHall] = set()
        for group in groups:
            if (found := self._present.pop(group, None)) is not None:
                hall, key = found
                halls.add(hall)
                await hall.leave(group, self._membership(), self._declared, key, grace=grace)
        for hall in halls:
            # The engine may be away: then it learns it later.
            with suppress(Exception):
                async with asyncio.timeout(_PATIENCE):
                    await hall.keeper(self._declared.ttl).flush()

    async def _info(self, group: str) -> str:
        info = written(await self.presence_info(group))
        limit = self._declared.max_info_bytes
        if (size := len(info.encode())) > limit:
            raise ValueError(
                f"{self.spec.path}.presence_info() tells {size} bytes about a member, more than max_info_bytes={limit}."
            )
        return info

    async def chanx_presence(self, event: dict[str, Any]) -> None:
        """Sends what the hall could not hand to this connection as text; called as Channels calls handlers."""
        # Nothing else may come from the layer under this type.
        if isinstance(message := event.get("message"), BaseMessage):
            await self.send_message(message)

    @property
    def _declared(self) -> GroupPresence:
        assert self.spec.presence is not None, "asked for by a class without presence"
        return self.spec.presence

    @cached_property
    def _anonymous_key(self) -> str:
        return f"anonymous:{secrets.token_urlsafe(12)}"

    @cached_property
    def _view(self) -> PresenceView:
        return _view_of(self.spec, self._codec)


@cache
def _view_of(spec: ConsumerSpec, codec: Codec) -> PresenceView:
    assert spec.presence is not None, "asked for by a class with presence only"
    return PresenceView(codec, spec.presence_info, spec.path, max_listed=spec.presence.max_listed)
