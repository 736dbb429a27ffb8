"""Signals of Django after which a user's connections are not what they were."""

import asyncio
import logging
from collections.abc import Iterable
from functools import partial
from typing import Any, Final, cast

from asgiref.sync import async_to_sync
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_out
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_save

from chanx.close_codes import CloseCode
from chanx.connections import Revocation, digest, user_key
from chanx.handshake import password_hash
from chanx.revocation import publish

logger = logging.getLogger("chanx.revocation")

#: The fields that decide whether a user may be logged in.
_DECISIVE: Final = frozenset({"password", "is_active"})

#: Tasks that carry revocations from synchronous code in an event loop; nobody else holds them.
_publishing: set[asyncio.Task[None]] = set()


def connect_receivers() -> None:
    """Connects them. Called once the models are loaded."""
    user_logged_out.connect(_logged_out, dispatch_uid="chanx.logged_out")
    model: Any = get_user_model()
    # With a sender: without, no model of the project could be deleted by a single query any more.
    for each in user_models():
        post_save.connect(_saved, each, dispatch_uid="chanx.saved")
        post_delete.connect(_deleted, each, dispatch_uid="chanx.deleted")
    for name in ("groups", "user_permissions"):
        if (relation := getattr(model, name, None)) is not None:
            m2m_changed.connect(_permissions_changed, relation.through, dispatch_uid=f"chanx.{name}")
    if apps.is_installed("rest_framework.authtoken"):
        token = apps.get_model("authtoken", "Token")
        post_delete.connect(_token_deleted, token, dispatch_uid="chanx.token")


def user_models() -> list[type[Model]]:
    """AUTH_USER_MODEL and what derives from it: a signal is sent by the class of the instance."""
    return [model for model in apps.get_models() if issubclass(model, get_user_model())]


def _logged_out(sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
    """Closes the connections of the session that ends, and no others of its user."""
    session = digest(getattr(getattr(request, "session", None), "session_key", None))
    key = user_key(user)
    if key is not None and session is not None:
        _publish_quietly(Revocation(user=key, code=CloseCode.NOT_AUTHENTICATED, session=session))


def _saved(
    sender: Any, instance: Any, created: bool, using: str, update_fields: Iterable[str] | None, **kwargs: Any
) -> None:
    """Closes the connections of a user who is not active, and those that were opened with another password."""
    if created or (update_fields is not None and _DECISIVE.isdisjoint(update_fields)):
        return
    # Whether anything has changed is decided where the connections are: nobody here knows what was before.
    password = digest(password_hash(instance)) if instance.is_active else None
    _publish_after_commit(Revocation(user=_key(instance), code=CloseCode.NOT_AUTHENTICATED, password=password), using)


def _deleted(sender: Any, instance: Any, using: str, **kwargs: Any) -> None:
    _publish_after_commit(Revocation(user=_key(instance), code=CloseCode.NOT_AUTHENTICATED), using)


def _token_deleted(sender: Any, instance: Any, using: str, **kwargs: Any) -> None:
    """Rechecks the connections of a token's user: those that were opened with it will fail."""
    _publish_after_commit(Revocation(user=_key(get_user_model()(pk=instance.user_id))), using)


def _permissions_changed(
    sender: Any, instance: Any, action: str, reverse: bool, pk_set: set[Any] | None, using: str, **kwargs: Any
) -> None:
    """Rechecks the connections of users whose groups or permissions have changed."""
    if not action.startswith("post_"):
        return
    model: Any = get_user_model()
    # Seen from a group or a permission, the keys are those of users; after a clear() nobody knows them.
    users = [model(pk=pk) for pk in pk_set or ()] if reverse else [instance]
    for user in users:
        _publish_after_commit(Revocation(user=_key(user)), using)


def _key(user: Any) -> str:
    """The key of a user that is, or was, in the database."""
    return cast("str", user_key(user))


def _publish_after_commit(revocation: Revocation, using: str) -> None:
    # A recheck before would still see what was, and what is rolled back concerns nobody.
    transaction.on_commit(partial(_publish_quietly, revocation), using=using, robust=True)


def _publish_quietly(revocation: Revocation) -> None:
    """Publishes; what fails is logged, and left to the rechecks: no logout may fail for it."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        async_to_sync(_publish)(revocation)
    else:
        task = loop.create_task(_publish(revocation))
        _publishing.add(task)
        task.add_done_callback(_publishing.discard)


async def _publish(revocation: Revocation) -> None:
    try:
        await publish(revocation)
    except Exception:
        logger.exception("Other processes could not be told that connections of %s are revoked", revocation.user)
