"""A running service -> its AsyncAPI document. The only place that knows both chanx and AsyncAPI.

::

    routing ─ channels ─┐
    specs ─ conversations ─ schemas ─ messages ─┼─ description
    authentication classes ─ security ──────────┤
    drf-spectacular's settings ─ info ──────────┘
"""

from chanx_asyncapi.describe.cached import CachedDescription, cached_description
from chanx_asyncapi.describe.description import Description, describe
from chanx_asyncapi.describe.named_documents import UnknownDocumentError
from chanx_asyncapi.describe.options import Options

__all__ = ["CachedDescription", "Description", "Options", "UnknownDocumentError", "cached_description", "describe"]
