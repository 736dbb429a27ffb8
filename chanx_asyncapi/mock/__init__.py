"""A server that speaks a document, for whoever writes clients while the service is not at hand.

It needs the document only: neither Django nor chanx. ``chanx mock`` runs it; tests in Python use
:class:`~chanx_asyncapi.mock.server.MockServer` directly. It stands on the library ``websockets`` (the extra ``mock``).
"""
