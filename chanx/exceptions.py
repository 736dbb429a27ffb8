"""What chanx raises.

::

    ChanxError
    ├── DefinitionError (also TypeError)           a class that cannot work; raised at class creation
    │   ├── ConsumerDefinitionError                a consumer
    │   └── MessageDefinitionError                 a message or channel event
    ├── SettingError (also ImproperlyConfigured)   a wrong value in ``settings.CHANX``
    ├── RoutingError (also ImproperlyConfigured)   a routing that cannot be read
    ├── GroupMessageError (also ValueError)        a group message that its consumer cannot relay
    ├── TooManyGroupsError                     a connection that would be a member of more groups than it may
    └── UndeclaredMessageError                     a message sent that the consumer did not declare
"""

from django.core.exceptions import ImproperlyConfigured


class ChanxError(Exception):
    """Root of everything that chanx raises itself."""


class DefinitionError(ChanxError, TypeError):
    """A class that cannot work, found while Python creates it.

    ``owner`` is the dotted path of the class, ``problem`` what is wrong, ``way_out`` how to repair it.
    """

    def __init__(self, owner: str, problem: str, way_out: str) -> None:
        super().__init__(owner, problem, way_out)
        self.owner = owner
        self.problem = problem
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{self.owner}: {self.problem}\n{self.way_out}"


class ConsumerDefinitionError(DefinitionError):
    """A consumer class that cannot work."""


class MessageDefinitionError(DefinitionError):
    """A message or event class that cannot work."""


class SettingError(ChanxError, ImproperlyConfigured):
    """A wrong name or value in ``settings.CHANX``."""


class RoutingError(ChanxError, ImproperlyConfigured):
    """A routing that cannot be read, with the part that was not understood."""


class GroupMessageError(ChanxError, ValueError):
    """A group message that its consumer cannot relay, because it declares no such outgoing group message."""


class TooManyGroupsError(ChanxError):
    """A connection would be a member of more groups than MAX_GROUPS_PER_CONNECTION allows."""


class UndeclaredMessageError(ChanxError):
    """A message that the consumer sends without having declared it, so that no document can mention it."""

    def __init__(self, owner: str, message_class: str) -> None:
        super().__init__(owner, message_class)
        self.owner = owner
        self.message_class = message_class

    def __str__(self) -> str:
        return (
            f"{self.owner} sends {self.message_class}, which it does not declare; clients cannot know of it.\n"
            f"Name it in the return annotation of the @handler that sends it, in `outgoing_messages`, "
            f"or in the OG parameter of the consumer."
        )
