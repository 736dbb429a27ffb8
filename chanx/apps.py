"""The Django application; it registers the system checks."""


from django.apps import AppConfig


class ChanxConfig(AppConfig):
    name = "chanx"
    verbose_name = "chanx"

    def ready(self) -> None:
        from chanx import checks  # noqa: F401 - checks register themselves, after the settings are there
