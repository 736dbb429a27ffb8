"""The Django application; it registers the system checks, and listens to what happens to users and to messages."""

from importlib import import_module

from django.apps import AppConfig


class ChanxConfig(AppConfig):
    name = "chanx"
    verbose_name = "chanx"

    def ready(self) -> None:
        # Checks register themselves when their module is imported, which needs the settings and the models.
        import_module("chanx.checks")
        import_module("chanx.history_checks")
        import_module("chanx.layer_checks")
        import_module("chanx.security_checks")
        import_module("chanx.receivers").connect_receivers()
        import_module("chanx.layer_capacity").hear_of_dropped_messages()
