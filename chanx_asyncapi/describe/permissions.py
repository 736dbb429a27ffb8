"""What guards a handshake: the classes that count for a consumer, and how a document names them."""

from collections.abc import Sequence
from typing import Any

from rest_framework.permissions import (
    OR,
    SAFE_METHODS,
    AllowAny,
    IsAuthenticatedOrReadOnly,
    OperandHolder,
    SingleOperandHolder,
)

from chanx.generic.authenticator import ChanxAuthView
from chanx_asyncapi.describe.names import class_path


def effective_classes(consumer: type[Any], name: str) -> Sequence[Any]:
    """The classes of a consumer's attribute, such as ``permission_classes``, as the handshake finds them.

    The consumer decides before its authenticator, and that one before its view, which has DRF's defaults.
    """
    authenticator = consumer.authenticator_class
    for owner in (consumer, authenticator, getattr(authenticator, "view_class", ChanxAuthView)):
        classes: Sequence[Any] | None = getattr(owner, name, None)
        if classes is not None:
            return classes
    return ()


def permission_names(consumer: type[Any]) -> list[str]:
    """The dotted path of each permission class, combined as in the source: ``a.IsMember | ~b.IsBanned``."""
    return [_name(permission) for permission in effective_classes(consumer, "permission_classes")]


def admits_anybody(consumer: type[Any]) -> bool:
    """Whether a client without credentials is let in for certain; a project's own class may do so as well."""
    is_safe = consumer.auth_method.upper() in SAFE_METHODS
    return all(
        permission is AllowAny or (permission is IsAuthenticatedOrReadOnly and is_safe)
        for permission in effective_classes(consumer, "permission_classes")
    )


def _name(permission: Any, *, nested: bool = False) -> str:
    if isinstance(permission, SingleOperandHolder):
        # DRF has one such operator, NOT.
        return f"~{_name(permission.op1_class, nested=True)}"
    if isinstance(permission, OperandHolder):
        operator: Any = permission.operator_class
        sign = "|" if operator is OR else "&"
        text = f" {sign} ".join(_name(part, nested=True) for part in (permission.op1_class, permission.op2_class))
        return f"({text})" if nested else text
    return class_path(permission if isinstance(permission, type) else type(permission))
