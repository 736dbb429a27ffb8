"""The users and rooms of the demo. Seeding again repairs what is missing, and keeps what was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from rest_framework.authtoken.models import Token

from chat.models import Message, Room


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A user whose credentials everybody may know."""

    name: str
    password: str
    token: str
    is_admin: bool = False


ALICE: Final = DemoUser("alice", "alice-demo-password", "alice-demo-token", is_admin=True)
BOB: Final = DemoUser("bob", "bob-demo-password", "bob-demo-token")
DEMO_USERS: Final[Sequence[DemoUser]] = (ALICE, BOB)


@dataclass(frozen=True, slots=True)
class Seeded:
    """The rooms that are there after seeding."""

    lobby: Room
    #: Only alice may enter.
    leadership: Room


@transaction.atomic
def seed() -> Seeded:
    """Makes the demo's users, tokens, rooms and a first message, each unless it is there already."""
    alice, bob = (_user(wanted) for wanted in DEMO_USERS)
    lobby, _ = Room.objects.get_or_create(slug="lobby", defaults={"name": "Lobby", "owner": alice})
    lobby.members.add(alice, bob)
    leadership, _ = Room.objects.get_or_create(
        slug="leadership", defaults={"name": "Leadership", "owner": alice, "slow_mode_seconds": 10}
    )
    leadership.members.set([alice])
    if not Message.objects.filter(room=lobby).exists():
        Message.objects.create(room=lobby, author=alice, text="Welcome! Say hello to @bob.")
    return Seeded(lobby=lobby, leadership=leadership)


def _user(wanted: DemoUser) -> User:
    user, _ = User.objects.get_or_create(username=wanted.name)
    # A password that is set again, even to the same text, would end every session.
    if not user.check_password(wanted.password):
        user.set_password(wanted.password)
    user.is_active = True
    user.is_staff = user.is_superuser = wanted.is_admin
    user.save()
    Token.objects.filter(user=user).exclude(key=wanted.token).delete()
    Token.objects.get_or_create(user=user, key=wanted.token)
    return user
