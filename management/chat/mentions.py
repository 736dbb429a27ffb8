"""``@name`` in a message notifies the member of that name."""

import re
from typing import Final

from chat.models import Message
from notifications.models import Notification

# What Django allows in a user name, but for an end that is rather punctuation of the sentence.
_MENTION: Final = re.compile(r"(?<![\w@.+-])@([\w@.+-]*\w)")


def mentioned_names(text: str) -> frozenset[str]:
    """The names that a text mentions."""
    return frozenset(_MENTION.findall(text))


async def notify_mentioned(message: Message) -> None:
    """Notifies each mentioned member of the room, but not an author of himself."""
    members = message.room.members.filter(username__in=mentioned_names(message.text)).exclude(pk=message.author.pk)
    async for member in members:
        await Notification.objects.acreate(
            recipient=member,
            title=f"{message.author.get_username()} mentioned you in {message.room.name}",
            text=message.text,
        )
