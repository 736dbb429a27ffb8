"""Who is in a group at this moment: a small building block over the engines that keep the history of groups."""

from chanx.presence.declaration import GroupPresence

__all__ = ["GroupPresence"]
