"""The base classes of everything that a consumer receives or sends."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, ClassVar, Literal, get_args, get_origin

from pydantic import BaseModel
from typing_extensions import Format, get_annotations

from chanx.exceptions import MessageDefinitionError


class _Discriminated(BaseModel):
    """A model that one literal field tells apart from its siblings."""

    #: The field that holds the literal.
    discriminator: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        chooses_the_field = "discriminator" in cls.__dict__
        declares_the_field = cls.discriminator in get_annotations(cls, format=Format.FORWARDREF)
        if chooses_the_field or not declares_the_field:
            return
        try:
            _literal_values(cls.model_fields[cls.discriminator].annotation)
        except ValueError as error:
            example = _snake_case(cls.__name__)
            raise MessageDefinitionError(
                f"{cls.__module__}.{cls.__qualname__}",
                f"its `{cls.discriminator}` {error}.",
                f'Write for instance: {cls.discriminator}: Literal["{example}"] = "{example}"',
            ) from None

    @classmethod
    def discriminator_values(cls) -> Sequence[str]:
        """The values of the discriminator that mean this class; empty for a base class that declares none."""
        try:
            return _literal_values(cls.model_fields[cls.discriminator].annotation)
        except ValueError:
            return ()


class BaseMessage(_Discriminated):
    """A message of the WebSocket: a literal ``action`` that names it, and its data in ``payload``.

    ::

        class NewMessage(BaseMessage):
            action: Literal["new_message"] = "new_message"
            payload: NewMessagePayload

    Raises :class:`~chanx.exceptions.MessageDefinitionError` when a class declares an ``action`` that is not a
    literal of texts. A class that declares none is a base for others.
    """

    discriminator: ClassVar[str] = "action"

    #: A subclass narrows it to a Literal; Any, because a mutable field declared as str could not be narrowed.
    action: Any
    payload: Any


class BaseGroupMessage(BaseMessage):
    """A message that reaches the members of a group, each with its own view of who sent it."""

    #: Sent by the user of the connection that receives it.
    is_mine: bool = False
    #: Sent by the very connection that receives it.
    is_current: bool = False


class BaseChannelEvent(_Discriminated):
    """A typed event for consumers, sent through the channel layer from views, tasks or other consumers.

    The literal ``handler`` names it, ``payload`` is its data. Raises MessageDefinitionError like BaseMessage.
    """

    discriminator: ClassVar[str] = "handler"

    handler: Any
    payload: Any


def _literal_values(annotation: Any) -> Sequence[str]:
    """The texts of a ``Literal``; raises ValueError, ending a sentence, when it is something else."""
    if get_origin(annotation) is not Literal:
        raise ValueError("is not a Literal")
    members = get_args(annotation)
    for member in members:
        if isinstance(member, Enum) and isinstance(member.value, str) and not isinstance(member, str):
            # pydantic takes such a literal from Python only: each frame with this action would be refused.
            raise ValueError(f"holds {member}, which is no text itself: let {type(member).__name__} be a StrEnum")
        if not isinstance(member, str) or not member:
            raise ValueError(f"holds {member!r}, which is not a text that can name a message")
    return [str(member.value) if isinstance(member, Enum) else member for member in members]


def _snake_case(name: str) -> str:
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")
