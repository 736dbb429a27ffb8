"""Settings of the demo project.

It needs no services: SQLite, and a channel layer inside the process. Environment variables change that:

- ``CHANNEL_LAYER``: ``redis://host:port/0`` or ``redis+pubsub://host:port/0``; without it, the process's memory.
- ``DEMO_VAR``: the folder for what the demo writes, by default ``management/var``.
- ``DEMO_DB``: path of the SQLite file, by default ``db.sqlite3`` in that folder.
- ``DJANGO_DEBUG``: ``0`` switches DEBUG off.
- ``DJANGO_SECRET_KEY``, ``DJANGO_ALLOWED_HOSTS`` (separated by commas): for a demo that others can reach.
"""

import os
from pathlib import Path
from typing import Any

from config.channel_layers import channel_layers

BASE_DIR = Path(__file__).resolve().parent.parent
#: What the demo writes; not under version control.
VAR_DIR = Path(os.environ.get("DEMO_VAR", BASE_DIR / "var"))

DEBUG = os.environ.get("DJANGO_DEBUG", "1") not in ("", "0", "false", "no")
# Known to everybody who reads this file: good enough for a demo on one's own machine, and for nothing else.
SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY", "demo-only-and-therefore-no-secret")
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    *filter(None, os.environ.get("DJANGO_ALLOWED_HOSTS", "").split(",")),
]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework.authtoken",
    "drf_spectacular",
    "channels",
    "chanx",
    "chanx.history.database",
    "chanx_asyncapi",
    "chat",
    "assistant",
    "notifications",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DEMO_DB", VAR_DIR / "db.sqlite3"),
        "OPTIONS": {
            # Consumers and views write at the same time. A transaction that begins as a reader and then writes
            # is refused at once; one that begins as a writer waits for its turn, this many seconds.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode = WAL",
        },
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# SQLite makes the file, but not its folder.
if "DEMO_DB" not in os.environ:
    VAR_DIR.mkdir(exist_ok=True)

CHANNEL_LAYERS = channel_layers(os.environ.get("CHANNEL_LAYER", ""))

USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"

STATIC_URL = "static/"
LOGIN_URL = "rest_framework:login"
LOGIN_REDIRECT_URL = "index"
LOGOUT_REDIRECT_URL = "index"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # The first one decides how a missing credential is answered: with 401 here; SessionAuthentication says 403.
        "rest_framework.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.LimitOffsetPagination",
    "PAGE_SIZE": 50,
    "DEFAULT_THROTTLE_RATES": {
        "assistant_connect": "60/min",
        "notify": "60/min",
    },
}

# chanx_asyncapi describes the WebSocket API with the same words.
SPECTACULAR_SETTINGS = {
    "TITLE": "Chanx demo",
    "DESCRIPTION": (
        "A group chat, an assistant that streams its answers, and notifications: three WebSocket services, and the "
        "REST API beside them."
    ),
    "VERSION": "1.0.0",
    "CONTACT": {"name": "The chanx authors", "url": "https://example.org/chanx", "email": "chanx@example.org"},
    "LICENSE": {"name": "BSD-3-Clause", "url": "https://opensource.org/license/bsd-3-clause"},
    "TAGS": [
        {"name": "chat", "description": "Rooms, their messages and announcements."},
        {"name": "moderation", "description": "What the owner of a room does to it."},
        {"name": "assistant", "description": "Questions about this demo, answered word by word."},
        {"name": "notifications", "description": "What a user should know, on every device."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        # The description of the REST API says where that of the WebSockets is.
        "chanx_asyncapi.rest_docs.link_to_page",
    ],
}

CHANX = {
    # One record for each of these would bury the others.
    "LOG_IGNORED_ACTIONS": ["ping", "pong", "token"],
    # What strangers may use is described to strangers, also where DEBUG is off: /ws-docs/public/.
    "DOCUMENTS": {
        "public": {
            "APPS": ["assistant"],
            "INFO": {
                "TITLE": "Chanx demo, for everybody",
                "DESCRIPTION": "An assistant that streams its answers, without logging in.",
                "TAGS": [{"name": "assistant", "description": "Questions about this demo, answered word by word."}],
            },
            "PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
        },
    },
}

#: Seconds between two tokens of the assistant, so that the eye can follow.
ASSISTANT_TOKEN_DELAY = 0.03

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)-7s %(name)s: %(message)s", "datefmt": "%H:%M:%S"},
    },
    # The server logs the address of each handshake, and the ticket that may be in it.
    "filters": {"redact": {"()": "chanx.redaction.RedactQueryFilter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["redact"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "chanx": {"level": "INFO"},
        "uvicorn": {"level": "INFO"},
        # Django has a handler of its own for these; one line each is enough.
        "django": {"level": "INFO", "handlers": []},
    },
}
