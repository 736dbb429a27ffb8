"""The demo project: settings, URLs and the ASGI application."""
