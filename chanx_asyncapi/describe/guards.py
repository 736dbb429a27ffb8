"""What guards a handshake: the classes that count for a consumer, and how a document names them."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """Who is let in."""

    authentication_classes: tuple[type[Any], ...]
    #: Dotted paths, combined as in the source: ``a.IsMember | ~b.IsBanned``.
    permissions: tuple[str, ...]
    #: A client without credentials is let in for certain; a project's own permission may let it in as well.
    admit_anybody: bool


def guards(consumer: type[Any]) -> Guards:
    """The guards of a consumer class. Raises TypeError or AttributeError when an attribute is no such thing."""
    permissions = _classes(consumer, "permission_classes")
    is_safe = consumer.auth_method.upper() in SAFE_METHODS
    return Guards(
        authentication_classes=_classes(consumer, "authentication_classes"),
        permissions=tuple(map(_name, permissions)),
        admit_anybody=all(
            permission is AllowAny or (permission is IsAuthenticatedOrReadOnly and is_safe)
            for permission in permissions
        ),
    )


def _classes(consumer: type[Any], name: str) -> tuple[Any, ...]:
    """The classes of an attribute as the handshake finds them.

    The consumer decides before its authenticator, and that one before its view, which has DRF's defaults.
    """
    authenticator = consumer.authenticator_class
    for owner in (consumer, authenticator, getattr(authenticator, "view_class", ChanxAuthView)):
        classes: Any = getattr(owner, name, None)
        if classes is not None:
            return tuple(classes)
    return ()


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
