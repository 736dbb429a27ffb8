"""Clients made of documents: document -> model -> names and types of a language -> files.

1. :mod:`lower` makes a language-neutral :mod:`model` of a document; what clients lack is among its problems.
2. :mod:`typescript` and :mod:`python` each make files of a model. They do not know each other.
3. :mod:`files` writes them: what its manifest lists is its own, anything else it leaves alone.

Needs nothing but a document: neither Django nor chanx, and no network.
"""
