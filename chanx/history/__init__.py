"""What groups remember of their last messages, so that a client which was away can be told what it has missed."""

from chanx.history.declaration import GroupHistory

__all__ = ["GroupHistory"]
