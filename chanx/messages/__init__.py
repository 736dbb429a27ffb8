"""Message base classes, and the messages that chanx knows itself."""
