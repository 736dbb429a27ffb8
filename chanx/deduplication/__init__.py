"""Requests that are handled once, however often a client that has lost its connection sends them."""

from chanx.deduplication.declaration import Deduplication

__all__ = ["Deduplication"]
