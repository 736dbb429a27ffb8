"""The Django project of the targets: settings, and a database with one user.

Run as a script, it makes the database and prints the credentials of the user as JSON.
"""

import json
import os
from typing import Any, Final
from urllib.parse import urlsplit

#: Seconds that the query of the service ``/query`` takes.
QUERY_SECONDS: Final = 0.2

#: As the demo has it.
_DATABASE: Final[dict[str, Any]] = {
    "ENGINE": "django.db.backends.sqlite3",
    "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": "PRAGMA journal_mode = WAL"},
}


def set_up(*applications: str, **more: Any) -> None:
    """Configures Django; ``BENCHMARK_LAYER`` and ``BENCHMARK_DATABASE`` say where its layer and its data are."""
    import django
    from django.conf import settings

    settings.configure(
        ALLOWED_HOSTS=["127.0.0.1"],
        SECRET_KEY="known to everybody, and the same in every process",
        INSTALLED_APPS=[
            "django.contrib.contenttypes",
            "django.contrib.auth",
            "django.contrib.sessions",
            "rest_framework",
            "rest_framework.authtoken",
            "channels",
            *applications,
        ],
        DATABASES={"default": _DATABASE | {"NAME": os.environ["BENCHMARK_DATABASE"]}},
        CHANNEL_LAYERS={"default": _layer(os.environ.get("BENCHMARK_LAYER", "memory"))},
        USE_TZ=True,
        **more,
    )
    django.setup()


def run_slow_query() -> None:
    """A query that keeps the database busy for QUERY_SECONDS."""
    import time

    from django.db import connection

    connection.ensure_connection()
    connection.connection.create_function("wait", 0, lambda: time.sleep(QUERY_SECONDS))
    with connection.cursor() as cursor:
        cursor.execute("SELECT wait()")


def _layer(where: str) -> dict[str, Any]:
    if where == "memory":
        return {"BACKEND": "channels.layers.InMemoryChannelLayer"}
    parts = urlsplit(where)
    backend = "RedisPubSubChannelLayer" if parts.scheme == "redis+pubsub" else "RedisChannelLayer"
    module = "pubsub" if parts.scheme == "redis+pubsub" else "core"
    # redis-py gives up after 5 seconds by default, in which a layer that waits for a message hears nothing.
    host = {"address": f"redis://{parts.netloc}/0", "socket_timeout": None}
    return {"BACKEND": f"channels_redis.{module}.{backend}", "CONFIG": {"hosts": [host]}}


def _make_database() -> None:
    set_up("chanx.history.database")
    from django.contrib.auth import get_user_model, login
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from django.http import HttpRequest
    from rest_framework.authtoken.models import Token

    call_command("migrate", verbosity=0)
    users: Any = get_user_model().objects
    user = users.create_user("alice", password=None)
    request = HttpRequest()
    request.session = SessionStore()
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    request.session.save()
    token = Token.objects.create(user=user)
    print(json.dumps({"token": token.key, "session": request.session.session_key}))


if __name__ == "__main__":
    _make_database()
