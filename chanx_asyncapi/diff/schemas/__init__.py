"""How the schemas of two documents differ, and what that means in either direction.

What is compared is the sets of values that two schemas allow. For each place and each keyword there is an answer to two
questions: does all that the old schema allows fit the new one, and the reverse. Keywords hold together, so a schema is
wider where all of its keywords are wider or the same; whatever looks at its neighbours is compared together with them.
A yes is certain; where it is not, the answer is no, or that nobody knows.
"""

from chanx_asyncapi.diff.schemas.comparison import SchemaComparison
from chanx_asyncapi.diff.schemas.fits import Direction
from chanx_asyncapi.diff.schemas.places import Root, changes

__all__ = ["Direction", "Root", "SchemaComparison", "changes"]
