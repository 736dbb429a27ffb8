"""Presence in the database: for development, and for services whose groups are not busy.

Each change locks one row until it is kept, so all changes come one after the other, in all processes. The clocks of
the processes decide when a lease is over: they may differ by a second, and not by much more.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from channels.db import database_sync_to_async
from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Count, F, QuerySet
from django.utils import timezone

from chanx.history.database.models import PresenceClock, PresenceGroup, PresenceHold, PresenceMember, PresenceNode
from chanx.presence.base import (
    EMPTY,
    SWEPT_AT_ONCE,
    Arrival,
    Attendance,
    Beat,
    Changes,
    Place,
    PresenceEngine,
    Present,
    check_key,
)


class DatabasePresence(PresenceEngine):
    """Shared by every process that uses the same database. Needs ``chanx.history.database`` in INSTALLED_APPS.

    :param using: alias of the database.
    """

    def __init__(self, using: str = DEFAULT_DB_ALIAS) -> None:
        self._using = using

    async def begin(self, node: str, ttl: float) -> None:
        await database_sync_to_async(self._begin)(node, ttl)

    async def beat(self, node: str, ttl: float, groups: Sequence[str] = (), *, sweeps: bool = True) -> Beat:
        return await database_sync_to_async(self._beat)(node, ttl, groups, sweeps)

    async def arrive(self, node: str, arrivals: Sequence[Arrival], *, capacity: int) -> Changes | None:
        for arrival in arrivals:
            check_key(arrival.key)
        return await database_sync_to_async(self._arrive)(node, arrivals, capacity)

    async def depart(self, node: str, places: Sequence[Place], *, grace: float) -> Changes:
        return await database_sync_to_async(self._depart)(node, places, grace)

    async def sweep(self) -> Changes:
        return await database_sync_to_async(self._sweep)()

    async def attendance(self, group: str, *, limit: int) -> Attendance:
        return await database_sync_to_async(self._attendance)(group, limit)

    def _begin(self, node: str, ttl: float) -> None:
        ends_at = timezone.now() + timedelta(seconds=ttl)
        self._nodes.update_or_create(name=node, defaults={"ends_at": ends_at})

    def _beat(self, node: str, ttl: float, groups: Sequence[str], sweeps: bool) -> Beat:
        now = timezone.now()
        is_known = bool(self._nodes.filter(name=node).update(ends_at=now + timedelta(seconds=ttl)))
        changes = self._sweep(with_nodes=sweeps)
        found = dict(self._groups.filter(name__in=groups).values_list("name", "version")) if groups else {}
        return Beat(is_known, changes, {group: found.get(group, EMPTY) for group in groups})

    def _arrive(self, name: str, arrivals: Sequence[Arrival], capacity: int) -> Changes | None:
        with transaction.atomic(using=self._using):
            self._lock()
            node = self._nodes.filter(name=name).first()
            if node is None:
                return None
            places = {(each.group, each.key) for each in arrivals}
            groups = self._groups_of({group for group, _ in places})
            known = self._known(groups, places)
            of_groups = self._members.filter(group__in=groups.values()).values_list("group__name")
            counts = Counter(dict(of_groups.annotate(Count("pk"))))
            new: dict[Place, PresenceMember] = {}
            altered: dict[Place, PresenceMember] = {}
            for each in arrivals:
                place = each.group, each.key
                member = new.get(place) or known.get(place)
                if member is None and counts[each.group] < capacity:
                    counts[each.group] += 1
                    new[place] = PresenceMember(
                        group=groups[each.group], key=each.key, info=each.info, since=timezone.now()
                    )
                elif member is not None and member.info != each.info:
                    member.info = each.info
                    altered[place] = member
            self._members.bulk_create(new.values())
            self._members.bulk_update([altered[place] for place in altered.keys() - new.keys()], ["info"])
            self._hold(node, [member.pk for member in self._known(groups, places).values()])
            return self._changes({group for group, _ in (*new, *altered)})

    def _groups_of(self, names: set[str]) -> dict[str, PresenceGroup]:
        known = self._groups.filter(name__in=names).values_list("name", flat=True)
        self._groups.bulk_create([PresenceGroup(name=name) for name in sorted(names.difference(known))])
        # Read again: not every database tells the keys of rows that were created together.
        return {group.name: group for group in self._groups.filter(name__in=names)}

    def _known(self, groups: Mapping[str, PresenceGroup], places: Collection[Place]) -> dict[Place, PresenceMember]:
        keys = {key for _, key in places}
        found = self._members.filter(group__in=groups.values(), key__in=keys).select_related("group")
        by_place = {(member.group.name, member.key): member for member in found}
        return {place: by_place[place] for place in places if place in by_place}

    def _hold(self, node: PresenceNode, members: Collection[int]) -> None:
        self._members.filter(pk__in=members).update(leaves_at=None)
        held = self._holds.filter(node=node, member__in=members).values_list("member", flat=True)
        self._holds.bulk_create([PresenceHold(node=node, member_id=pk) for pk in set(members).difference(held)])

    def _depart(self, name: str, places: Sequence[Place], grace: float) -> Changes:
        with transaction.atomic(using=self._using):
            self._lock()
            node = self._nodes.filter(name=name).first()
            if node is None:
                return {}
            groups = {group.name: group for group in self._groups.filter(name__in={group for group, _ in places})}
            leaves_at = None if grace <= 0 else timezone.now() + timedelta(seconds=grace)
            return self._changes(self._let_go(node, self._known(groups, places).values(), leaves_at))

    def _let_go(
        self, node: PresenceNode, members: Iterable[PresenceMember], leaves_at: datetime | None = None
    ) -> set[str]:
        """Takes a node from members, as far as it holds them; returns the groups that look different now."""
        held = self._holds.filter(node=node, member__in=[member.pk for member in members])
        mine = list(held.values_list("member", flat=True))
        held.delete()
        left = self._members.filter(pk__in=mine, nodes=None)
        if leaves_at is not None:
            left.update(leaves_at=leaves_at)
            return set()
        gone = list(left.values_list("pk", "group__name"))
        self._members.filter(pk__in=[pk for pk, _ in gone]).delete()
        return {group for _, group in gone}

    def _sweep(self, *, with_nodes: bool = True) -> Changes:
        now = timezone.now()
        over = self._members.filter(leaves_at__lte=now)
        ended = self._nodes.filter(ends_at__lte=now) if with_nodes else self._nodes.none()
        if not (over.exists() or ended.exists()):
            return {}
        with transaction.atomic(using=self._using):
            self._lock()
            gone = list(over.values_list("pk", "group__name")[:SWEPT_AT_ONCE])
            self._members.filter(pk__in=[pk for pk, _ in gone]).delete()
            changed = {group for _, group in gone}
            for node in ended:
                # Its process may come back now, while some members are still there: under its name it is unknown, and
                # has to begin anew with all. A heartbeat takes no lock but that of this row, and may have been faster.
                if not self._nodes.filter(pk=node.pk, ends_at__lte=now).update(name=f"over:{node.pk}"):
                    continue
                held = list(self._members.filter(nodes=node)[:SWEPT_AT_ONCE])
                changed |= self._let_go(node, held)
                if len(held) < SWEPT_AT_ONCE:
                    node.delete()
            return self._changes(changed)

    def _attendance(self, name: str, limit: int) -> Attendance:
        with transaction.atomic(using=self._using):
            group = self._groups.filter(name=name).first()
            if group is None:
                return Attendance(EMPTY, 0, ())
            members = self._members.filter(group=group)
            listed = [
                Present(member.key, member.info, member.since.timestamp())
                for member in members.order_by("since", "pk")[:limit]
            ]
            return Attendance(group.version, members.count(), tuple(listed))

    def _changes(self, changed: set[str]) -> Changes:
        """Gives groups that look different their new versions, and forgets those without members."""
        changes: dict[str, int] = {}
        for name in sorted(changed):
            group = self._groups.get(name=name)
            if self._members.filter(group=group).exists():
                group.version = changes[name] = self._next_version()
                group.save(using=self._using, update_fields=("version",))
            else:
                group.delete(using=self._using)
                changes[name] = EMPTY
        return changes

    def _lock(self) -> None:
        """Nobody else changes anything before the transaction ends."""
        # An UPDATE locks the row everywhere; SELECT … FOR UPDATE would lock nothing in SQLite.
        if not self._clock.update(version=F("version")):
            self._clock.get_or_create(pk=1)
            self._clock.update(version=F("version"))

    def _next_version(self) -> int:
        self._clock.update(version=F("version") + 1)
        return self._clock.get().version

    @property
    def _clock(self) -> QuerySet[PresenceClock]:
        return PresenceClock.objects.using(self._using)

    @property
    def _nodes(self) -> QuerySet[PresenceNode]:
        return PresenceNode.objects.using(self._using)

    @property
    def _groups(self) -> QuerySet[PresenceGroup]:
        return PresenceGroup.objects.using(self._using)

    @property
    def _holds(self) -> QuerySet[PresenceHold]:
        return PresenceHold.objects.using(self._using)

    @property
    def _members(self) -> QuerySet[PresenceMember]:
        return PresenceMember.objects.using(self._using)
