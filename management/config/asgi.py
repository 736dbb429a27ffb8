"""The ASGI application: HTTP goes to Django, WebSockets to the consumers."""

import os

from channels.routing import ProtocolTypeRouter
from django.contrib.staticfiles.handlers import ASGIStaticFilesHandler
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# First of all: it loads the applications, and the consumers import their models.
django_application = get_asgi_application()

from config.routing import router  # noqa: E402 - see above

application = ProtocolTypeRouter(
    {
        # In production a web server or a CDN serves the static files; the demo has none.
        "http": ASGIStaticFilesHandler(django_application),
        # No AuthMiddlewareStack around it: chanx reads the session itself, and only for allowed origins.
        "websocket": router,
    }
)
