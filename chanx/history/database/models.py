"""The tables of a history in the database."""

from typing import Final

from django.db import models

#: Said by each model: where the application is not installed, the nearest one would be chanx's, which has no tables.
LABEL: Final = "chanx_history"


class HistoryGroup(models.Model):
    """A group, and where its numbering is."""

    name = models.CharField(max_length=200, unique=True)
    epoch = models.CharField(max_length=32)
    seq = models.BigIntegerField(default=0)
    #: When the last message came, and when the group was last asked for.
    appended_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(db_index=True)
    #: Seconds for which its messages are kept after the last one.
    ttl = models.FloatField(default=0.0)

    class Meta:
        app_label = LABEL

    def __str__(self) -> str:
        return f"{self.name} at {self.seq}"


class HistoryEntry(models.Model):
    """A message of a group."""

    group = models.ForeignKey(HistoryGroup, on_delete=models.CASCADE, related_name="entries")
    seq = models.BigIntegerField()
    body = models.TextField()

    class Meta:
        app_label = LABEL
        constraints = (models.UniqueConstraint("group", "seq", name="chanx_history_seq"),)

    def __str__(self) -> str:
        return f"{self.group}, message {self.seq}"


class HistoryKey(models.Model):
    """An idempotency key, and the message that came with it."""

    group = models.ForeignKey(HistoryGroup, on_delete=models.CASCADE, related_name="keys")
    key = models.CharField(max_length=200)
    epoch = models.CharField(max_length=32)
    seq = models.BigIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = LABEL
        constraints = (models.UniqueConstraint("group", "key", name="chanx_history_key"),)

    def __str__(self) -> str:
        return f"{self.group}, key {self.key}"


class HandledRequest(models.Model):
    """A request of a client that is handled at most once."""

    client = models.CharField(max_length=32)
    frame_id = models.CharField(max_length=72)
    digest = models.CharField(max_length=64)
    #: Whoever handles it; empty once it was handled.
    holder = models.CharField(max_length=32)
    leased_until = models.DateTimeField()
    ends_at = models.DateTimeField(db_index=True)
    #: JSON; empty when they are not kept, or not there yet.
    replies = models.TextField(blank=True)
    #: Bytes of the replies.
    size = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = LABEL
        constraints = (models.UniqueConstraint(fields=("client", "frame_id"), name="chanx_handled_request"),)

    def __str__(self) -> str:
        return f"{self.client}, request {self.frame_id}"


class PresenceClock(models.Model):
    """One row: the last version that was given to a group. Whoever changes who is present locks it first."""

    version = models.BigIntegerField(default=0)

    class Meta:
        app_label = LABEL

    def __str__(self) -> str:
        return f"version {self.version}"


class PresenceNode(models.Model):
    """An event loop that keeps members in groups, as long as its lease lasts."""

    name = models.CharField(max_length=64, unique=True)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        app_label = LABEL

    def __str__(self) -> str:
        return self.name


class PresenceGroup(models.Model):
    """A group with members, and the version that its last change has given it."""

    name = models.CharField(max_length=200, unique=True)
    version = models.BigIntegerField(default=0)

    class Meta:
        app_label = LABEL

    def __str__(self) -> str:
        return f"{self.name} in version {self.version}"


class PresenceMember(models.Model):
    """A member of a group. No node keeps it there where it leaves."""

    group = models.ForeignKey(PresenceGroup, on_delete=models.CASCADE, related_name="members")
    key = models.CharField(max_length=200)
    info = models.TextField()
    since = models.DateTimeField()
    #: When the grace is over.
    leaves_at = models.DateTimeField(null=True, db_index=True)
    nodes: "models.ManyToManyField[PresenceNode, PresenceHold]" = models.ManyToManyField(
        PresenceNode, through="PresenceHold", related_name="members"
    )

    class Meta:
        app_label = LABEL
        constraints = (models.UniqueConstraint("group", "key", name="chanx_presence_key"),)

    def __str__(self) -> str:
        return f"{self.key} in {self.group.name}"


class PresenceHold(models.Model):
    """A node keeps a member there."""

    node = models.ForeignKey(PresenceNode, on_delete=models.CASCADE)
    member = models.ForeignKey(PresenceMember, on_delete=models.CASCADE)

    class Meta:
        app_label = LABEL
        constraints = (models.UniqueConstraint("node", "member", name="chanx_presence_hold"),)

    def __str__(self) -> str:
        return f"{self.node} keeps {self.member}"
