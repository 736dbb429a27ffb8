"""The tables of a history in the database."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from chanx.history.database.models import (
    HandledRequest,
    HistoryEntry,
    HistoryGroup,
    HistoryKey,
    PresenceClock,
    PresenceGroup,
    PresenceHold,
    PresenceMember,
    PresenceNode,
)


@pytest.mark.django_db
def test_the_migrations_make_the_models() -> None:
    call_command("makemigrations", "chanx_history", check=True, dry_run=True, verbosity=0)


def test_without_their_application_they_are_not_those_of_the_next_one() -> None:
    """Whose package is around theirs: `makemigrations` would write migrations into the installed chanx."""
    models = [*apps.get_app_config("chanx_history").get_models()]
    assert len(models) == 9
    assert {model._meta.original_attrs.get("app_label") for model in models} == {"chanx_history"}


def test_rows_say_what_they_are() -> None:
    group = HistoryGroup(name="room", epoch="x", seq=7, used_at=timezone.now())
    assert str(group) == "room at 7"
    assert str(HistoryEntry(group=group, seq=6)) == "room at 7, message 6"
    assert str(HistoryKey(group=group, key="order-7")) == "room at 7, key order-7"
    assert str(HandledRequest(client="alice", frame_id="n:7")) == "alice, request n:7"
    assert group._meta.db_table == "chanx_history_historygroup"


def test_rows_of_presence_say_what_they_are() -> None:
    group, node = PresenceGroup(name="room", version=7), PresenceNode(name="x", ends_at=timezone.now())
    member = PresenceMember(group=group, key="ann", info="{}", since=timezone.now())
    assert str(PresenceClock(version=8)) == "version 8"
    assert str(group) == "room in version 7"
    assert str(PresenceHold(node=node, member=member)) == "x keeps ann in room"
