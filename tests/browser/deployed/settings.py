"""The settings of the contract tests, deployed."""

import os
import tempfile
from typing import Any

from config import settings as demo
from tests.contract import settings as contract

globals().update({name: getattr(contract, name) for name in dir(contract) if name.isupper()})

#: Where a proxy has put the service.
PREFIX = "/team/sockets"
FORCE_SCRIPT_NAME = PREFIX
DEBUG = False
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    *(each for each in demo.MIDDLEWARE if not each.endswith("SecurityMiddleware")),
]
STATIC_ROOT = os.environ.get("DEPLOYED_STATIC_ROOT") or tempfile.mkdtemp()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
CHANX: dict[str, Any] = {
    **contract.CHANX,
    "DOCUMENT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "PAGE": {"TITLE": "Team sockets", "THEME": "dark"},
}
