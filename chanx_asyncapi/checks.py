"""Django system checks of what ``settings.CHANX`` says about documents.

========== ===================================================================
chanx.E101 a permission class cannot be imported, or is none
chanx.E102 a document is about an application that is not installed
chanx.E103 a code that no problem has is silenced
chanx.E104 a server has no address of a WebSocket server
chanx.E105 the name of a document can be in no URL
========== ===================================================================
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.module_loading import import_string

from chanx.document_settings import Server
from chanx.settings import chanx_settings
from chanx_asyncapi.addresses import parse_address
from chanx_asyncapi.reporting import is_code


@register("chanx")
def check_document_settings(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What the types of the settings do not say. Silent while one has a wrong type, which is ``chanx.E001``."""
    if chanx_settings.problems():
        return []
    return [*_permissions(), *_applications(), *_codes(), *_servers(), *_names()]


def _permissions() -> Iterator[CheckMessage]:
    owners = {
        "CHANX['DOCUMENT_PERMISSION_CLASSES']": chanx_settings.DOCUMENT_PERMISSION_CLASSES or (),
        **{
            f"CHANX['DOCUMENTS'][{name!r}]['PERMISSION_CLASSES']": document.get("PERMISSION_CLASSES", ())
            for name, document in chanx_settings.DOCUMENTS.items()
        },
    }
    for owner, paths in owners.items():
        for path in paths:
            try:
                found = import_string(path)
            except Exception as error:  # whatever the module raises is what there is to report
                problem = f"cannot be imported. {type(error).__name__}: {error}"
            else:
                # Not issubclass(): DRF combines classes into other objects, IsAdminUser | IsMember.
                if hasattr(found, "has_permission") or not isinstance(found, type):
                    continue
                problem = "has no has_permission()."
            yield Error(
                f"{owner}: {path!r} {problem}",
                hint="Name a class like those in rest_framework.permissions; until then, nobody can read the document.",
                id="chanx.E101",
            )


def _applications() -> Iterator[CheckMessage]:
    for name, document in chanx_settings.DOCUMENTS.items():
        for label in document.get("APPS", ()):
            try:
                apps.get_app_config(label)
            except LookupError as error:
                yield Error(
                    f"CHANX['DOCUMENTS'][{name!r}]['APPS']: {error}",
                    hint="Write labels: the last part of an application's path, if its AppConfig says no other.",
                    id="chanx.E102",
                )


def _codes() -> Iterator[CheckMessage]:
    for code in chanx_settings.SILENCED_PROBLEMS:
        if not is_code(code):
            yield Error(
                f"CHANX['SILENCED_PROBLEMS']: {code!r} is the code of no problem.",
                hint="The codes are in chanx_asyncapi/problems.py. System checks have SILENCED_SYSTEM_CHECKS.",
                id="chanx.E103",
            )


def _servers() -> Iterator[CheckMessage]:
    urls = {
        **({"CHANX['WEBSOCKET_BASE_URL']": url} if (url := chanx_settings.WEBSOCKET_BASE_URL) else {}),
        **_urls("CHANX['SERVERS']", chanx_settings.SERVERS),
    }
    for name, document in chanx_settings.DOCUMENTS.items():
        urls |= _urls(f"CHANX['DOCUMENTS'][{name!r}]['SERVERS']", document.get("SERVERS", {}))
    for owner, url in urls.items():
        try:
            parse_address(url)
        except ValueError:
            yield Error(
                f"{owner}: {url!r} is no address of a WebSocket server.",
                hint="Write it as wss://host, with a port or a path if need be.",
                id="chanx.E104",
            )


def _urls(owner: str, servers: Mapping[str, Server]) -> dict[str, str]:
    return {f"{owner}[{name!r}]": server["url"] for name, server in servers.items()}


def _names() -> Iterator[CheckMessage]:
    for name in chanx_settings.DOCUMENTS:
        try:
            validate_slug(name)
        except ValidationError:
            yield Error(
                f"CHANX['DOCUMENTS']: {name!r} can be in no URL.",
                hint="Use letters of ASCII, digits, '-' and '_'.",
                id="chanx.E105",
            )
