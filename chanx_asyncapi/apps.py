"""The Django application: the command, the page's template and its static files; it registers the system checks."""

from importlib import import_module

from django.apps import AppConfig


class ChanxAsyncapiConfig(AppConfig):
    name = "chanx_asyncapi"
    verbose_name = "chanx AsyncAPI"

    def ready(self) -> None:
        # Checks register themselves when their module is imported, which needs the settings and the models.
        import_module("chanx_asyncapi.checks")
