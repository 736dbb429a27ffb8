"""A group chat: rooms, their members, and what they write."""
