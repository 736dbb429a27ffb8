from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        # Not before: it imports the models.
        from notifications import signals

        signals.connect()
