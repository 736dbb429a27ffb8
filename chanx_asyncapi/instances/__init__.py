"""A value for a JSON Schema: an example to read, a frame for a mock server, a start for a test.

The same schema gives the same value, today and tomorrow. What its author says in ``examples``, ``default``, ``const``
and ``enum`` comes first; what has to be invented is named after the key that it stands behind.

Needs a document only: neither Django nor chanx.
"""

from chanx_asyncapi.instances.making import Instances
from chanx_asyncapi.instances.places import NoInstanceError
from chanx_asyncapi.instances.sets import with_ordered_sets

__all__ = ["Instances", "NoInstanceError", "with_ordered_sets"]
