"""Notifications: whoever creates one reaches every connection of its recipient."""
