"""Helpers under the names of the public API."""
