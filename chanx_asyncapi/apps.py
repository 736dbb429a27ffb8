"""The Django application: the command, the page's template and its static files."""

from django.apps import AppConfig


class ChanxAsyncapiConfig(AppConfig):
    name = "chanx_asyncapi"
    verbose_name = "chanx AsyncAPI"
