"""The Django application with the tables of DatabaseHistory. Only who uses it lists it in INSTALLED_APPS."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Named so that its tables are called chanx_history_…."""

    name = "chanx.history.database"
    label = "chanx_history"
    verbose_name = "chanx: history of groups"
    default_auto_field = "django.db.models.BigAutoField"
